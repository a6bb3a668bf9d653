"""What a Hopfield layer can be told: the options that its three forms share, checked once."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from neurocl.core._checks import flag, positive_number, probability, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import suggest

__all__ = ["AssociationOptions"]

NORMS = ("stored_pattern", "state_pattern", "pattern_projection", "hopfield_space")


@dataclass(frozen=True)
class AssociationOptions:
    """Options of a Hopfield layer.

    Parameters
    ----------
    input_size : width of a state pattern.
    hidden_size : d_h, width of the association space of one head. Default input_size // num_heads; the width of a
        static state or stored pattern.
    output_size : default input_size.
    pattern_size : d_p, width of a value of one head. Default hidden_size; the width of a static projection.
    num_heads : H.
    scaling : beta, one number or one per head. Default 1 / sqrt(hidden_size), and 1 for a layer without parameters.
    update_steps_max : most updates after the first association, None for as many as are needed; or one per head.
    update_steps_eps : a head stops when the change of its association, a Frobenius norm, is at most this; or per head.
    per_sample : whether each sample stops on its own. By default the batch stops together, and results depend on it.
    normalize_... : layer normalisation of stored_pattern, state_pattern, pattern_projection and (default: off) of
        hopfield_space, each with ..._affine and ..._eps.
    stored_pattern_as_static, state_pattern_as_static, pattern_projection_as_static : no projection of this input; every
        head gets a copy.
    pattern_projection_as_connected : values are projected with the projection of the keys first.
    stored_pattern_size, pattern_projection_size : widths of these inputs. Default input_size.
    batch_first : inputs are [batch, pattern, unit]; else [pattern, batch, unit].
    association_activation : name of a function of torch.nn.functional for the output, such as "tanh".
    dropout : of the last association.
    input_bias : whether projections have a bias.
    concat_bias_pattern : append one learned row to keys and values.
    add_zero_association : append one row of zeros to keys and values.
    disable_out_projection : return the heads side by side.
    """

    input_size: int
    hidden_size: int | None = None
    output_size: int | None = None
    pattern_size: int | None = None
    num_heads: int = 1
    scaling: float | Sequence[float] | None = None
    update_steps_max: int | Sequence[int | None] | None = 0
    update_steps_eps: float | Sequence[float] = 1e-4
    per_sample: bool = False
    normalize_stored_pattern: bool = True
    normalize_stored_pattern_affine: bool = True
    normalize_stored_pattern_eps: float = 1e-5
    normalize_state_pattern: bool = True
    normalize_state_pattern_affine: bool = True
    normalize_state_pattern_eps: float = 1e-5
    normalize_pattern_projection: bool = True
    normalize_pattern_projection_affine: bool = True
    normalize_pattern_projection_eps: float = 1e-5
    normalize_hopfield_space: bool = False
    normalize_hopfield_space_affine: bool = False
    normalize_hopfield_space_eps: float = 1e-5
    stored_pattern_as_static: bool = False
    state_pattern_as_static: bool = False
    pattern_projection_as_static: bool = False
    pattern_projection_as_connected: bool = False
    stored_pattern_size: int | None = None
    pattern_projection_size: int | None = None
    batch_first: bool = True
    association_activation: str | None = None
    dropout: float = 0.0
    input_bias: bool = True
    concat_bias_pattern: bool = False
    add_zero_association: bool = False
    disable_out_projection: bool = False

    @classmethod
    def of(cls, owner: str, input_size: int, options: dict[str, Any]) -> AssociationOptions:
        """Options with every width filled in; NeuroclError, begun by `owner`, for what is unknown or contradicts."""
        known = {field.name for field in dataclasses.fields(cls)}
        for name in options:
            if name not in known:
                raise NeuroclError(f"{owner}: there is no option '{name}'{suggest(name, known)}")
        return cls(input_size, **options)._completed(owner)

    @property
    def is_static(self) -> bool:
        """Whether the layer is the bare network: nothing is projected, so that it has no parameters but of norms."""
        statics = self.stored_pattern_as_static and self.state_pattern_as_static and self.pattern_projection_as_static
        return statics and self.disable_out_projection and not self.normalize_hopfield_space

    def per_head(self, owner: str, name: str) -> list[Any]:
        """The option `name` as one value per head."""
        value = getattr(self, name)
        values = [value] * self.num_heads if value is None or not hasattr(value, "__len__") else list(value)
        if len(values) != self.num_heads:
            raise NeuroclError(
                f"{owner}: {name} must be one value or {self.num_heads}, one per head, got {shown(value)}."
            )
        if name == "update_steps_max":
            return [None if v is None else whole_number(owner, name, v) for v in values]
        return [positive_number(owner, name, v) for v in values]

    def _completed(self, owner: str) -> AssociationOptions:
        for field in dataclasses.fields(self):
            if field.type == "bool":
                flag(owner, field.name, getattr(self, field.name))
        size = whole_number(owner, "input_size", self.input_size, at_least=1)
        heads = whole_number(owner, "num_heads", self.num_heads, at_least=1)
        stored = self._width(owner, "stored_pattern_size", size)
        value = self._width(owner, "pattern_projection_size", size)
        probability(owner, "dropout", self.dropout)
        for norm in NORMS:
            positive_number(owner, f"normalize_{norm}_eps", getattr(self, f"normalize_{norm}_eps"))
        hidden = self._width(owner, "hidden_size", max(size // heads, 1))
        for static, width in ((self.state_pattern_as_static, size), (self.stored_pattern_as_static, stored)):
            if static and self.hidden_size not in (None, width):
                raise NeuroclError(f"{owner}: hidden_size must be the static pattern's width {width}, got {hidden}.")
            hidden = width if static else hidden
        if self.state_pattern_as_static and self.stored_pattern_as_static and size != stored:
            raise NeuroclError(f"{owner}: static state and stored patterns need one width, got {size} and {stored}.")
        pattern = self._width(owner, "pattern_size", value if self.pattern_projection_as_static else hidden)
        if self.pattern_projection_as_static and pattern != value:
            raise NeuroclError(f"{owner}: pattern_size must be the static projection's width {value}, got {pattern}.")
        if self.pattern_projection_as_connected and self._cannot_connect(value, stored, pattern, hidden):
            raise NeuroclError(
                f"{owner}: pattern_projection_as_connected needs projected stored patterns of the projection's width "
                "and pattern_size equal to hidden_size."
            )
        full = dataclasses.replace(
            self, hidden_size=hidden, pattern_size=pattern, stored_pattern_size=stored, pattern_projection_size=value,
            output_size=self._width(owner, "output_size", size),
        )  # fmt: skip
        default = 1.0 if full.is_static else hidden**-0.5
        return dataclasses.replace(full, scaling=default if self.scaling is None else self.scaling)

    def _cannot_connect(self, value: int, stored: int, pattern: int, hidden: int) -> bool:
        static = self.stored_pattern_as_static or self.pattern_projection_as_static
        return static or value != stored or pattern != hidden

    def _width(self, owner: str, name: str, default: int) -> int:
        given = getattr(self, name)
        return default if given is None else whole_number(owner, name, given, at_least=1)
