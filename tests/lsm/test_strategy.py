"""A frozen liquid as a continual learner."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

if importlib.util.find_spec("torch") is None:
    pytest.skip('needs PyTorch: pip install "neurocl[torch]"', allow_module_level=True)

import torch

from neurocl import continual, lsm
from neurocl.core.errors import NeuroclError
from neurocl.data import digits
from neurocl.lsm.count_features import count_shares

DATA = digits().subset(120, 60)
SMALL = {"n": 60, "steps": 60, "threads": 1, "pre_samples": 40}


@pytest.fixture(scope="module")
def liquid():
    torch.set_num_threads(1)
    return lsm.NALSM(**SMALL).prepare(DATA.x_train)


def learner(liquid, *plugins):
    model = lsm.LiquidReadout(liquid)
    return continual.Strategy(*plugins, model=model, optimizer="adam", lr=0.03, epochs=4, batch_size=8)


def test_learns_one_task_after_another_on_a_liquid_that_stays(liquid):
    weights = liquid.liquid_.weights.recurrent.copy()
    benchmark = continual.split(DATA, n_experiences=5, scenario="task")
    results = continual.run(benchmark, learner(liquid), seeds=[0])
    assert results.matrix.shape == (1, 5, 5)
    assert np.diag(results.matrix[0]).mean() > 0.8
    np.testing.assert_array_equal(liquid.liquid_.weights.recurrent, weights)


def test_features_depend_on_the_sample_and_not_on_its_place(liquid):
    benchmark = continual.split(DATA, n_experiences=5, scenario="task")
    module = learner(liquid).start(benchmark.problem, 0).model
    other = learner(liquid).start(benchmark.problem, 0).model
    x = torch.from_numpy(DATA.x_test[:6])
    with torch.no_grad():
        logits = module(x)
        torch.testing.assert_close(other(x.flip(0)).flip(0), logits)
    assert len(module.known) == 6
    expected = liquid.n * count_shares(np.stack(list(module.known.values())))
    with torch.no_grad():
        torch.testing.assert_close(module.layers[0](torch.from_numpy(expected)), logits)


def test_a_liquid_that_is_not_prepared_or_of_another_size_is_refused(liquid):
    with pytest.raises(NeuroclError, match="expected a prepared liquid"):
        lsm.LiquidReadout(lsm.NALSM())
    parity = lsm.NALSM(**SMALL, parity=True).prepare(DATA.x_train)
    camera = lsm.LSM(20, steps=20, encoding="events").prepare(np.zeros((2, 30, 64)))
    for model in (parity, camera):
        with pytest.raises(NeuroclError, match="parity=False and encoding='image'"):
            lsm.LiquidReadout(model)
    benchmark = continual.split(DATA, n_experiences=5)
    other = lsm.NALSM(**SMALL).prepare(DATA.x_train[:, :4])
    with pytest.raises(NeuroclError, match="images of 32 pixels"):
        learner(other).start(benchmark.problem, 0)
