"""HopfieldPooling and HopfieldLayer: what they compute, their sizes, and that they learn the latch task."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")
from neurocl.memory import HopfieldAssociation, HopfieldLayer, HopfieldPooling  # noqa: E402


def size_of(*modules: Any) -> int:
    return sum(p.numel() for module in modules for p in module.parameters())


def test_pooling_associates_its_states_with_the_input() -> None:
    torch.manual_seed(0)
    pool = HopfieldPooling(6, quantity=3, num_heads=2, output_size=4)
    x = torch.randn(5, 7, 6)
    expected = pool.association(x, pool.state.expand(5, -1, -1)).flatten(1)
    assert pool(x).shape == (5, 12)
    assert torch.equal(pool(x), expected)


def test_the_order_of_the_pooled_patterns_does_not_matter() -> None:
    torch.manual_seed(0)
    pool, x = HopfieldPooling(6, quantity=2).double(), torch.randn(3, 8, 6, dtype=torch.float64)
    assert torch.allclose(pool(x), pool(x[:, torch.randperm(8)]), atol=1e-14)


def test_padding_is_as_if_the_patterns_were_not_there() -> None:
    torch.manual_seed(0)
    pool, x = HopfieldPooling(6).double(), torch.randn(2, 8, 6, dtype=torch.float64)
    padding = torch.zeros(2, 8, dtype=torch.bool)
    padding[:, 5:] = True
    assert torch.allclose(pool(x, stored_pattern_padding_mask=padding), pool(x[:, :5]), atol=1e-14)


def test_layer_looks_up_its_targets() -> None:
    torch.manual_seed(0)
    options: dict[str, Any] = {
        "stored_pattern_as_static": True, "state_pattern_as_static": True, "pattern_projection_as_static": True,
        "disable_out_projection": True, "scaling": 50.0, "pattern_projection_size": 2,
        "normalize_stored_pattern": False,
        "normalize_state_pattern": False, "normalize_pattern_projection": False,
    }  # fmt: skip
    layer = HopfieldLayer(4, quantity=4, lookup_weights_as_separated=True, **options)
    with torch.no_grad():
        layer.stored.copy_(torch.eye(4)[None])
        layer.targets.copy_(torch.arange(8.0).reshape(1, 4, 2))
    found = layer(torch.eye(4)[None, [2, 0]])
    assert torch.allclose(found, torch.tensor([[[4.0, 5.0], [0.0, 1.0]]]), atol=1e-6)


def test_what_is_not_trainable_gets_no_gradient() -> None:
    assert not HopfieldPooling(4, trainable=False).state.requires_grad
    layer = HopfieldLayer(4, quantity=2, lookup_weights_as_separated=True, lookup_targets_as_trainable=False)
    assert layer.stored.requires_grad and not layer.targets.requires_grad
    assert HopfieldLayer(4, quantity=2).targets is None


@pytest.mark.parametrize("kind", [HopfieldPooling, HopfieldLayer])
def test_pattern_first_inputs_give_the_same(kind: Any) -> None:
    x, results = torch.randn(3, 5, 6, generator=torch.Generator().manual_seed(0)), []
    for first in (True, False):
        torch.manual_seed(1)
        found = kind(6, quantity=2, batch_first=first)(x if first else x.transpose(0, 1))
        results.append(found if first or kind is HopfieldPooling else found.transpose(0, 1))
    assert torch.allclose(results[0], results[1], atol=1e-7)


def test_parameters_are_as_many_as_in_the_published_models() -> None:
    adapted: dict[str, Any] = {"hidden_size": 8, "num_heads": 8, "update_steps_max": 3, "scaling": 0.25, "dropout": 0.5}
    head = torch.nn.Linear(32 * 20, 1)
    assert size_of(HopfieldAssociation(20), head) == 2441
    assert size_of(HopfieldAssociation(20, **adapted), head) == 6093
    assert size_of(HopfieldPooling(20), torch.nn.Linear(20, 1)) == 1841


def latch(samples: int, length: int, characters: int, seed: int) -> tuple[Any, Any]:
    """Sequences whose label is their first symbol, 0 or 1; the others are drawn from the rest."""
    rng = torch.Generator().manual_seed(seed)
    symbols = torch.randint(2, characters, (samples, length), generator=rng)
    label = torch.randint(0, 2, (samples,), generator=rng)
    symbols[:, 0] = label
    return torch.nn.functional.one_hot(symbols, characters).float(), label.float()


@pytest.mark.parametrize("kind", ["association", "pooling", "layer"])
def test_one_epoch_of_the_latch_task_is_enough(kind: str) -> None:
    torch.manual_seed(42)
    layer = {"association": HopfieldAssociation, "pooling": HopfieldPooling, "layer": HopfieldLayer}[kind]
    model = layer(20, **({"quantity": 20} if kind == "layer" else {}))
    head = torch.nn.Linear(20 if kind == "pooling" else 32 * 20, 1)
    optimizer = torch.optim.AdamW([*model.parameters(), *head.parameters()], lr=1e-3)
    x, y = latch(4096, 32, 20, seed=43)
    for k in range(512, 3584, 32):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            head(model(x[k : k + 32]).flatten(1))[:, 0], y[k : k + 32]
        )
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([*model.parameters(), *head.parameters()], 1.0)
        optimizer.step()
    test = torch.cat([torch.arange(512), torch.arange(3584, 4096)])
    assert ((head(model(x[test]).flatten(1))[:, 0] > 0) == (y[test] > 0)).float().mean() > 0.99
