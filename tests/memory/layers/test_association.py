"""HopfieldAssociation against an independent computation in NumPy, torch's attention, and what it promises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError

torch = pytest.importorskip("torch")
from neurocl.memory import HopfieldAssociation, ModernHopfield  # noqa: E402


def made(input_size: int, seed: int = 0, **options: Any) -> Any:
    """A float64 layer with weights of order one, so that associations are far from uniform."""
    torch.manual_seed(seed)
    layer = HopfieldAssociation(input_size, **options).double().eval()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.6)
    layer.beta.copy_(torch.tensor(layer.options.per_head("test", "scaling"), dtype=torch.float64))
    return layer


def drawn(*shape: int, seed: int = 1) -> Any:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def softmax(z: np.ndarray) -> np.ndarray:
    weights = np.exp(z - z.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def normalised(x: np.ndarray, norm: Any) -> np.ndarray:
    if isinstance(norm, torch.nn.Identity):
        return x
    y = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + norm.eps)
    return y if norm.weight is None else y * norm.weight.detach().numpy() + norm.bias.detach().numpy()


def projected(x: np.ndarray, layer: Any, name: str) -> np.ndarray:
    linear = layer.projections[name]
    y = x @ linear.weight.detach().numpy().T
    return y if linear.bias is None else y + linear.bias.detach().numpy()


def reference(layer: Any, stored: np.ndarray, state: np.ndarray, value: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """One sample, head by head, with the number of updates fixed; `mask` [state, stored] is added."""
    o = layer.options
    y, r, v = (
        normalised(x, layer.norms[n])
        for x, n in zip((stored, state, value), ("stored_pattern", "state_pattern", "pattern_projection"), strict=True)
    )
    if o.pattern_projection_as_connected:
        v = projected(v, layer, "stored")
    sides = []
    for h in range(o.num_heads):
        block, values = (
            slice(h * o.hidden_size, (h + 1) * o.hidden_size),
            slice(h * o.pattern_size, (h + 1) * o.pattern_size),
        )
        q = r if o.state_pattern_as_static else projected(r, layer, "state")[:, block]
        k = y if o.stored_pattern_as_static else projected(y, layer, "stored")[:, block]
        w = v if o.pattern_projection_as_static else projected(v, layer, "value")[:, values]
        q, k = normalised(q, layer.norms["hopfield_space"]), normalised(k, layer.norms["hopfield_space"])
        full = mask
        if o.concat_bias_pattern:
            k = np.vstack([k, layer.bias_key[h].detach().numpy()])
            w = np.vstack([w, layer.bias_value[h].detach().numpy()])
        if o.add_zero_association:
            k, w = np.vstack([k, np.zeros(k.shape[1])]), np.vstack([w, np.zeros(w.shape[1])])
        full = np.hstack([mask, np.zeros((len(mask), len(k) - mask.shape[1]))])
        beta = layer.options.per_head("test", "scaling")[h]
        p = softmax(beta * q @ k.T + full)
        for _ in range(o.per_head("test", "update_steps_max")[h]):
            p = softmax(beta * (p @ k) @ k.T + full)
        sides.append(p @ w)
    result = np.hstack(sides)
    if layer.output is not None:
        result = result @ layer.output.weight.detach().numpy().T + layer.output.bias.detach().numpy()
    return np.tanh(result) if o.association_activation else result


STATIC = {
    "stored_pattern_as_static": True, "state_pattern_as_static": True, "pattern_projection_as_static": True,
    "disable_out_projection": True,
}  # fmt: skip
CASES: dict[str, dict[str, Any]] = {
    "default": {},
    "updates": {"num_heads": 2, "update_steps_max": 3, "scaling": 0.8},
    "per head": {"num_heads": 3, "update_steps_max": [0, 1, 4], "scaling": [0.2, 1, 3.0], "hidden_size": 5},
    "sizes": {"num_heads": 2, "hidden_size": 4, "pattern_size": 3, "output_size": 7, "association_activation": "tanh"},
    "connected": {"num_heads": 2, "pattern_projection_as_connected": True, "update_steps_max": 1},
    "norms": {
        "normalize_hopfield_space": True,
        "normalize_hopfield_space_affine": True,
        "normalize_state_pattern": False,
    },
    "rows": {"num_heads": 2, "concat_bias_pattern": True, "add_zero_association": True, "update_steps_max": 2},
    "static stored": {"num_heads": 2, "stored_pattern_as_static": True, "update_steps_max": 1, "input_bias": False},
    "static state": {"num_heads": 2, "state_pattern_as_static": True},
    "static value": {"num_heads": 2, "pattern_projection_as_static": True, "normalize_stored_pattern_affine": False},
    "static": {"num_heads": 2, "update_steps_max": 2, **STATIC},
}


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_output_is_that_of_the_independent_computation(case: str, masked: bool) -> None:
    # eps so small that the most updates decide
    layer = made(6, update_steps_eps=1e-300, **CASES[case])
    stored, state, value = drawn(3, 5, 6), drawn(3, 4, 6, seed=2), drawn(3, 5, 6, seed=3)
    padding, forbidden = torch.zeros(3, 5, dtype=torch.bool), torch.zeros(4, 5, dtype=torch.bool)
    masks = {}
    if masked:
        padding[0, 3:], padding[2, 0] = True, True
        forbidden[1, 1:3] = True
        masks = {"stored_pattern_padding_mask": padding, "association_mask": forbidden}
    found = layer(stored, state, value, **masks)
    for b in range(3):
        mask = np.where((padding[b] | forbidden).numpy(), -np.inf, 0.0)
        expected = reference(layer, stored[b].numpy(), state[b].numpy(), value[b].numpy(), mask)
        assert np.abs(found[b].detach().numpy() - expected).max() < 1e-13
    assert torch.allclose(layer.associate(stored, state, value, **masks).output, found, atol=1e-13)


def test_without_norms_and_updates_it_is_torchs_attention() -> None:
    plain = {f"normalize_{n}": False for n in ("stored_pattern", "state_pattern", "pattern_projection")}
    layer = made(8, num_heads=2, **plain)
    attention = torch.nn.MultiheadAttention(8, 2, batch_first=True).double().eval()
    with torch.no_grad():
        names = ("state", "stored", "value")
        attention.in_proj_weight.copy_(torch.cat([layer.projections[n].weight for n in names]))
        attention.in_proj_bias.copy_(torch.cat([layer.projections[n].bias for n in names]))
        attention.out_proj.weight.copy_(layer.output.weight)
        attention.out_proj.bias.copy_(layer.output.bias)
    stored, state = drawn(2, 5, 8), drawn(2, 3, 8, seed=2)
    assert torch.allclose(layer(stored, state), attention(state, stored, stored)[0], atol=1e-14)


def test_without_projections_it_is_the_modern_hopfield_network() -> None:
    plain = {f"normalize_{n}": False for n in ("stored_pattern", "state_pattern", "pattern_projection")}
    layer = made(6, update_steps_max=2, update_steps_eps=1e-300, **STATIC, **plain)
    assert not list(layer.parameters())
    stored, state = drawn(1, 9, 6), drawn(1, 4, 6, seed=2)
    memory = ModernHopfield(6, 1.0, "float64").store(stored[0])
    assert torch.allclose(layer(stored, state)[0], memory.update(memory.update(memory.update(state[0]))), atol=1e-13)


@pytest.mark.parametrize("case", ["default", "per head", "rows", "static stored"])
def test_gradients_are_those_of_finite_differences(case: str) -> None:
    layer = made(4, update_steps_eps=1e-300, **{**CASES[case], "hidden_size": 4 if "static" in case else 2})
    stored, state = drawn(2, 3, 4).requires_grad_(), drawn(2, 2, 4, seed=2).requires_grad_()
    mask = torch.tensor([[False, True, False], [True, True, True]])

    def run(stored: Any, state: Any, *parameters: Any) -> Any:
        return layer(stored, state, association_mask=mask)

    assert torch.autograd.gradcheck(run, (stored, state, *layer.parameters()))


@pytest.mark.parametrize("steps", [0, 3])
def test_a_fully_masked_row_gives_zero_and_is_reported(steps: int) -> None:
    layer = made(4, num_heads=2, update_steps_max=steps, disable_out_projection=True)
    stored = drawn(2, 3, 4).requires_grad_()
    padding = torch.tensor([[True, True, True], [False, True, False]])
    found = layer(stored, stored_pattern_padding_mask=padding)
    assert (found[0] == 0).all() and (found[1] != 0).any()
    details = layer.associate(stored, stored_pattern_padding_mask=padding)
    assert details.empty[0].all() and not details.empty[1].any()
    assert (details.probabilities[0] == 0).all()
    found.sum().backward()
    assert torch.isfinite(stored.grad).all()
    assert all(torch.isfinite(p.grad).all() for p in layer.parameters())


@pytest.mark.parametrize("case", CASES)
def test_a_sample_does_not_see_its_batch_mates(case: str) -> None:
    options = {"update_steps_eps": 1e-2, "per_sample": True, **CASES[case]}
    layer = made(6, **options)
    stored, state = drawn(4, 5, 6), drawn(4, 3, 6, seed=2)
    together = layer(stored, state)
    alone = torch.cat([layer(stored[b : b + 1], state[b : b + 1]) for b in range(4)])
    assert torch.allclose(together, alone, atol=1e-14)


def test_samples_stop_together_by_default_and_alone_if_asked() -> None:
    options: dict[str, Any] = {"update_steps_max": None, "update_steps_eps": 1e-3, "scaling": 0.5}
    stored, state = drawn(5, 6, 6), drawn(5, 2, 6, seed=2)
    batch = made(6, **options).associate(stored, state).steps
    single = made(6, per_sample=True, **options).associate(stored, state).steps
    assert len(set(batch[:, 0].tolist())) == 1
    assert len(set(single[:, 0].tolist())) > 1
    assert batch.max() == single.max()


def test_masks_may_be_bytes_floats_and_per_head() -> None:
    layer = made(4, num_heads=2, scaling=2)
    stored = drawn(2, 3, 4)
    forbidden = torch.rand(4, 3, 3, generator=torch.Generator().manual_seed(0)) < 0.3
    added = torch.zeros(4, 3, 3, dtype=torch.float64).masked_fill(forbidden, -torch.inf)
    expected = layer(stored, association_mask=forbidden)
    assert torch.equal(layer(stored, association_mask=forbidden.byte()), expected)
    assert torch.equal(layer(stored, association_mask=added), expected)
    padding = torch.tensor([[False, True, False], [False, False, True]])
    assert torch.equal(
        layer(stored, stored_pattern_padding_mask=padding), layer(stored, stored_pattern_padding_mask=padding.byte())
    )


def test_pattern_first_inputs_give_the_same() -> None:
    first, second = made(6, batch_first=True), made(6, batch_first=False)
    stored, state = drawn(3, 5, 6), drawn(3, 4, 6, seed=2)
    assert torch.equal(second(stored.transpose(0, 1), state.transpose(0, 1)).transpose(0, 1), first(stored, state))


def test_initial_weights_are_small_normal_numbers() -> None:
    torch.manual_seed(0)
    layer = HopfieldAssociation(200, concat_bias_pattern=True)
    assert float(layer.projections["state"].weight.detach().std()) == pytest.approx(0.02, rel=0.02)
    assert float(layer.bias_key.detach().std()) == pytest.approx(0.02, rel=0.2)
    assert not layer.output.bias.any() and (layer.norms["stored_pattern"].weight == 1).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_head": 2}, "there is no option 'num_head'.*num_heads"),
        ({"scaling": 0.0}, "scaling must be > 0"),
        ({"num_heads": 2, "scaling": [1.0]}, "scaling must be one value or 2, one per head"),
        ({"update_steps_eps": 0.0}, "update_steps_eps must be > 0"),
        ({"stored_pattern_as_static": True, "hidden_size": 3}, "hidden_size must be the static pattern's width 6"),
        ({"association_activation": "wavy"}, "must name a function of torch.nn.functional"),
        ({"pattern_projection_as_connected": True, "pattern_size": 2}, "pattern_projection_as_connected needs"),
        ({"dropout": 1.5}, "dropout is a probability"),
    ],
)
def test_mistakes_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(NeuroclError, match=message):
        HopfieldAssociation(6, **options)


def test_wrong_shapes_are_named() -> None:
    layer = HopfieldAssociation(6)
    with pytest.raises(NeuroclError, match=r"stored must be \[batch, pattern, 6\], got \[2, 6\]"):
        layer(torch.zeros(2, 6))
    with pytest.raises(NeuroclError, match=r"association_mask must be \[state, stored\] = \[4, 4\]"):
        layer(torch.zeros(2, 4, 6), association_mask=torch.zeros(3, 4))
    with pytest.raises(NeuroclError, match="must have one batch size"):
        layer(torch.zeros(2, 4, 6), torch.zeros(3, 4, 6))
