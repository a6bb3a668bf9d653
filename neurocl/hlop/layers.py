"""Layers whose weights learn outside of the subspace of past activity: `HLOPLinear` and `HLOPConv2d`.

In training mode, a layer projects its weight gradient if its subspace has old rows, and lets the new rows learn from
its input if there are any. In evaluation mode, or without gradients, it is the plain layer. The output, the gradient of
the input and that of the bias are those of the plain layer always.

Error propagation ("feedback")
    backprop     dL/dx = G W
    alignment    dL/dx = G B, B fixed, uniform in [-1/sqrt(n), 1/sqrt(n)]
    sign         dL/dx = G sign(W) / sqrt(n); of a convolution, sign(W) sqrt(2 / (height width out)); sign(0) = 0
Source       Xiao et al. (2024), ICLR, arXiv:2402.11984; Lillicrap et al. (2016), Nature Commun. 7:13276 (alignment);
             Liao, Leibo & Poggio (2016), AAAI (sign).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from neurocl.core.errors import NeuroclError, shown
from neurocl.hlop.convolution import ProjectedConvolution, as_maps
from neurocl.hlop.product import ProjectedLinear, Projection
from neurocl.hlop.subspace import HebbianSubspace

__all__ = ["FEEDBACKS", "HLOPConv2d", "HLOPLinear"]

FEEDBACKS = ("backprop", "alignment", "sign")


class HLOPLinear(nn.Linear):
    """A Linear layer with subspace neurons.

    Parameters
    ----------
    in_features, out_features, bias, device, dtype : as of ``torch.nn.Linear``.
    subspace : of its inputs, n = in_features; None: a plain layer.
    feedback : "backprop", "alignment" or "sign".

    Attributes
    ----------
    subspace : the `HebbianSubspace`, or None; may be set.
    is_active : whether to project and to learn at all; a pass on other samples (rehearsal) may set it to False.
    learns : whether new rows learn while the layer is active.

    Raises
    ------
    NeuroclError
        If the subspace has another width, or the feedback is unknown.

    Examples
    --------
    >>> layer = HLOPLinear(20, 5, subspace=HebbianSubspace(20, lr=0.01))
    >>> layer.subspace.grow(4)                       # task 0: the rows learn, nothing is projected
    >>> layer(torch.randn(8, 20)).sum().backward()
    >>> layer.subspace.merge(); layer.subspace.grow(2)    # task 1: weights learn outside of the first rows
    """

    has_plain_gradients = True  # in evaluation mode, in which the strategies measure

    back: Tensor | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        subspace: HebbianSubspace | None = None,
        feedback: str = "backprop",
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(in_features, out_features, bias, device, dtype)
        _check_feedback("HLOPLinear", feedback, FEEDBACKS)
        _check_subspace("HLOPLinear", subspace, in_features)
        self.subspace, self.feedback, self.is_active, self.learns = subspace, feedback, True, True
        bound = 1.0 / math.sqrt(in_features)
        fixed = torch.empty_like(self.weight).uniform_(-bound, bound) if feedback == "alignment" else None
        self.register_buffer("back", fixed)

    @classmethod
    def of(cls, layer: nn.Linear) -> Self:
        """An HLOP layer with the parameters of a plain one (the same objects)."""
        made = cls(layer.in_features, layer.out_features, layer.bias is not None, device="meta")
        made.weight, made.bias = layer.weight, layer.bias
        return made.train(layer.training)

    def forward(
        self, x: Tensor, trace: Tensor | None = None, activity: Tensor | None = None, calls: int = 1
    ) -> Tensor:
        """W x + b.

        Parameters
        ----------
        x : [..., in].
        trace : what the weight gradient sees in place of `x` (eligibility traces of online training); both are
            [time, batch, in], or one step [batch, in].
        activity : what the subspace learns from, [..., in]. Default: `x`; with traces, at each time step the rows of
            `x` and of the trace together, one call after the other.
        calls : of `HebbianSubspace.update`, on the same activity.
        """
        if not (self.training and torch.is_grad_enabled()):
            return functional.linear(x, self.weight, self.bias)
        back = self.back if self.feedback != "sign" else self.weight.detach().sign() / math.sqrt(self.in_features)
        seen, projection = x if trace is None else trace, _projection(self)
        learner = _learner(self)
        if learner is not None:
            residual = self._learn(learner, x, trace, activity, calls)
            if projection is not None and residual is not None:
                seen, projection = residual, None
        out: Tensor = ProjectedLinear.apply(x, self.weight, self.bias, back, seen, projection)
        return out

    @torch.no_grad()
    def _learn(
        self, learner: HebbianSubspace, x: Tensor, trace: Tensor | None, activity: Tensor | None, calls: int
    ) -> Tensor | None:
        """Let the subspace learn; return the residual of what the weight gradient sees, where it was computed."""
        if trace is not None and activity is None:
            z = torch.cat([x, trace], -2)
            z = z if z.ndim == 3 else z[None]
            rest = learner.residual(z.flatten(0, 1)).view_as(z)
            for rows, residual in zip(z, rest, strict=True):
                learner.learn(rows, residual)
            return rest[:, x.shape[-2] :].reshape(trace.shape)
        learned = x if activity is None else activity
        rows = learned.reshape(-1, learned.shape[-1])
        residual = learner.residual(rows)
        for _ in range(calls):
            learner.learn(rows, residual)
        return residual.view_as(x) if activity is None else None


class HLOPConv2d(nn.Conv2d):
    """A Conv2d layer with subspace neurons; the subspace is that of its patches.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, dilation, bias : as of ``torch.nn.Conv2d``; no groups,
        padding as numbers and with zeros.
    subspace : n = in_channels x kernel height x kernel width, in this order; None: a plain layer.
    feedback : "backprop" or "sign".
    subspace_stride : stride of the patches that the subspace learns from. Default: the layer's own; 1 is what the
        reference takes for its strided 3 x 3 layers.

    Raises
    ------
    NeuroclError
        For groups, padding as text or with other values than zeros, a subspace of another width, an unknown feedback.
    """

    has_plain_gradients = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        bias: bool = True,
        subspace: HebbianSubspace | None = None,
        feedback: str = "backprop",
        subspace_stride: int | tuple[int, int] | None = None,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        if groups != 1 or isinstance(padding, str) or padding_mode != "zeros":
            raise NeuroclError(
                "HLOPConv2d: groups must be 1, padding a number and padding_mode 'zeros', got groups="
                f"{groups}, padding={padding!r}, padding_mode={padding_mode!r}; the subspace is that of whole patches."
            )
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, bias=bias, device=device, dtype=dtype
        )
        _check_feedback("HLOPConv2d", feedback, ("backprop", "sign"))
        _check_subspace("HLOPConv2d", subspace, self.weight[0].numel())
        self.subspace, self.feedback, self.is_active, self.learns = subspace, feedback, True, True
        self.subspace_stride = self.stride if subspace_stride is None else subspace_stride

    @classmethod
    def of(cls, layer: nn.Conv2d) -> Self:
        """An HLOP layer with the parameters of a plain one (the same objects)."""
        names = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups")
        sizes: dict[str, Any] = {name: getattr(layer, name) for name in (*names, "padding_mode")}
        made = cls(**sizes, bias=layer.bias is not None, device="meta")
        made.weight, made.bias = layer.weight, layer.bias
        return made.train(layer.training)

    def forward(self, x: Tensor, activity: Tensor | None = None) -> Tensor:
        """The convolution.

        Parameters
        ----------
        x : [batch, channel, height, width], one sample [channel, ...], or [time, batch, ...]; the output has as many
            axes.
        activity : what the subspace learns from, maps of the same size. Default: `x`.
        """
        if not (self.training and torch.is_grad_enabled()):
            out = self._conv_forward(as_maps(x), self.weight, self.bias)
            return out.view(*x.shape[:-3], *out.shape[1:])
        back = None
        if self.feedback == "sign":
            back = self.weight.detach().sign() * math.sqrt(2.0 / (self.weight[0, 0].numel() * self.out_channels))
        geometry = (self.stride, self.padding, self.dilation)
        out = ProjectedConvolution.apply(x, self.weight, self.bias, back, geometry, _projection(self))
        learner = _learner(self)
        if learner is not None:
            learner.update(self.patches((x if activity is None else activity).detach()))
        return out

    def patches(self, maps: Tensor) -> Tensor:
        """What the subspace learns from maps: their patches as rows [row, channel x height x width]."""
        size, stride = self.kernel_size, self.subspace_stride
        padding: Any = self.padding
        found = functional.unfold(as_maps(maps), size, self.dilation, padding, stride)
        return found.transpose(1, 2).reshape(-1, found.shape[1])


def _active(layer: HLOPLinear | HLOPConv2d) -> HebbianSubspace | None:
    """The layer's subspace, if it is to act; it may have been set since the layer was made."""
    if not layer.is_active:
        return None
    _check_subspace(type(layer).__name__, layer.subspace, layer.weight.numel() // len(layer.weight))
    return layer.subspace


def _projection(layer: HLOPLinear | HLOPConv2d) -> Projection | None:
    subspace = _active(layer)
    return Projection(subspace) if subspace is not None and subspace.n_old else None


def _learner(layer: HLOPLinear | HLOPConv2d) -> HebbianSubspace | None:
    """The layer's subspace, if some of its rows are to learn."""
    subspace = _active(layer)
    return subspace if layer.learns and subspace is not None and subspace.n_new else None


def _check_feedback(owner: str, feedback: str, known: Sequence[str]) -> None:
    if feedback not in known:
        raise NeuroclError(f"{owner}: feedback must be one of {', '.join(known)}, got {shown(feedback)}.")


def _check_subspace(owner: str, subspace: HebbianSubspace | None, n: int) -> None:
    if not isinstance(subspace, HebbianSubspace | None):
        raise NeuroclError(f"{owner}: subspace must be a HebbianSubspace or None, got {shown(subspace)}.")
    if subspace is not None and subspace.n != n:
        raise NeuroclError(f"{owner}: the subspace has n={subspace.n} where the layer has {n} inputs; give n={n}.")
