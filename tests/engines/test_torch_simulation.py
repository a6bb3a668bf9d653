"""What a user does with a simulation on the torch engine: batches, splitting, saving, changing, driving, recording.

All but the first test compare torch with torch, to the bit; that one run is the Numba engine's is tested there and in
`test_torch_networks`.
"""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import neurocl as ncl
from tests.networks import Case, cases, everything, network_of, same_recording, same_state, steps

torch = pytest.importorskip("torch")

few = settings(max_examples=6, deadline=None)
length = st.integers(0, 30)
deliveries = st.sampled_from(["events", "all"])


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def build(case: Case = Case(), dtype: str = "float64", **options: Any) -> Any:  # noqa: B008 - frozen
    return network_of(case).build(engine="torch", seed=case.seed, dtype=dtype, **options)


def inputs_of(case: Case, count: int, duration: int) -> dict[str, Any]:
    """Per-step inputs of `count` members."""
    rng = np.random.default_rng(case.seed)
    spikes = [rng.random((duration, case.n_inp)) < 0.1 for _ in range(count)]
    current, reward = rng.normal(3, 3, (count, duration, 1)), rng.random((count, duration - 5))
    return {"neurons": {"i_ext": current}, "inp": {"spikes": spikes}, "dopamine": {"reward": reward}}


def member(inputs: dict[str, Any], k: int) -> dict[str, Any]:
    return {name: {key: value[k] for key, value in group.items()} for name, group in inputs.items()}


@few
@given(case=cases(), delivery=deliveries)
def test_a_run_with_inputs_is_that_of_the_numba_engine(case: Case, delivery: str) -> None:
    sims = build(case, delivery=delivery), network_of(case).build(seed=case.seed, dtype="float64")
    given_now = member(inputs_of(case, 1, 40), 0)
    outs = [sim.run(steps(60), record=everything(sim), inputs=given_now) for sim in sims]
    for name in outs[0].names:
        for quantity in outs[0][name].quantities:
            if quantity == "spikes":
                assert outs[0][name].spikes.equals(outs[1][name].spikes)
            elif quantity == "counts":
                np.testing.assert_array_equal(outs[0][name].counts(), outs[1][name].counts())
            else:
                np.testing.assert_allclose(outs[0][name][quantity], outs[1][name][quantity], rtol=1e-9, atol=1e-9)


@few
@given(case=cases(), size=st.integers(2, 5), delivery=deliveries)
def test_a_member_of_a_batch_is_a_run_of_its_trial_whatever_the_size_of_the_batch(
    case: Case, size: int, delivery: str
) -> None:
    batch, inputs = build(case, batch=size, delivery=delivery), inputs_of(case, size, 20)
    record = everything(batch)
    found = [batch.run(steps(20), record=record, inputs=inputs), batch.run(steps(10), record=record)]
    alone = build(case, delivery=delivery)
    for k in range(size):
        alone.reset(trial=k)
        assert same_recording(found[0][k], alone.run(steps(20), record=record, inputs=member(inputs, k)))
        assert same_recording(found[1][k], alone.run(steps(10), record=record))
        for name, state in alone.state.items():
            np.testing.assert_array_equal(batch.state[name][k] if state.shape != batch.state[name].shape else
                                          batch.state[name], state)  # fmt: skip


@few
@given(case=cases(), count=st.integers(1, 4), trial=st.integers(0, 9))
def test_presentations_are_those_of_the_numba_engine_and_move_nothing(case: Case, count: int, trial: int) -> None:
    sims = build(case), network_of(case).build(seed=case.seed, dtype="float64")
    inputs = inputs_of(case, count, 25)
    values = {"dopamine": {"reward": inputs.pop("dopamine")["reward"][:, 0]}}
    record = {"neurons": "spikes", "inp": "spikes"}
    for sim in sims:
        sim.run(steps(20))
    outs = [sim.run_batch(steps(25), count, values=values, inputs=inputs, record=record, first_trial=trial)
            for sim in sims]  # fmt: skip
    for one, two in zip(*outs, strict=True):
        assert all(one[name].spikes.equals(two[name].spikes) for name in record)
    undisturbed = build(case)
    undisturbed.run(steps(20))
    assert same_state(sims[0], undisturbed)


