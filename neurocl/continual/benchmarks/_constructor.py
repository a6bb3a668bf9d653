"""How a constructor becomes a named benchmark that knows how it was made."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from neurocl.continual.benchmark import Benchmark
from neurocl.continual.samples import as_samples
from neurocl.core._checks import flag, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import suggest

__all__ = ["CONSTRUCTORS", "MODIFIERS", "constructor", "make", "modifier", "rebuild"]

P = ParamSpec("P")

CONSTRUCTORS: dict[str, Callable[..., Benchmark]] = {}
"""Benchmarks made from data, by name."""

MODIFIERS: dict[str, Callable[..., Benchmark]] = {}
"""Benchmarks made from another one, by name."""


def constructor(function: Callable[Concatenate[Any, P], Benchmark]) -> Callable[Concatenate[Any, P], Benchmark]:
    """Register a function of data (as `Samples`) and further arguments, among them ``seed``."""
    signature, name = inspect.signature(function), function.__name__

    @wraps(function)
    def made(data: Any, *args: P.args, **kwargs: P.kwargs) -> Benchmark:
        samples = as_samples(data)
        values = _bound(name, signature, samples, *args, **kwargs)
        built = function(samples, **values)  # type: ignore[call-arg]
        spec = {"benchmark": name, "data": samples.name, **values}
        again: Any = made
        return replace(built, spec=spec, rebuild=lambda seed: again(samples, **{**values, "seed": seed}))

    CONSTRUCTORS[name] = made
    return made


def modifier(
    function: Callable[Concatenate[Benchmark, P], Benchmark],
) -> Callable[Concatenate[Benchmark, P], Benchmark]:
    """Register a function of a benchmark, whose seed it keeps, and further arguments."""
    signature, name = inspect.signature(function), function.__name__

    @wraps(function)
    def made(benchmark: Benchmark, *args: P.args, **kwargs: P.kwargs) -> Benchmark:
        if not isinstance(benchmark, Benchmark):
            raise NeuroclError(f"{name}: expected a benchmark, for instance split('digits'), got {shown(benchmark)}")
        values = _bound(name, signature, benchmark, *args, **kwargs)
        built = function(benchmark, **values)  # type: ignore[call-arg]
        spec = {"benchmark": name, "base": dict(benchmark.spec), **values}
        again: Any = made
        return replace(built, spec=spec, rebuild=lambda seed: again(benchmark.with_seed(seed), **values))

    MODIFIERS[name] = made
    return made


def make(name: str, **arguments: Any) -> Benchmark:
    """A benchmark by name: "split-mnist", "permuted-digits", "rotated-fashion_mnist", "fuzzy-split-digits", ...

    Parameters
    ----------
    name : constructor and data set, joined by a hyphen; what modifies the benchmark comes first, with a hyphen too.
    **arguments : of the constructor and of the modifiers.

    Raises
    ------
    NeuroclError
        If there is no such constructor or data set, or it has no such argument.
    """
    kind, _, data = str(name).partition("-")
    if kind in MODIFIERS and data:
        known = inspect.signature(MODIFIERS[kind]).parameters
        own = {key: value for key, value in arguments.items() if key in known}
        rest = {key: value for key, value in arguments.items() if key not in known}
        return MODIFIERS[kind](make(data, **rest), **own)
    if kind not in CONSTRUCTORS or not data:
        raise NeuroclError(
            f"benchmark {name!r}: expected a name such as split-digits or fuzzy-permuted-mnist"
            f"{suggest(kind, [*CONSTRUCTORS, *MODIFIERS])}"
        )
    return CONSTRUCTORS[kind](data.replace("-", "_"), **arguments)


def rebuild(spec: Mapping[str, Any], data: Any = None) -> Benchmark:
    """The benchmark that a spec describes, exactly.

    Parameters
    ----------
    spec : of a benchmark; may have been saved as JSON.
    data : the samples, where they were the user's own tensors.
    """
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in spec.items()}
    name = values.pop("benchmark")
    if "base" in values:
        return MODIFIERS[name](rebuild(values.pop("base"), data), **values)
    known = values.pop("data")
    return CONSTRUCTORS[name](known if data is None else data, **values)


def _bound(owner: str, signature: inspect.Signature, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Arguments by name, without the first, with defaults; those that all benchmarks share are checked."""
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        raise NeuroclError(f"{owner}: {error}") from None
    bound.apply_defaults()
    first = next(iter(signature.parameters))
    values = {key: _plain(value) for key, value in bound.arguments.items() if key != first}
    for key, value in values.items():
        kind = signature.parameters[key].annotation
        if kind == "bool":
            flag(owner, key, value)
        elif key == "seed" or (key == "n_experiences" and not (value is None and kind == "int | None")):
            whole_number(owner, key, value, at_least=int(key == "n_experiences"))
    return values


def _plain(value: Any) -> Any:
    """Numbers, arrays and tensors as Python's own numbers and tuples, so that a spec can be written as JSON."""
    value = value.tolist() if hasattr(value, "tolist") else value
    return tuple(map(_plain, value)) if isinstance(value, list | tuple | range) else value


def unfinished(seed: int) -> Any:
    """What stands for `rebuild` until the benchmark is registered."""
    raise NeuroclError(f"this benchmark cannot be made from seed {seed}")
