"""HopfieldAssociation: associates state patterns with stored patterns and returns projections of what was found.

Projections  q = R W_Q^T + b_Q, k = Y W_K^T + b_K, v = V W_V^T + b_V, in contiguous blocks of heads, after layer
             normalisation of each input; a static input is copied to every head instead
Iteration    p = softmax(beta q k^T), q <- p k, see `iteration`; the default makes no update, which is attention
Output       (heads side by side) W_O^T + b_O
Initial      all weights N(0, 0.02^2), biases 0
Source       Ramsauer et al. (2021), ICLR, "Hopfield networks is all you need"
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from neurocl.core.errors import NeuroclError, shown
from neurocl.memory.layers.iteration import Association, Stopping, attend, iterate
from neurocl.memory.layers.masks import combined_mask
from neurocl.memory.layers.options import AssociationOptions

__all__ = ["INITIAL_SD", "HopfieldAssociation"]

INITIAL_SD = 0.02


class HopfieldAssociation(nn.Module):
    """Associate two sets of patterns.

    Parameters
    ----------
    input_size : width of a state pattern.
    **options : the fields of `AssociationOptions`.

    Examples
    --------
    >>> layer = HopfieldAssociation(16, num_heads=4, update_steps_max=3)
    >>> layer(torch.zeros(2, 7, 16)).shape
    torch.Size([2, 7, 16])
    """

    beta: Tensor
    eps: Tensor

    def __init__(self, input_size: int, **options: Any) -> None:
        super().__init__()
        self.options = AssociationOptions.of(type(self).__name__, input_size, options)
        self._steps_max = self.options.per_head(type(self).__name__, "update_steps_max")
        for name, option in (("beta", "scaling"), ("eps", "update_steps_eps")):
            values = torch.tensor(self.options.per_head(type(self).__name__, option), dtype=torch.get_default_dtype())
            self.register_buffer(name, values, persistent=False)
        self._activation = self._function(self.options.association_activation)
        self._make_norms()
        self._make_projections()
        self.reset_parameters()

    def _function(self, name: str | None) -> Any:
        function = None if name is None else getattr(nn.functional, name, None)
        if name is not None and not callable(function):
            raise NeuroclError(
                f"{type(self).__name__}: association_activation must name a function of torch.nn.functional, "
                f"such as 'tanh', got {shown(name)}."
            )
        return function

    def _make_norms(self) -> None:
        o = self.options
        widths = {
            "stored_pattern": o.stored_pattern_size, "state_pattern": o.input_size,
            "pattern_projection": o.pattern_projection_size, "hopfield_space": o.hidden_size,
        }  # fmt: skip
        self.norms = nn.ModuleDict()
        for name, width in widths.items():
            use, affine, eps = (getattr(o, f"normalize_{name}{end}") for end in ("", "_affine", "_eps"))
            self.norms[name] = nn.LayerNorm(width, eps=eps, elementwise_affine=affine) if use else nn.Identity()

    def _make_projections(self) -> None:
        o = self.options
        hidden, pattern = o.num_heads * (o.hidden_size or 0), o.num_heads * (o.pattern_size or 0)
        value_width = hidden if o.pattern_projection_as_connected else o.pattern_projection_size or 0
        sizes = {
            "state": (o.state_pattern_as_static, o.input_size, hidden),
            "stored": (o.stored_pattern_as_static, o.stored_pattern_size or 0, hidden),
            "value": (o.pattern_projection_as_static, value_width, pattern),
        }
        self.projections = nn.ModuleDict(
            {name: nn.Linear(wide, out, bias=o.input_bias) for name, (static, wide, out) in sizes.items() if not static}
        )
        self.output = None if o.disable_out_projection else nn.Linear(pattern, o.output_size or 0)
        if o.concat_bias_pattern:
            self.bias_key = nn.Parameter(torch.empty(o.num_heads, 1, o.hidden_size or 0))
            self.bias_value = nn.Parameter(torch.empty(o.num_heads, 1, o.pattern_size or 0))

    def reset_parameters(self) -> None:
        """Draw all weights again from N(0, 0.02^2); biases become 0 and normalisations the identity."""
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            elif name.startswith("norms."):
                nn.init.ones_(parameter)
            else:
                nn.init.normal_(parameter, std=INITIAL_SD)

    def forward(
        self,
        stored: Tensor,
        state: Tensor | None = None,
        projection: Tensor | None = None,
        *,
        stored_pattern_padding_mask: Tensor | None = None,
        association_mask: Tensor | None = None,
    ) -> Tensor:
        """What the state patterns are associated with.

        Parameters
        ----------
        stored : Y, [batch, stored, stored_pattern_size].
        state : R, [batch, state, input_size]; by default `stored`.
        projection : V, [batch, stored, pattern_projection_size]; by default `stored`.
        stored_pattern_padding_mask : bool or byte [batch, stored], True: ignore this pattern.
        association_mask : [state, stored] or [batch * heads, state, stored]; bool or byte, True: forbidden; or float,
            added to the scores. A state that may be associated with nothing gets the result 0 before the output
            projection.

        Returns
        -------
        Tensor
            [batch, state, output_size].
        """
        q, k, v, mask = self._prepare(stored, state, projection, stored_pattern_padding_mask, association_mask)
        dropout = self.options.dropout if self.training else 0.0
        if self._stopping.at_once:
            return self._finish(attend(q, k, v, self.beta, mask, dropout))
        return self._finish(iterate(q, k, v, self.beta, mask, self._stopping, dropout)[0])

    def associate(
        self,
        stored: Tensor,
        state: Tensor | None = None,
        projection: Tensor | None = None,
        *,
        stored_pattern_padding_mask: Tensor | None = None,
        association_mask: Tensor | None = None,
    ) -> Association:
        """As `forward`, with the association itself, the updates made and the states that were masked from all."""
        q, k, v, mask = self._prepare(stored, state, projection, stored_pattern_padding_mask, association_mask)
        dropout = self.options.dropout if self.training else 0.0
        result, p, steps, empty = iterate(q, k, v, self.beta, mask, self._stopping, dropout)
        return Association(self._finish(result), p, steps, empty)

    @property
    def _stopping(self) -> Stopping:
        return Stopping(self._steps_max, self.eps, self.options.per_sample)

    def _prepare(
        self,
        stored: Tensor,
        state: Tensor | None,
        projection: Tensor | None,
        padding: Tensor | None,
        mask: Tensor | None,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
        state = stored if state is None else state
        projection = stored if projection is None else projection
        o = self.options
        widths = (o.stored_pattern_size, o.input_size, o.pattern_projection_size)
        inputs = dict(zip(("stored", "state", "projection"), (stored, state, projection), strict=True))
        for (name, tensor), width in zip(inputs.items(), widths, strict=True):
            if tensor.ndim != 3 or tensor.shape[-1] != width:
                raise NeuroclError(
                    f"{type(self).__name__}: {name} must be [batch, pattern, {width}], got {list(tensor.shape)}."
                )
        if not o.batch_first:
            stored, state, projection = (x.transpose(0, 1) for x in (stored, state, projection))
        if not len(stored) == len(state) == len(projection) or stored.shape[1] != projection.shape[1]:
            raise NeuroclError(
                f"{type(self).__name__}: stored, state and projection must have one batch size, and one projection per "
                f"stored pattern, got {list(stored.shape)}, {list(state.shape)} and {list(projection.shape)}."
            )
        q = self.norms["hopfield_space"](self._heads("state", self.norms["state_pattern"](state)))
        k = self.norms["hopfield_space"](self._heads("stored", self.norms["stored_pattern"](stored)))
        value = self.norms["pattern_projection"](projection)
        if o.pattern_projection_as_connected:
            value = self.projections["stored"](value)
        v = self._heads("value", value)
        combined = combined_mask(type(self).__name__, padding, mask, (len(q), o.num_heads, q.shape[2], k.shape[2]), q)
        k, v, extra = self._with_rows(k, v)
        if combined is not None and extra:
            combined = nn.functional.pad(combined, (0, extra))
        return q, k, v, combined

    def _heads(self, name: str, x: Tensor) -> Tensor:
        """Projected and split into heads, [B, H, pattern, width]; every head gets a copy of a static input."""
        if name not in self.projections:
            return x[:, None].expand(-1, self.options.num_heads, -1, -1)
        projected: Tensor = self.projections[name](x)
        return projected.unflatten(-1, (self.options.num_heads, -1)).transpose(1, 2)

    def _with_rows(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor, int]:
        """Keys and values with the learned row and the row of zeros, and how many rows these are."""
        extra = 0
        if self.options.concat_bias_pattern:
            k = torch.cat([k, self.bias_key.expand(len(k), -1, -1, -1)], dim=2)
            v = torch.cat([v, self.bias_value.expand(len(v), -1, -1, -1)], dim=2)
            extra += 1
        if self.options.add_zero_association:
            k, v = nn.functional.pad(k, (0, 0, 0, 1)), nn.functional.pad(v, (0, 0, 0, 1))
            extra += 1
        return k, v, extra

    def _finish(self, heads: Tensor) -> Tensor:
        result = heads.transpose(1, 2).flatten(2)
        if self.output is not None:
            result = self.output(result)
        if self._activation is not None:
            result = self._activation(result)
        return result if self.options.batch_first else result.transpose(0, 1)