@few
@given(case=cases(), first=length, second=length, delivery=deliveries, dtype=st.sampled_from(["float32", "float64"]))
def test_two_runs_are_one_long_run(case: Case, first: int, second: int, delivery: str, dtype: str) -> None:
    whole, parts = (build(case, dtype, delivery=delivery) for _ in range(2))
    record = everything(whole)
    joined = ncl.Recording.join(*(parts.run(steps(n), record=record) for n in (first, second)))
    assert same_recording(whole.run(steps(first + second), record=record), joined)
    assert same_state(whole, parts)


@few
@given(case=cases(), before=length, size=st.integers(1, 3), delivery=deliveries)
def test_a_saved_simulation_goes_on_exactly(
    tmp_path_factory: Any, case: Case, before: int, size: int, delivery: str
) -> None:
    path, sim = tmp_path_factory.mktemp("saved") / "a", build(case, batch=size, delivery=delivery)
    sim.run(steps(before))
    sim.set("neurons", sigma=1.5)
    sim.set("dopamine", tau=30.0)
    sim.save(path)
    other = ncl.Simulator.load(path)
    assert other.options == sim.options and same_state(sim, other)
    record = everything(sim)
    outs = [one.run(steps(30), record=record) for one in (sim, other)]
    pairs = [outs] if size == 1 else zip(*outs, strict=True)
    assert all(same_recording(one, two) for one, two in pairs)


@few
@given(case=cases(), before=length, trial=st.integers(0, 5))
def test_a_reset_simulation_runs_like_a_new_one_and_keeps_what_is_named(case: Case, before: int, trial: int) -> None:
    new, used = build(case), build(case)
    used.run(steps(before))
    weights = used.state["plastic.w"].copy()
    used.reset(trial=trial, keep=["plastic.w"])
    np.testing.assert_array_equal(used.state["plastic.w"], weights)
    for sim in (new, used):
        sim.reset(trial=trial)
    assert same_state(new, used)
    assert same_recording(*(sim.run(steps(20), record=everything(new)) for sim in (new, used)))


def test_a_change_between_runs_does_what_it_does_on_the_numba_engine() -> None:
    case = Case(delays=(3, 3))
    for delivery in ("events", "all"):
        sims = build(case, delivery=delivery), network_of(case).build(seed=case.seed, dtype="float64")
        for sim in sims:
            sim.run(steps(15))
            sim.set("neurons", tau_mem=12.0, t_ref=1.0, i_ext=2.0, v=np.linspace(-58, -52, 16))
            sim.set("plastic", tau=5.0, x=0.5)
            sim.set("static", w=2.0 * np.asarray(sim.state["static.w"]))
            sim.state["neurons.i_syn"][3] = 4.0
            sim.rewire("static", remove=[0, 1], pre=[0, 2], post=[3, 3], weight=[5.0, 6.0], delay=0.3)
            sim.run(steps(60))
        for name, state in sims[1].state.items():
            np.testing.assert_allclose(sims[0].state[name], state, rtol=1e-9, atol=1e-9, err_msg=name)


def test_states_of_a_batch_are_live_and_set_for_all_or_for_each_member() -> None:
    sim = build(batch=3)
    n = sim.plan.populations["neurons"].n
    assert sim.state["neurons.v"].shape == (3, n)
    assert sim.state["static.w"].ndim == 1 and sim.state["plastic.w"].ndim == 2
    each = np.arange(3.0 * n).reshape(3, n) - 100.0
    for value in (-55.0, np.linspace(-58, -51, n), each):
        sim.set("neurons", v=value)
        np.testing.assert_array_equal(sim.state["neurons.v"], np.broadcast_to(value, (3, n)))
    sim.state["neurons.v"][1, 2] = 7.0
    assert sim.state["neurons.v"][1, 2] == 7.0
    with pytest.raises(ncl.NeuroclError, match=r"expected one number, 16 of them or \[3, 16\], got shape \[3\]"):
        sim.set("neurons", v=np.zeros(3))


