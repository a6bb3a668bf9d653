"""Runs of the Numba engine: splitting, repeating, resetting, driving, recording and batches change nothing else.

All networks have the same structure, so that they are compiled once per dtype.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import neurocl as ncl
from neurocl.engines.numba import NumbaSimulation
from tests.networks import Case, cases, everything, network_of, same_recording, same_state, steps

few = settings(max_examples=20)
length = st.integers(0, 50)
both_precisions = pytest.mark.parametrize("dtype", ["float32", "float64"])


def build(case: Case = Case(), dtype: str = "float32") -> NumbaSimulation:  # noqa: B008 - frozen
    simulation = network_of(case).build(seed=case.seed, dtype=dtype)
    assert isinstance(simulation, NumbaSimulation)
    return simulation


@both_precisions
@few
@given(case=cases(), first=length, second=length)
def test_two_runs_are_one_long_run(dtype: str, case: Case, first: int, second: int):
    whole, parts = build(case, dtype), build(case, dtype)
    record = everything(whole)
    joined = ncl.Recording.join(*(parts.run(steps(n), record=record) for n in (first, second)))
    assert same_recording(whole.run(steps(first + second), record=record), joined)
    assert same_state(whole, parts)


@both_precisions
@few
@given(case=cases(), other=st.integers(0, 2**32))
def test_the_seed_decides_everything(dtype: str, case: Case, other: int):
    assume(other != case.seed)
    network = network_of(case)
    runs = [network.build(seed=seed, dtype=dtype) for seed in (case.seed, case.seed, other)]
    record = everything(runs[0])
    first, second, _ = (run.run(steps(20), record=record if run is not runs[2] else None) for run in runs)
    assert same_recording(first, second)
    assert same_state(runs[0], runs[1])
    assert not np.array_equal(runs[0].state["neurons.v"], runs[2].state["neurons.v"])


@few
@given(case=cases(), before=length, after=length, trial=st.none() | st.integers(0, 5))
def test_a_reset_simulation_runs_like_a_new_one(case: Case, before: int, after: int, trial: int | None):
    new, used = build(case), build(case)
    used.run(steps(before))
    for simulation in (new, used):
        simulation.reset(trial=trial)
    record = everything(new)
    assert same_state(new, used)
    assert same_recording(new.run(steps(after), record=record), used.run(steps(after), record=record))


@few
@given(case=cases(), data=st.data())
def test_reset_keeps_the_states_named_and_only_those(case: Case, data: st.DataObject):
    simulation, new = build(case), build(case)
    keep = data.draw(st.sets(st.sampled_from(sorted(simulation.state))))
    simulation.run(steps(40))
    reached = {name: array.copy() for name, array in simulation.state.items()}
    simulation.reset(keep=tuple(keep))
    for name, array in simulation.state.items():
        np.testing.assert_array_equal(array, reached[name] if name in keep else new.state[name])
    assert simulation.step == 0
    assert all(len(neurons) == 0 for _, neurons in simulation._recent_spikes().values())


def test_another_trial_draws_other_numbers_in_the_same_network():
    simulation = build()
    spikes = []
    for trial in (0, 1, 1):
        simulation.reset(trial=trial)
        spikes.append(simulation.run(steps(100), record={"inp": "spikes"})["inp"].spikes)
    assert not np.array_equal(spikes[0].times, spikes[1].times)
    np.testing.assert_array_equal(spikes[1].times, spikes[2].times)


@few
@given(case=cases(), at=length, before=length, per_neuron=st.booleans())
def test_a_constant_input_is_a_parameter_of_this_value(case: Case, at: int, before: int, per_neuron: bool):
    driven, constant = build(case), build(case)
    n, duration = case.n_exc + case.n_inh, 30
    value = np.linspace(-3, 8, n) if per_neuron else np.full(1, 4.0)
    for simulation in (driven, constant):
        simulation.run(steps(before))
    values = np.repeat(value[None], duration, axis=0)
    driven.run(steps(duration), inputs={"neurons": {"i_ext": values}, "dopamine": {"reward": np.full(duration, 0.1)}})
    constant.set("neurons", i_ext=value if per_neuron else 4.0)
    constant.set("dopamine", reward=0.1)
    constant.run(steps(duration))
    assert same_state(driven, constant)
    constant.set("neurons", i_ext=1.0)  # what the network's Input says
    constant.set("dopamine", reward=0.0)
    for simulation in (driven, constant):
        simulation.run(steps(at))
    assert same_state(driven, constant)


@few
@given(case=cases(), given_steps=st.integers(1, 30), rest=st.integers(0, 20), data=st.data())
def test_inputs_can_be_split_with_the_run_and_rest_beyond_their_end(
    case: Case, given_steps: int, rest: int, data: st.DataObject
):
    whole, parts = build(case), build(case)
    rng = np.random.default_rng(case.seed)
    current = rng.normal(5, 5, (given_steps, case.n_exc + case.n_inh))
    reward = rng.random((given_steps, 1))
    cut = data.draw(st.integers(1, given_steps))

    def inputs(part: slice) -> dict[str, dict[str, NDArray[np.float64]]]:
        return {"neurons": {"i_ext": current[part]}, "dopamine": {"reward": reward[part]}}

    whole.run(steps(given_steps + rest), inputs=inputs(slice(None)))
    parts.run(steps(cut), inputs=inputs(slice(0, cut)))
    if cut < given_steps:
        parts.run(steps(given_steps - cut), inputs=inputs(slice(cut, None)))
    parts.run(steps(rest))
    assert same_state(whole, parts)


@few
@given(case=cases(), before=length)
def test_spikes_given_to_the_run_are_scheduled_spikes(case: Case, before: int):
    duration = 61
    scheduled = build(case)
    _, at, neurons = scheduled.plan.populations["inp"], *scheduled.plan.populations["inp"].schedule
    later = at >= before
    table = np.zeros((duration, case.n_inp), dtype=bool)
    table[at[later] - before, neurons[later]] = True
    scheduled.run(steps(before + duration))
    for spikes in (table, ((at[later] - before + 1) * 0.1, neurons[later])):
        given_now = build(case)
        given_now.run(steps(before))
        given_now.run(steps(duration), inputs={"inp": {"spikes": spikes}})
        assert same_state(scheduled, given_now)


@few
@given(case=cases(), first=length, second=length, every=st.integers(1, 7), data=st.data())
def test_a_part_of_a_recording_is_that_part_of_the_whole(
    case: Case, first: int, second: int, every: int, data: st.DataObject
):
    full, part = build(case), build(case)
    owner, name = data.draw(
        st.sampled_from([("neurons", "v"), ("neurons", "i_syn"), ("plastic", "y"), ("inp", "spikes")])
    )
    size = full._available()[owner][name]
    chosen = data.draw(st.lists(st.integers(0, size - 1), min_size=1, unique=True))
    request = ncl.Record(name, neurons=chosen) if name == "spikes" else ncl.Record(name, neurons=chosen, every=every)
    whole = full.run(steps(first + second), record=everything(full))[owner]
    joined = ncl.Recording.join(*(part.run(steps(n), record={owner: request}) for n in (first, second)))[owner]
    if name == "spikes":
        assert joined.spikes == whole.spikes.select(chosen)
    else:
        np.testing.assert_array_equal(joined[name], whole[name][every - 1 :: every][:, chosen])
        np.testing.assert_array_equal(joined.trace(name).times, whole.trace(name).times[every - 1 :: every])
        np.testing.assert_array_equal(joined.trace(name).indices, chosen)
    assert same_state(full, part)


def test_more_spikes_than_the_first_table_holds_are_all_recorded():
    simulation = build(Case(n_inp=20))
    simulation.set("inp", rate=1e4)  # 1000 / dt: every source fires in every step
    out = simulation.run(steps(500), record={"inp": ["spikes", "counts"]})["inp"]
    assert (out.counts() == 500).all()
    np.testing.assert_array_equal(out.spikes.counts(), out.counts())
    np.testing.assert_array_equal(out.spikes.times, np.repeat(np.arange(1, 501) * 0.1, 20))


@few
@given(case=cases(), reward=st.floats(0, 1))
def test_a_modulator_sums_the_spikes_of_the_neurons_it_counts(case: Case, reward: float):
    simulation = build(case, "float64")
    simulation.set("dopamine", reward=reward)
    out = simulation.run(steps(50), record={"neurons": "spikes", "dopamine": "d"})
    spikes = out["neurons"].spikes
    counted = np.isin(spikes.indices, np.arange(case.n_exc + case.n_inh)[case.counted_part])
    arrived = np.bincount(np.rint(spikes.times[counted] / 0.1).astype(int), minlength=51)
    d, expected = 1.0, []
    for n_spikes in arrived[:50]:  # a spike stamped t_k acts in the step from t_k
        d = 1 + (d + 0.05 * n_spikes + reward - 1) * np.exp(-0.1 / 20)
        expected.append(d)
    np.testing.assert_allclose(out["dopamine"]["d"][:, 0], expected, rtol=1e-12)


def inputs_of(case: Case, count: int, duration: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Constant and per-step inputs of `count` presentations."""
    rng = np.random.default_rng(case.seed)
    values = {"dopamine": {"reward": rng.random(count)}}
    current = rng.normal(3, 3, (count, duration, 1))
    spikes = [rng.random((duration, case.n_inp)) < 0.1 for _ in range(count)]
    return values, {"neurons": {"i_ext": current}, "inp": {"spikes": spikes}}


