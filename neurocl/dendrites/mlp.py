"""A network with active dendrites: [dendritic layer, k winners] for each hidden layer, then a sparse linear output.

All layers but the first expect inputs of which a share `percent_on` is active, which scales their initial weights.
Source   Iyer et al. (2022), Front. Neurorobotics 16:846219
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from torch import Tensor, nn

from neurocl.core._checks import probability, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.dendrites.active_dendrites import ActiveDendriteLinear
from neurocl.dendrites.k_winners import KWinners
from neurocl.dendrites.sparse_linear import SparseLinear

__all__ = ["DendriticMLP"]


class DendriticMLP(nn.Module):
    """Multi-layer perceptron with active dendrites.

    Parameters
    ----------
    n_in, n_out : inputs (all axes of a sample but the first are flattened) and outputs.
    n_segments : segments of each hidden unit; 0: no dendrites.
    context_size : elements of a context. Default: `n_in`.
    hidden : units of each hidden layer. Default (2048, 2048).
    percent_on : share of winners in a hidden layer; 1: rectified units instead. Default 0.05.
    weight_sparsity, segment_sparsity : shares of absent weights. Defaults 0.5 and 0.
    context_density : expected share of active elements of a context. Default 0.1.
    gate : "absolute_max" (default), "max" or "bias".
    sparse_gradient : as in `DendriteSegments`.

    Attributes
    ----------
    layers : the hidden layers; activations : what follows each; output : the last layer.
    """

    def __init__(
        self, n_in: int, n_out: int, n_segments: int = 10, context_size: int | None = None,
        hidden: Sequence[int] = (2048, 2048), percent_on: float = 0.05, *, weight_sparsity: float = 0.5,
        segment_sparsity: float = 0.0, context_density: float = 0.1, gate: str = "absolute_max",
        sparse_gradient: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        owner = "DendriticMLP"
        if not isinstance(hidden, Iterable):
            raise NeuroclError(f"{owner}: hidden must be a list of layers' units such as ({hidden},), got {hidden}.")
        sizes = [whole_number(owner, "n_in", n_in, at_least=1)]
        sizes += [whole_number(owner, "hidden", n, at_least=1) for n in hidden]
        if len(sizes) == 1:
            raise NeuroclError(f"{owner}: hidden must name at least one layer, got ().")
        if probability(owner, "percent_on", percent_on) == 0.0:
            raise NeuroclError(f"{owner}: percent_on must be > 0, got 0; no unit would win.")
        self.context_size = n_in if context_size is None else context_size
        self.n_segments = n_segments
        self.layers = nn.ModuleList(
            ActiveDendriteLinear(
                a, b, n_segments, self.context_size, gate, sparsity=weight_sparsity,
                input_density=percent_on if k else 1.0, segment_sparsity=segment_sparsity,
                context_density=context_density, sparse_gradient=sparse_gradient,
                from_winners=bool(k) and percent_on < 1.0,
            )
            for k, (a, b) in enumerate(pairwise(sizes))
        )  # fmt: skip
        # Nothing is boosted: duty cycles only tell how units were used, over all of the training
        options = {"k_inference_factor": 1.0, "boost_strength": 0.0, "duty_cycle_period": 2**20}
        self.activations = nn.ModuleList(
            nn.ReLU() if percent_on == 1.0 else KWinners(n, percent_on, **options)  # type: ignore[arg-type]
            for n in sizes[1:]
        )
        self.output = SparseLinear(sizes[-1], n_out, weight_sparsity, percent_on)

    def forward(self, x: Tensor, context: Tensor | None = None, index: Tensor | None = None) -> Tensor:
        """Outputs [batch, output]; context and index as in `ActiveDendriteLinear`."""
        h = x.flatten(1)
        for layer, activation in zip(self.layers, self.activations, strict=True):
            h = activation(layer(h, context=context, index=index))
        logits: Tensor = self.output(h)
        return logits
