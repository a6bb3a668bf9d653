"""HLOP as a method: what is trained when, what is projected, and that a run can be resumed."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from neurocl import continual, hlop
from neurocl.continual.strategies import EMA, EWC, GPM, SI, DERpp, Joint
from neurocl.core.errors import NeuroclError

METHODS = ["dsr", "bptt", "ottt"]


def benchmark(n_experiences: int = 2, scenario: str = "domain", size: float = 1.0) -> continual.Benchmark:
    """A few samples of permuted noise: what is learned does not matter here."""
    numbers = torch.Generator().manual_seed(0)
    x, y = size * torch.randn(96, 16, generator=numbers), torch.arange(96) % 3
    samples = continual.Samples(x, y, x[:30], y[:30])
    return continual.permuted(samples, n_experiences=n_experiences, scenario=scenario)


def model(method: str = "dsr", **arguments: object) -> hlop.SpikingMLP:
    return hlop.SpikingMLP((12, 12), method, **arguments)


def started(*plugins: continual.Plugin, tasks: int = 2, **arguments: object) -> hlop.ContinualTrainer:
    """A trainer that has learned all but the last experience and has begun with that."""
    stream = benchmark(max(tasks, 1))
    arguments = {"model": model(), "lr": 0.1, "batch_size": 16, **arguments}
    learner = hlop.ContinualTrainer(*plugins, **arguments).start(stream.problem, 0)
    for index in range(tasks - 1):
        learner.train(stream.train[index])
    next(learner.steps(stream.train[tasks - 1]))
    return learner


def weights(learner: continual.Strategy) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in learner.model.named_parameters()}


def changed(learner: continual.Strategy, before: dict[str, torch.Tensor]) -> set[str]:
    return {name for name, p in learner.model.named_parameters() if not torch.equal(p, before[name])}


def net_with_everything(problem: continual.Problem) -> nn.Module:
    """Normalisation, biases, a convolution."""
    return nn.Sequential(
        nn.Unflatten(1, (1, 4, 4)), nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(),
        nn.Flatten(), nn.Linear(64, 3),
    )  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_without_neurons_it_is_the_sequential_baseline_exactly(method):
    stream, kwargs = benchmark(), {"model": model(method), "lr": 0.5, "batch_size": 16}
    plugin = hlop.HLOP(0, freeze_norm=False, freeze_thresholds=False, freeze_vectors=False)
    one, other = (continual.run(stream, hlop.ContinualTrainer(*p, **kwargs), [0]) for p in ([plugin], []))
    assert one.matrix.tolist() == other.matrix.tolist()
    assert weights(started(plugin, **kwargs)).keys() == weights(started(**kwargs)).keys()
    for a, b in zip(weights(started(plugin, **kwargs)).values(), weights(started(**kwargs)).values(), strict=True):
        assert torch.equal(a, b)


def test_neurons_are_added_and_merged_experience_by_experience():
    learner = started(hlop.HLOP(((5, 4, 3), 2, (1, 0))), tasks=4)
    counts = [(layer.subspace.n_old, layer.subspace.n_new) for layer in learner.model.layers]
    assert counts == [(8, 1), (6, 0), (5, 0)]


@pytest.mark.parametrize("method", METHODS)
def test_later_steps_do_not_change_what_the_old_subspace_carries(method):
    learner = started(hlop.HLOP((4, 2), lr=0.01, orthonormalise_on_merge=True), model=model(method), tasks=1, lr=1.0)
    stream = benchmark(2)
    learner = hlop.ContinualTrainer(
        hlop.HLOP((4, 2), lr=0.01, orthonormalise_on_merge=True), model=model(method), lr=1.0, batch_size=16
    ).start(stream.problem, 0)
    learner.train(stream.train[0])
    before, old = weights(learner), [layer.subspace.H.clone() for layer in learner.model.layers]
    learner.train(stream.train[1])
    for index, (layer, rows) in enumerate(zip(learner.model.layers, old, strict=True)):
        change = layer.weight.detach() - before[f"layers.{index}.weight"]
        assert float(change.norm()) > 0.0
        assert float((change @ rows.T).abs().max()) < 1e-5 * max(1.0, float(change.norm()))


def test_after_the_first_experience_weights_alone_are_trained():
    stream = benchmark(2)
    learner = continual.Strategy(hlop.HLOP(2), model=net_with_everything, lr=0.1, batch_size=16)
    learner = learner.start(stream.problem, 0)
    before, means = weights(learner), learner.model[2].running_mean.clone()
    learner.train(stream.train[0])
    assert changed(learner, before) == set(before)
    assert not torch.equal(learner.model[2].running_mean, means)
    before, means = weights(learner), learner.model[2].running_mean.clone()
    learner.train(stream.train[1])
    assert changed(learner, before) == {"1.weight", "5.weight"}
    assert torch.equal(learner.model[2].running_mean, means)


@pytest.mark.parametrize("freezes", [True, False])
def test_normalisation_is_frozen_by_its_own_switch(freezes):
    stream = benchmark(2)
    learner = continual.Strategy(hlop.HLOP(2, freeze_norm=freezes), model=net_with_everything, lr=0.1, batch_size=16)
    learner = learner.start(stream.problem, 0)
    learner.train(stream.train[0])
    before, means = weights(learner), learner.model[2].running_mean.clone()
    learner.train(stream.train[1])
    assert {"2.weight", "2.bias"} <= changed(learner, before) or freezes
    assert ("2.weight" in changed(learner, before)) == (not freezes) and "5.bias" not in changed(learner, before)
    assert torch.equal(learner.model[2].running_mean, means) == freezes


def test_parameters_that_the_user_froze_stay_frozen():
    def make(problem: continual.Problem) -> nn.Module:
        net = net_with_everything(problem)
        net[5].bias.requires_grad_(False)
        return net

    stream = benchmark(2)
    for plugin in (hlop.HLOP(2), hlop.HLOP(2, freeze_vectors=False)):
        learner = continual.Strategy(plugin, model=make, lr=0.1, batch_size=16).start(stream.problem, 0)
        before = weights(learner)
        for experience in stream.train:
            learner.train(experience)
        assert changed(learner, before) == set(before) - {"5.bias"}


def test_neurons_may_begin_to_learn_after_some_passes():
    stream, ends = benchmark(1), []
    for start in (0, 1, 2):
        learner = hlop.ContinualTrainer(hlop.HLOP(3, start_epochs=start), model=model(), batch_size=16, epochs=3)
        learner, course = learner.start(stream.problem, 0), []
        for _ in learner.steps(stream.train[0]):
            course.append(learner.model.layers[0].subspace.H.clone())
        moves = [not torch.equal(a, b) for a, b in pairwise(course)]
        assert moves == [step >= 6 * start for step in range(1, 18)]  # 6 batches in a pass
        ends.append(course[-1])
    assert not torch.equal(ends[0], ends[1])


def test_each_rule_of_freezing_has_its_switch():
    stream = benchmark(2, size=10.0)  # neurons at their highest rate move the threshold
    for switches, expected in (
        ({"freeze_thresholds": False}, {"activations.0.v_th"}),
        ({"freeze_vectors": False}, {"layers.0.bias"}),
    ):
        learner = hlop.ContinualTrainer(hlop.HLOP(2, 1e-4, **switches), model=model(bias=True), batch_size=16)
        learner = learner.start(stream.problem, 0)
        learner.train(stream.train[0])
        before = weights(learner)
        learner.train(stream.train[1])
        moved = {name for name in changed(learner, before) if not name.endswith("weight")}
        assert expected <= moved and ("activations.0.v_th" in moved) == ("freeze_thresholds" in switches)


def test_several_heads_are_not_projected_and_a_shared_one_is():
    for scenario, has_subspace in (("task", False), ("domain", True)):
        stream = benchmark(2, scenario)
        learner = hlop.ContinualTrainer(hlop.HLOP(3), model=model(), batch_size=16).start(stream.problem, 0)
        learner.train(stream.train[0])
        assert (learner.model.layers[-1].subspace is not None) == has_subspace
        before = weights(learner)["layers.2.weight"]
        learner.train(stream.train[1])
        if scenario == "task":
            assert torch.equal(learner.model.layers[-1].weight[:3], before[:3])
            with pytest.raises(NeuroclError, match="task label 7 is unknown"):
                learner.predict(stream.test[0].x, 7)


@pytest.mark.parametrize("name", ["adam", "weight decay", "momentum"])
def test_any_optimiser_is_kept_in_the_allowed_subspace(name):
    makers = {
        "adam": "adam",
        "weight decay": lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.1),
        "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    }
    plugin = hlop.HLOP((4, 2), orthonormalise_on_merge=True)
    stream = benchmark(2)
    learner = hlop.ContinualTrainer(plugin, model=model("bptt"), optimizer=makers[name], lr=0.01, batch_size=16)
    learner = learner.start(stream.problem, 0)
    learner.train(stream.train[0])
    before, old = weights(learner), [layer.subspace.H.clone() for layer in learner.model.layers]
    learner.train(stream.train[1])
    for index, (layer, rows) in enumerate(zip(learner.model.layers, old, strict=True)):
        change = layer.weight.detach() - before[f"layers.{index}.weight"]
        assert float((change @ rows.T).abs().max()) < 1e-5
    assert (hlop.why_it_leaves(learner.optimizer) is None) == (name == "momentum")


def test_spiking_lateral_neurons_refuse_an_optimiser_that_leaves_the_subspace():
    with pytest.raises(NeuroclError, match="Adam rescales the gradient's entries"):
        started(hlop.HLOP(4, spiking=(20.0, 40)), optimizer="adam", lr=0.01)
    learner = started(hlop.HLOP(4, spiking=(20.0, 40)))
    with pytest.raises(NeuroclError, match="spiking lateral neurons"), hlop.projected_steps(learner.model.layers):
        pass


def test_a_rehearsal_pass_neither_learns_nor_is_projected():
    learner = started(hlop.HLOP(4))
    before = [layer.subspace.H.clone() for layer in learner.model.layers]
    learner.model.train()
    learner.model(torch.randn(8, 16)).sum().backward()
    assert all(torch.equal(a.subspace.H, b) for a, b in zip(learner.model.layers, before, strict=True))


@pytest.mark.parametrize("method", METHODS)
def test_a_resumed_run_ends_as_an_uninterrupted_one(method: str, tmp_path: Path):
    stream = benchmark(3)
    learner = hlop.ContinualTrainer(hlop.HLOP((4, 2)), model=model(method), lr=0.3, batch_size=16)

    class Interrupted(Exception):  # noqa: N818
        pass

    def interrupt(seed: int, done: int, total: int) -> None:
        if done == 2:
            raise Interrupted

    whole = continual.run(stream, learner, [0])
    with pytest.raises(Interrupted):
        continual.run(stream, learner, [0], folder=tmp_path, checkpoint_every=2, progress=interrupt)
    resumed = continual.run(stream, learner, [0], folder=tmp_path)
    assert whole.matrix.tolist() == resumed.matrix.tolist()


def test_a_run_goes_on_within_an_experience():
    stream, ends = benchmark(2), []
    for stops in (False, True):
        learner = hlop.ContinualTrainer(hlop.HLOP((4, 2)), model=model(), batch_size=16, epochs=2)
        one = learner.start(stream.problem, 0)
        one.train(stream.train[0])
        for step, _ in enumerate(one.steps(stream.train[1])):
            if stops and step == 8:
                state = one.state_dict()
                one = learner.start(stream.problem, 0)
                one.load_state_dict(state)
                one.train(stream.train[1])
                break
        ends.append(weights(one))
    for name, value in ends[0].items():
        assert torch.equal(value, ends[1][name])


def test_the_learning_rate_follows_its_schedule():
    seen = []

    class Watch(continual.Plugin):
        def before_update(self, strategy: continual.Strategy) -> None:
            seen.append(strategy.optimizer.param_groups[0]["lr"])

    started(Watch(), epochs=2, schedule=lambda epoch, epochs: 1.0 - epoch / epochs)
    assert sorted(set(seen)) == pytest.approx([0.05, 0.1])


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("other", [SI(), EMA(0.5), DERpp()])
def test_it_goes_with_methods_that_keep_weights_or_pass_twice(order, other):
    for plugins in ([hlop.HLOP(0), other], [hlop.HLOP(2), other]):
        stream = benchmark(3)
        learner = hlop.ContinualTrainer(*plugins[::order], model=model(), batch_size=16).start(stream.problem, 0)
        for experience in stream.train:
            learner.predict(experience.x)
            learner.train(experience)
        learner.predict(experience.x)
    if isinstance(other, EMA):
        mean = learner.plugins[plugins[::order].index(other)].mean
        assert mean["layers.0.subspace.H"].shape == (6, 16)


def test_models_in_double_precision_have_such_subspaces():
    stream = benchmark(2)
    learner = continual.Strategy(hlop.HLOP(2), model=lambda p: net_with_everything(p).double(), lr=0.1, batch_size=16)
    learner = learner.start(stream.problem, 0)
    for experience in stream.train:
        learner.train(experience)
    assert learner.model[5].subspace.H.dtype == torch.float64
    assert len(learner.predict(stream.test[0].x)) == len(stream.test[0])


def test_a_single_layer_is_a_model_and_weights_without_a_subspace_are_told():
    stream = benchmark(2)
    learner = continual.Strategy(hlop.HLOP(2), model=lambda p: nn.Linear(16, 3)).start(stream.problem, 0)
    learner.train(stream.train[0])
    assert learner.model.subspace.n_old == 2

    def make(problem: continual.Problem) -> nn.Module:
        return nn.Sequential(nn.Unflatten(1, (1, 16)), nn.Conv1d(1, 2, 3), nn.Flatten(), nn.Linear(28, 3))

    with pytest.warns(UserWarning, match=r"only Linear and Conv2d layers have subspaces; 1.weight will not be"):
        continual.Strategy(hlop.HLOP(2), model=make).start(stream.problem, 0)


@pytest.mark.parametrize("plugin", [EWC(10.0, n_samples=20), GPM(n_samples=20), Joint()])
@pytest.mark.parametrize("method", METHODS)
def test_other_methods_train_the_same_networks(plugin, method):
    plugins = [plugin] if isinstance(plugin, Joint) else [hlop.HLOP(0), plugin]
    learner = hlop.ContinualTrainer(*plugins, model=model(method), batch_size=16)
    results = continual.run(benchmark(2), learner, [0])
    assert results.matrix.shape == (1, 2, 2)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: hlop.HLOP(()), "neurons must be a table"),
        *(
            (lambda neurons=neurons: hlop.HLOP(neurons), "neurons must be a whole number")
            for neurons in ((-1,), 3.5, (3.5,), (None, 3), ("33", 3))
        ),
        (lambda: hlop.HLOP(3, lr=None), "lr must be a finite number, got None"),
        (lambda: hlop.HLOP(3, spiking=20), r"spiking must be None or \(scale, steps\)"),
        (lambda: started(hlop.HLOP(3, start_epochs=1), tasks=1), "start_epochs must be less than the 1 epochs, got 1"),
        (lambda: hlop.ContinualTrainer(schedule=3), "schedule must be a function or None, got 3"),
        (lambda: hlop.SpikingMLP((5,), ["dsr"]), "method must be one of dsr, bptt, ottt"),
        (lambda: hlop.HLOP(lr=()), "lr must hold at least one number"),
        (lambda: hlop.HLOP(growth="none"), "growth must be one of"),
        (lambda: started(hlop.HLOP(17), tasks=1), "experience 0, layer 0: grow: 0 old and 17 new neurons"),
        (lambda: started(hlop.HLOP(10), tasks=2), "experience 1, layer 0: grow: 10 old and 10 new neurons"),
        (
            lambda: continual.Strategy(model=model("ottt")).start(benchmark().problem, 0),
            "trained at every time step .* use hlop.ContinualTrainer",
        ),
        (
            lambda: continual.Strategy(hlop.HLOP(2), model=lambda p: nn.Embedding(3, 3)).start(benchmark().problem, 0),
            "at least one Linear or Conv2d",
        ),
        (lambda: hlop.SpikingMLP(()), "hidden must be a tuple"),
        (lambda: hlop.SpikingMLP((5,), "stdp"), "method must be one of dsr, bptt, ottt"),
        (lambda: hlop.dsr(n_steps=0), "n_steps must be a whole number >= 1"),
        (lambda: hlop.bptt(neuron="izhikevich"), "neuron must be one of lif, if"),
    ],
)
def test_wrong_input_is_told_in_one_sentence(wrong, told):
    with pytest.raises(NeuroclError, match=told):
        wrong()


def test_numbers_of_numpy_are_numbers():
    assert hlop.HLOP(3, lr=np.float32(0.25)).lr == (0.25,)
    assert hlop.HLOP((np.int64(3), 4)).neurons == ((3,), (4,))
    assert hlop.HLOP(np.array([[3, 2], [1, 1]]), lr=np.array([0.5, 0.25])).neurons == ((3, 2), (1, 1))


def test_only_tasks_seen_so_far_may_be_tested():
    every = benchmark(3)
    one, other = (
        continual.run(stream, hlop.ContinualTrainer(model=model(), batch_size=16), [0])
        for stream in (every, replace(every, evaluate="seen", rebuild=lambda seed: replace(every, evaluate="seen")))
    )
    seen = torch.tril(torch.ones(3, 3)).bool().numpy()
    assert one.matrix[0][seen].tolist() == other.matrix[0][seen].tolist()
    assert torch.from_numpy(other.matrix[0][~seen]).isnan().all()
    assert one.metrics()["bwt"] == other.metrics()["bwt"] and "fwt" not in other.metrics()