@both_precisions
@few
@given(case=cases(), before=st.integers(0, 30), count=st.integers(1, 6), trial=st.integers(0, 9))
def test_a_batch_does_not_depend_on_the_threads_and_moves_nothing(
    dtype: str, case: Case, before: int, count: int, trial: int
):
    simulation, undisturbed = build(case, dtype), build(case, dtype)
    for one in (simulation, undisturbed):
        one.run(steps(before))
    record = everything(simulation)
    values, inputs = inputs_of(case, count, 25)
    batches = [
        simulation.run_batch(
            steps(25), count, values=values, inputs=inputs, record=record, first_trial=trial, threads=threads
        )
        for threads in (1, 2, 4)
    ]
    for batch in batches[1:]:
        assert len(batch) == count
        assert all(same_recording(a, b) for a, b in zip(batches[0], batch, strict=True))
    assert same_state(simulation, undisturbed)
    assert same_recording(simulation.run(steps(20), record=record), undisturbed.run(steps(20), record=record))
    assert same_state(simulation, undisturbed)


@few
@given(case=cases(), count=st.integers(1, 4), trial=st.integers(0, 9))
def test_a_presentation_is_a_run_of_its_trial_from_the_same_state(case: Case, count: int, trial: int):
    simulation, alone = build(case), build(case)
    record, (values, inputs) = everything(simulation), inputs_of(case, count, 25)
    batch = simulation.run_batch(steps(25), count, values=values, inputs=inputs, record=record, first_trial=trial)
    for k, presentation in enumerate(batch):
        alone.reset(trial=trial + k)
        single = {
            "neurons": {"i_ext": inputs["neurons"]["i_ext"][k]},
            "inp": {"spikes": inputs["inp"]["spikes"][k]},
            "dopamine": {"reward": np.full(25, values["dopamine"]["reward"][k])},
        }
        assert same_recording(presentation, alone.run(steps(25), inputs=single, record=record))


