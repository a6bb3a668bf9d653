"""Recording requests: what they select, and the messages for what they may not ask."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.core.errors import NeuroclError
from neurocl.core.recording import Record, ResolvedRecord, parse_requests

EXC = dict.fromkeys(["spikes", "counts", "v", "i_syn"], 100)
AVAILABLE = {"exc": EXC, "rec": {"w": 5000}, "da": {"d": 1}}


def test_requests_are_written_out_in_order():
    parsed = parse_requests(
        {"exc": ["spikes", "v", Record("i_syn", neurons=[5, 0], every=10)], "rec": "w", "da": Record("d")},
        AVAILABLE,
    )
    assert {owner: [request.name for request in requests] for owner, requests in parsed.items()} == {
        "exc": ["spikes", "v", "i_syn"],
        "rec": ["w"],
        "da": ["d"],
    }
    i_syn = parsed["exc"][2]
    assert i_syn.neurons.tolist() == [5, 0] and i_syn.every == 10 and i_syn.neurons.dtype == np.int64
    assert parsed["rec"][0].neurons.tolist() == list(range(5000))
    assert parse_requests(None, AVAILABLE) == {}


@given(st.slices(100))
def test_a_slice_selects_as_in_numpy(selection):
    expected = np.arange(100)[selection]
    if expected.size:
        (request,) = parse_requests({"exc": Record("v", neurons=selection)}, AVAILABLE)["exc"]
        np.testing.assert_array_equal(request.neurons, expected)
    else:
        with pytest.raises(NeuroclError, match="selects none of 100"):
            parse_requests({"exc": Record("v", neurons=selection)}, AVAILABLE)


@given(st.integers(1, 12), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_thinned_steps_do_not_depend_on_where_a_run_is_split(every, start, first, second):
    request = ResolvedRecord("v", np.arange(3), every)
    middle, stop = start + first, start + first + second
    whole = request.steps(start, stop)
    np.testing.assert_array_equal(
        np.concatenate([request.steps(start, middle), request.steps(middle, stop)]), whole
    )
    assert whole.tolist() == [k for k in range(start, stop) if (k + 1) % every == 0]


def test_record_accepts_arrays_and_is_comparable():
    assert Record("v", neurons=np.array([0, 5], np.int32)) == Record("v", neurons=[0, 5])
    assert hash(Record("v", neurons=[0, 5], every=np.int64(2))) == hash(Record("v", (0, 5), 2))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (
            {"exx": "v"},
            r'no "exx" \(did you mean "exc"\?\); what can be recorded: exc \(spikes, counts, v, i_syn\)',
        ),
        (
            {"exc": "V"},
            r'exc has no "V" \(did you mean "v"\?\); what can be recorded of it: spikes, counts, v',
        ),
        ({"exc": ["i_sin"]}, r'did you mean "i_syn"'),
        ({"rec": ["spikes"]}, r'rec has no "spikes"; what can be recorded of it: w'),
        (
            {"exc": Record("v", neurons=[0, 100])},
            r'record\["exc"\], "v": there is no number 100; choose from 0 to 99',
        ),
        ({"exc": Record("v", neurons=[-1])}, "no number -1"),
        ({"exc": Record("v", neurons=[])}, "selects none of 100"),
        ({"exc": ["v", Record("v", every=2)]}, '"v" is asked for twice'),
        ({"exc": [3]}, "expected a name or Record"),
        ({"exc": 3}, "expected names or Record"),
        (["spikes"], "record must map names to quantities"),
    ],
)
def test_wrong_requests_are_answered_in_one_sentence(record, message):
    with pytest.raises(NeuroclError, match=message) as caught:
        parse_requests(record, AVAILABLE)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"every": 0}, r'Record\("v"\): every must be a whole number >= 1, got 0'),
        ({"every": 1.5}, "got 1.5"),
        ({"every": True}, "got True"),
        ({"neurons": [0.5]}, "list of neurons"),
        ({"neurons": 3}, "got 3"),
        ({"neurons": [True, False]}, "numpy.flatnonzero"),
        ({"neurons": [4, 4]}, "neuron 4 is named twice"),
        ({"name": "spikes", "every": 2}, "would lose spikes"),
        ({"name": 3}, "name must be a quantity"),
    ],
)
def test_wrong_records_are_refused_where_they_are_written(arguments, message):
    with pytest.raises(NeuroclError, match=message):
        Record(**{"name": "v", **arguments})