def test_part_of_a_recording_is_that_part_of_the_whole() -> None:
    full, part = build(), build()
    whole = full.run(steps(60), record=everything(full))
    request = {"neurons": [ncl.Record("spikes", neurons=[5, 2]), ncl.Record("v", neurons=[4, 0], every=7)]}
    some = ncl.Recording.join(*(part.run(steps(n), record=request) for n in (25, 35)))["neurons"]
    assert some.spikes == whole["neurons"].spikes.select([5, 2])
    np.testing.assert_array_equal(some["v"], whole["neurons"]["v"][6::7][:, [4, 0]])
    np.testing.assert_array_equal(some.trace("v").times, whole["neurons"].trace("v").times[6::7])


def test_ctrl_c_waits_for_the_end_of_the_step() -> None:
    stopped, whole = build(), build()
    step, calls = stopped._memory.build.functions["step"], iter(range(300))

    def impatient(objects: Any, now: Any) -> None:
        if next(calls) == 290:
            signal.raise_signal(signal.SIGINT)
        step(objects, now)

    stopped._memory.build.functions["step"] = impatient
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background may ignore it
    try:
        with pytest.raises(KeyboardInterrupt):
            stopped.run(steps(1000))
    finally:
        signal.signal(signal.SIGINT, previous)
    assert stopped.step == 291
    stopped._memory.build.functions["step"] = step
    whole.run(steps(291))
    for sim in (stopped, whole):
        sim.run(steps(10))
    assert same_state(stopped, whole)


def test_the_generated_step_can_be_read() -> None:
    source = build().source
    compile(source, "step", "exec")
    assert "def step(_o, _now):" in source and "v = _where(_active" in source and "_c0 = " in source


@pytest.mark.parametrize("batch", [1, 2])
def test_a_state_that_is_no_number_is_reported_by_name(batch: int) -> None:
    sim = build(batch=batch)
    sim.state["neurons.i_syn"][-1:] = np.nan
    where = " of batch member 1" if batch == 2 else ""
    with pytest.raises(ncl.NeuroclError, match=rf"'neurons': state '(v|i_syn)' of element \d+{where} became nan"):
        sim.run(steps(1))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch": 0}, "batch must be a whole number"),
        ({"device": "tpu"}, "device must be 'cpu' or 'cuda'"),
        ({"device": "cuda:99"}, "needs a CUDA GPU that torch .* can use"),
        ({"delivery": "fast"}, "delivery must be one of auto, events, all"),
        ({"threads": 3}, "engine 'torch' has no option 'threads'"),
    ],
)
def test_wrong_options_are_told_in_one_sentence(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ncl.NeuroclError, match=message):
        build(**options)


def test_wrong_inputs_and_presentations_of_a_batch_are_told() -> None:
    sim = build(batch=2)
    with pytest.raises(ncl.NeuroclError, match="one entry for each of the 2 presentations"):
        sim.run(steps(10), inputs={"neurons": {"i_ext": np.zeros((3, 10))}})
    with pytest.raises(ncl.NeuroclError, match="NaN"):
        sim.run(steps(10), inputs={"neurons": {"i_ext": np.full((2, 10), np.nan)}})
    with pytest.raises(ncl.NeuroclError, match="has a batch of 2 of its own"):
        sim.run_batch(steps(10), 2)


def test_a_file_can_be_loaded_with_other_options(tmp_path: Path) -> None:
    sim = build(delivery="all")
    sim.run(steps(20))
    sim.save(tmp_path / "a")
    other: Any = ncl.Simulator.load(tmp_path / "a", delivery="events")
    assert other.delivery == "events" and same_state(sim, other)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
@pytest.mark.parametrize("batch", [1, 3])
def test_a_gpu_fires_the_spikes_of_the_cpu(batch: int) -> None:
    outs = []
    for device in ("cpu", "cuda"):
        sim = build(device=device, batch=batch)
        found = [sim.run(steps(n), record={"neurons": ["spikes", "v"], "plastic": "w"}) for n in (100, 50)]
        outs.append([run if batch > 1 else [run] for run in found])
    for first, second in zip(*outs, strict=True):
        for one, two in zip(first, second, strict=True):
            assert one["neurons"].spikes.equals(two["neurons"].spikes)
            np.testing.assert_allclose(one["neurons"]["v"], two["neurons"]["v"], rtol=1e-9)
            np.testing.assert_allclose(one["plastic"]["w"], two["plastic"]["w"], rtol=1e-9)