@few
@given(case=cases(), chunks=st.integers(0, 3))
def test_an_interrupted_run_goes_on_where_it_stopped(case: Case, chunks: int):
    interrupted, whole = build(case), build(case)
    compiled, left = interrupted._compiled, iter(range(chunks))

    def impatient(*arguments: Any) -> int:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return int(compiled(*arguments))

    interrupted._compiled = impatient
    with pytest.raises(KeyboardInterrupt):
        interrupted.run(steps(10**4), record=everything(interrupted), inputs={"neurons": {"i_ext": np.full(1, 9.0)}})
    interrupted._compiled = compiled
    reached = interrupted.step
    whole.run(steps(reached), inputs={"neurons": {"i_ext": np.full(1, 9.0)}} if reached else None)
    for simulation in (interrupted, whole):
        simulation.run(steps(30))
    assert same_state(interrupted, whole)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_state_that_is_no_number_is_reported_by_name(value: float):
    simulation = build()
    simulation.state["neurons.i_syn"][2] = value
    with pytest.raises(ncl.NeuroclError, match=r"'neurons': state '(v|i_syn)' of element 2 became (nan|inf)"):
        simulation.run(steps(1))
    with pytest.raises(ncl.NeuroclError, match=r"'neurons': state '(v|i_syn)' of element 2 became (nan|inf)"):
        simulation.run_batch(steps(1), 3, threads=2)
