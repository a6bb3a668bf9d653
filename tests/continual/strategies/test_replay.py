"""Methods that keep samples, outputs or all data: ER, DER++, A-GEM, GEM, LwF, joint training."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from neurocl.continual import Experience, Problem, Strategy
from neurocl.continual.strategies import AGEM, ER, GEM, DERpp, Joint, LwF, Naive
from neurocl.continual.strategies.agem import project_onto_half_space
from neurocl.continual.strategies.gem import project_onto_cone
from neurocl.continual.strategies.gradient import gradient_of, gradient_vector
from neurocl.continual.strategies.lwf import distillation
from neurocl.continual.strategies.memory import loss_on_memory
from neurocl.core.errors import NeuroclError
from tests.continual.learning import accuracy, learn, split_digits

CLASS = split_digits("class")


@pytest.fixture(scope="module")
def naive() -> float:
    return learn(CLASS, Naive())[1][-1].mean()


@pytest.mark.parametrize(
    ("method", "least"),
    [
        (Joint(), 0.8), (Joint(weights="current"), 0.8), (Joint(amount="updates"), 0.6),
        (ER(100), 0.6), (ER(100, "class-balanced"), 0.65), (ER(100, balance="tasks"), 0.6),
        (DERpp(100), 0.7), (GEM(50), 0.7), (AGEM(50), 0.2),
    ],
)  # fmt: skip
def test_methods_with_memory_beat_the_naive_one_in_class_incremental_digits(method, least: float, naive) -> None:
    assert naive < 0.22  # only the last pair is known
    assert learn(CLASS, method)[1][-1].mean() > max(least, naive)


def test_joint_training_is_an_upper_bound(naive) -> None:
    joint = learn(CLASS, Joint())[1][-1].mean()
    assert joint > learn(CLASS, ER(50))[1][-1].mean() > naive + 0.3


def test_joint_training_from_the_initial_weights_does_not_remember_the_past_in_its_weights() -> None:
    problem, train, _ = split_digits(n=2, samples=40)
    learner = Strategy(Joint(), batch_size=8).start(problem)
    initial = {name: value.clone() for name, value in learner.model.state_dict().items()}
    learner.train(train[0])
    seen = []

    def note(strategy: Strategy) -> None:
        seen.append({name: value.clone() for name, value in strategy.model.state_dict().items()})

    learner._hooks["before_forward"] = [note]
    n_samples = sum(step.n_samples for step in learner.steps(train[1]))
    assert all(torch.equal(seen[0][name], value) for name, value in initial.items())
    assert n_samples == len(train[0]) + len(train[1])


def test_replay_trains_on_as_many_stored_as_new_samples_and_stores_raw_inputs() -> None:
    problem, train, _ = split_digits(n=2, samples=40)
    learner = Strategy(ER(16), batch_size=8).start(problem)
    sizes = [len(learner.batch.y) for e in train for _ in learner.steps(e)]
    assert sizes == [8] + [16] * 9
    memory = learner.plugins[0].memory
    everything = torch.cat([e.x for e in train])
    assert memory.n_seen == 80 and all((everything == x).all(1).any() for x in memory.fields["x"])


def test_replay_balanced_by_tasks_weighs_new_and_stored_samples() -> None:
    problem, train, _ = split_digits(n=2, samples=40)
    learner = Strategy(ER(16, balance="tasks"), batch_size=8).start(problem)
    learner.train(train[0])
    plugin = learner.plugins[0]
    weighed = []

    def check(strategy: Strategy) -> None:
        plugin.before_backward(strategy)
        losses = strategy.cross_entropy(strategy.outputs, strategy.batch, "none").detach()
        weighed.append((float(strategy.loss.detach()), float(0.5 * losses[:8].mean() + 0.5 * losses[8:].mean())))

    learner._hooks["before_backward"] = [check]
    learner.train(train[1])
    assert weighed and all(a == pytest.approx(b, rel=1e-5) for a, b in weighed)


def test_dark_replay_stores_the_logits_of_the_moment_and_adds_both_terms() -> None:
    problem, train, _ = split_digits(n=2, samples=24)
    learner = Strategy(DERpp(1000, alpha=0.3, beta=0.7), batch_size=24, lr=0.01).start(problem)
    first = learner.model(train[0].x).detach()
    learner.train(train[0])
    fields = learner.plugins[0].memory.fields
    order = [(train[0].x == x).all(1).nonzero()[0, 0].item() for x in fields["x"][:24]]
    assert torch.allclose(fields["logits"][:24], first[order], atol=1e-6)
    # All 24 stored samples are drawn in both draws: the loss is known.
    z = learner.model(fields["x"][:24])
    learner.units.enter(train[1])
    mask = learner.units.at_training(fields["task"][:24])
    expected = 0.3 * functional.mse_loss(z, fields["logits"][:24]) + 0.7 * functional.cross_entropy(
        learner.units.masked(z, mask), fields["y"][:24]
    )
    step = next(learner.steps(train[1]))
    assert float(step.loss - step.task_loss) == pytest.approx(float(expected.detach()), rel=1e-4)


def test_half_space_projection_is_orthogonal_where_it_acts() -> None:
    draw = torch.Generator().manual_seed(0)
    for _ in range(20):
        g, reference = torch.randn(2, 500, generator=draw)
        found = project_onto_half_space(g, reference)
        assert abs(float(found @ reference.double())) < 1e-9 or torch.equal(found, g.double())
        assert float(found @ reference.double()) > -1e-9


def test_cone_projection_keeps_a_gradient_that_violates_nothing() -> None:
    draw = torch.Generator().manual_seed(0)
    g = torch.randn(300, generator=draw)
    G = torch.randn(4, 300, generator=draw)
    G = G * torch.sign(G @ g)[:, None]
    assert torch.equal(project_onto_cone(g, G), g)
    turned = project_onto_cone(-g, G, margin=0.0, eps=0.0)
    assert ((G.double() @ turned) >= -1e-6).all()


@pytest.mark.parametrize("method", [AGEM(20, 1000), GEM(20, margin=0.0, eps=0.0)], ids=["agem", "gem"])
def test_projected_step_has_no_negative_product_with_the_memory(method) -> None:
    problem, train, _ = split_digits("domain", n=3)
    learner = Strategy(method, lr=0.1, batch_size=16).start(problem)
    plugin, products = learner.plugins[0], []

    def watch(strategy: Strategy) -> None:
        before = gradient_vector(strategy.model)
        plugin.after_backward(strategy)
        parts = plugin.memory if isinstance(plugin.memory, list) else [plugin.memory] if plugin.memory else []
        for fields in parts:
            batch = type(strategy.batch)(fields["x"], fields["y"], fields["task"])
            reference = gradient_of(loss_on_memory(strategy, batch), strategy.model)
            scale = float(reference.norm() * before.norm())
            after = gradient_vector(strategy.model)
            products.append((float(before @ reference) / scale, float(after @ reference) / scale))

    learner._hooks["after_backward"] = [watch]
    for experience in train:
        learner.train(experience)
    assert any(before < -1e-3 for before, _ in products)  # the projection had something to do
    assert all(after > -1e-5 for _, after in products)


def test_distillation_is_zero_for_equal_outputs_and_scales_with_the_temperature() -> None:
    z, old = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(0))
    assert float(distillation(z, z)) == pytest.approx(0.0, abs=1e-6)
    p, q = (functional.softmax(v / 2, dim=1) for v in (old, z))
    expected = float((p * (p / q).log()).sum(1).mean())
    assert float(distillation(z, old, 2.0)) == pytest.approx(4 * expected, rel=1e-4)
    assert float(distillation(z, old, 2.0, scale_T2=False)) == pytest.approx(expected, rel=1e-4)


def test_lwf_keeps_old_outputs_on_new_inputs() -> None:
    stream = split_digits("task")
    problem, train, _ = stream
    drifts = []
    for plugins in ((), (LwF(alpha=5.0),)):
        learner = Strategy(*plugins, lr=0.1, epochs=5, batch_size=16).start(problem)
        learner.train(train[0])
        before = learner.logits(train[1].x)[:, :2].softmax(1)
        learner.train(train[1])
        drifts.append(float((learner.logits(train[1].x)[:, :2].softmax(1) - before).abs().mean()))
    assert drifts[1] < 0.3 * drifts[0]


def test_lwf_forgets_less_than_naive_in_domain_incremental_digits() -> None:
    domain = split_digits("domain")
    assert learn(domain, LwF())[1][-1, :-1].mean() > learn(domain)[1][-1, :-1].mean() + 0.03


@pytest.mark.parametrize("method", [ER(50), DERpp(50)], ids=["er", "derpp"])
def test_replay_needs_no_boundaries(method) -> None:
    problem, train, test = split_digits(n=2)
    problem = Problem(problem.sample_shape, 4, "class", boundary_known=False)
    learner = Strategy(method, lr=0.1, batch_size=10).start(problem)
    for e in train:
        learner.train(Experience(e.x, e.y, e.task_label, boundary_known=False, online=10))
    assert min(accuracy(learner, e) for e in test) > 0.4


@pytest.mark.parametrize("method", [ER(10), DERpp(10), AGEM(10), GEM(10)], ids=["er", "derpp", "agem", "gem"])
def test_replay_refuses_units_of_the_current_experience_alone(method) -> None:
    with pytest.raises(NeuroclError, match="trains on samples of earlier classes"):
        Strategy(method).start(Problem((2,), 4, "class", active="current"))


def test_wrong_settings_are_named() -> None:
    for make, words in (
        (lambda: ER(0), "size must be"), (lambda: ER(5, balance="x"), "balance must be"),
        (lambda: LwF(weights="x"), "weights must be"), (lambda: Joint(amount="x"), "amount must be"),
        (lambda: GEM(margin=-1.0), "margin must be"), (lambda: AGEM(n_drawn=0), "n_drawn must be"),
    ):  # fmt: skip
        with pytest.raises(NeuroclError, match=words):
            make()
