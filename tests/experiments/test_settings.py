"""Settings typed as text become typed values, or one sentence that says what was wrong."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.core.errors import NeuroclError
from neurocl.experiments.settings import make_config, parse_settings


@dataclass(frozen=True)
class Config:
    size: int = 1
    limit: int | None = None
    rate: float = 1.0
    name: str = "a"
    fast: bool = False
    kind: Literal["one", "two"] = "one"
    sizes: tuple[int, ...] = (1,)


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "size": st.integers(), "limit": st.none() | st.integers(), "fast": st.booleans(),
        "rate": st.floats(allow_nan=False, allow_infinity=False), "kind": st.sampled_from(["one", "two"]),
        "name": st.text("abc=,.", min_size=1), "sizes": st.lists(st.integers()).map(tuple),
    },
)  # fmt: skip


@given(VALUES)
def test_what_is_written_as_text_is_read_as_it_was(values: dict[str, Any]) -> None:
    texts = [f"{key}={','.join(map(str, v)) if isinstance(v, tuple) else v}" for key, v in values.items()]
    parsed = parse_settings(Config, texts)
    assert parsed == values
    assert [type(v) for v in parsed.values()] == [type(v) for v in values.values()]


@given(VALUES)
def test_a_config_survives_json(values: dict[str, Any]) -> None:
    import json

    config = Config(**values)
    assert make_config(Config, json.loads(json.dumps(asdict(config)))) == config


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("size", "key=value"),
        ("=3", "key=value"),
        ("sise=3", "did you mean 'size'"),
        ("size=3.5", "a whole number"),
        ("size=", "a whole number"),
        ("size=none", "a whole number"),
        ("rate=fast", "a finite number"),
        ("rate=nan", "a finite number"),
        ("rate=inf", "a finite number"),
        ("fast=maybe", "true or false"),
        ("kind=tow", "did you mean 'two'"),
        ("sizes=1,x", "a whole number"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_repeats_it(text: str, word: str) -> None:
    with pytest.raises(NeuroclError) as caught:
        parse_settings(Config, [text])
    message = str(caught.value)
    assert text in message and word in message and "\n" not in message


def test_two_values_of_one_setting_are_refused_and_equal_ones_are_not() -> None:
    assert parse_settings(Config, ["size=3", "size=3"]) == {"size": 3}
    with pytest.raises(NeuroclError, match="was set before"):
        parse_settings(Config, ["size=3", "size=4"])


def test_an_unknown_saved_setting_is_refused() -> None:
    with pytest.raises(NeuroclError, match="did you mean 'size'"):
        make_config(Config, {"sizee": 3})
