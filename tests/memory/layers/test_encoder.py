"""Transformer blocks with Hopfield layers: torch's own with the same weights, gradients, masks and mistakes."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("torch")
import torch
from torch import nn

from neurocl.core.errors import NeuroclError
from neurocl.memory import HopfieldAssociation, HopfieldDecoderLayer, HopfieldEncoderLayer

PLAIN = {f"normalize_{name}": False for name in ("stored_pattern", "state_pattern", "pattern_projection")}


def attention(width: int = 12, heads: int = 3, **options: Any) -> HopfieldAssociation:
    return HopfieldAssociation(width, num_heads=heads, **{**PLAIN, **options})


def copy_attention(own: HopfieldAssociation, other: nn.MultiheadAttention) -> None:
    parts = [own.projections[name] for name in ("state", "stored", "value")]
    with torch.no_grad():
        other.in_proj_weight.copy_(torch.cat([part.weight for part in parts]))
        other.in_proj_bias.copy_(torch.cat([part.bias for part in parts]))
        assert own.output is not None
        other.out_proj.weight.copy_(own.output.weight)
        other.out_proj.bias.copy_(own.output.bias)


def perturbed(module: nn.Module) -> Any:
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return module.double().eval()


@pytest.fixture(autouse=True)
def _seeded() -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def test_a_layer_without_iterations_is_the_block_of_a_transformer_encoder() -> None:
    own = perturbed(HopfieldEncoderLayer(attention(), dim_feedforward=20))
    other = nn.TransformerEncoderLayer(12, 3, 20, batch_first=True).double().eval()
    copy_attention(own.association, other.self_attn)
    other.linear1, other.linear2 = own.feed_forward.first, own.feed_forward.second
    other.norm1, other.norm2 = own.norm, own.feed_forward.norm
    x = torch.randn(4, 5, 12, dtype=torch.float64)
    assert torch.allclose(own(x), other(x), atol=1e-12)


def test_a_layer_without_iterations_is_the_block_of_a_transformer_decoder() -> None:
    own = perturbed(HopfieldDecoderLayer(attention(), attention(), dim_feedforward=20))
    other = nn.TransformerDecoderLayer(12, 3, 20, batch_first=True).double().eval()
    copy_attention(own.association_self, other.self_attn)
    copy_attention(own.association_cross, other.multihead_attn)
    other.linear1, other.linear2 = own.feed_forward.first, own.feed_forward.second
    other.norm1, other.norm2, other.norm3 = own.norm_self, own.norm_cross, own.feed_forward.norm
    x, memory = torch.randn(4, 5, 12, dtype=torch.float64), torch.randn(4, 7, 12, dtype=torch.float64)
    causal = torch.triu(torch.ones(5, 5, dtype=torch.bool), 1)
    found = own(x, memory, masks_self={"association_mask": causal})
    assert torch.allclose(found, other(x, memory, tgt_mask=causal), atol=1e-12)


def test_gradients_with_iterations_agree_with_finite_differences() -> None:
    block = perturbed(HopfieldEncoderLayer(attention(4, 2, update_steps_max=2), dim_feedforward=5, activation="gelu"))
    x = torch.randn(2, 3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(block, (x,))


def test_padding_does_not_reach_other_patterns() -> None:
    block = perturbed(HopfieldEncoderLayer(attention(), dim_feedforward=20))
    x = torch.randn(1, 5, 12, dtype=torch.float64)
    mask = torch.tensor([[False, False, False, True, True]])
    other = x.clone()
    other[:, 3:] += 1.0
    found, changed = (block(values, stored_pattern_padding_mask=mask) for values in (x, other))
    assert torch.equal(found[:, :3], changed[:, :3])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: HopfieldEncoderLayer(nn.Linear(3, 3)), "association must be a HopfieldAssociation"),
        (lambda: HopfieldEncoderLayer(attention(output_size=5)), "must keep the width 12 of its input, but gives 5"),
        (lambda: HopfieldEncoderLayer(attention(), activation="relish"), "activation must name a function"),
        (lambda: HopfieldEncoderLayer(attention(), dropout=1.5), "dropout is a probability"),
        (lambda: HopfieldEncoderLayer(attention(), dim_feedforward=0), "dim_feedforward must be a whole number >= 1"),
        (lambda: HopfieldDecoderLayer(attention(), attention(9)), "both associations need one width, got 12 and 9"),
    ],
)
def test_mistakes_are_named(make: Any, message: str) -> None:
    with pytest.raises(NeuroclError, match=message):
        make()
