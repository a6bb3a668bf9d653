"""Associative memories complete corrupted images of digits: who recalls how many, and through how much noise.

Images       the digits that ship with scikit-learn, 8 x 8; bright pixels are +1 (or 1), dark ones -1 (or 0); for the
             clique memories every pixel is a cluster that chooses one of 4 grey levels
Corruption   a share of the pixels is turned round; for the binary memories, which complete what is missing, a share of
             the bright pixels (of the clusters) is erased
CA3          answers a part of an image with the cues of all images that share a pixel with it; the content of each is
             recalled by its cue, and the most alike is taken
Success      share of cues from which the stored image is recalled without a single wrong pixel; a real-valued answer
             counts by its signs
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from neurocl import memory
from neurocl.core._checks import probability, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.core.random import build_generator
from neurocl.data.digits import digits
from neurocl.experiments.experiment import Experiment, Outcome, Picture, timed
from neurocl.experiments.run_folder import RunFolder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["EXPERIMENT", "Config", "run"]

PIXELS = 64
LEVELS = 4
BRIGHT = 0.3
"""Intensity from which a pixel counts as bright: about 40 % of them do."""


@dataclass(frozen=True)
class Member:
    """A memory, how images and cues are written for it, and how its answer is read as an image."""

    make: Callable[[int], Any]
    """From the number of images."""
    code: str

    def recall(self, images: NDArray[np.float32], cues: int, noise: float, seed: int) -> tuple[Any, Any, Any]:
        """Store the images; cues made of the first ones, the answers, and what was right, each [row, pixel]."""
        patterns = _coded(images, self.code)
        shown = _corrupted(patterns[:cues], self.code, noise, build_generator(seed, "memory", "corruption", str(noise)))
        store = self.make(len(images))
        if self.code == "clusters":
            # One hot in each cluster, which the consolidating memory needs; the clique memory takes the message.
            flat = isinstance(store, memory.ConsolidatingMemory)
            store.store(_one_hot(patterns) if flat else patterns)
            state = store.recall(_one_hot(shown) if flat else shown).state
            state = _message(state) if flat else state
        elif isinstance(store, memory.HippocampalCAM):
            state = _by_cues(store, patterns, shown)
        elif isinstance(store, memory.KeyValueMemory):
            state = store.store(patterns, patterns).recall(shown).state
        else:
            state = store.store(patterns).recall(shown).state
        if self.code == "real":
            state = np.where(np.asarray(state) > 0, 1.0, -1.0)
        return shown, np.asarray(state), patterns[:cues]


MEMBERS = {
    "Hopfield, Hebb": Member(lambda _: memory.Hopfield(PIXELS), "bipolar"),
    "Hopfield, Storkey": Member(lambda _: memory.Hopfield(PIXELS, "storkey"), "bipolar"),
    "Hopfield, projection": Member(lambda _: memory.Hopfield(PIXELS, "projection"), "bipolar"),
    "dense, degree 4": Member(lambda _: memory.DenseHopfield(PIXELS, 4), "bipolar"),
    "dense, exponential": Member(lambda _: memory.DenseHopfield(PIXELS, energy_function="exponential"), "bipolar"),
    "modern": Member(lambda _: memory.ModernHopfield(PIXELS, beta=1.0), "real"),
    "key-value, matrix": Member(lambda _: memory.KeyValueMemory(PIXELS, PIXELS), "real"),
    "key-value, softmax": Member(lambda _: memory.KeyValueMemory(PIXELS, PIXELS, "softmax"), "real"),
    "Willshaw": Member(lambda _: memory.Willshaw(PIXELS, 26), "binary"),
    "sparse Hopfield": Member(lambda _: memory.SparseHopfield(PIXELS, 0.4), "binary"),
    "Sparsey": Member(lambda _: memory.Sparsey(PIXELS, 26, 48, 32, exponent=10.0, gamma=10.0), "binary"),
    "CA3, best of the cues found": Member(lambda n: memory.HippocampalCAM(n, PIXELS), "binary"),
    "cliques": Member(lambda _: memory.ClusteredMemory(PIXELS, LEVELS), "clusters"),
    "cliques, learned through noise": Member(
        lambda _: memory.ConsolidatingMemory(PIXELS * LEVELS, PIXELS, PIXELS, erasure=0.1, insertion=0.01), "clusters"
    ),
}
"""The memories that take images; the multitasking and the outer-product memory do not."""


@dataclass(frozen=True)
class Config:
    """Settings of the experiment.

    Parameters
    ----------
    loads : numbers of images that are stored, up to 1000.
    noises : shares of pixels that are corrupted, from 0 to 1/2.
    load : of the table and of the curves against noise; one of `loads`.
    noise : of the table and of the curves against load; one of `noises`.
    cues : images of which a cue is made, at most.
    seed : of the choice of the images and of the corruption.
    """

    loads: tuple[int, ...] = (2, 5, 10, 20, 50, 100, 200)
    noises: tuple[float, ...] = (0.0, 0.05, 0.1, 0.2, 0.3)
    load: int = 20
    noise: float = 0.1
    cues: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        for load in self.loads:
            if whole_number("memory", "loads", load, at_least=1) > 1000:
                raise NeuroclError(f"memory: loads must be at most 1000, the number of images, got {load}.")
        for noise in self.noises:
            if probability("memory", "noises", noise) > 0.5:
                raise NeuroclError(
                    f"memory: noises must be at most 0.5, where nothing is left of an image, got {noise:g}."
                )
        for name, value in (("load", self.load), ("noise", self.noise)):
            if value not in getattr(self, f"{name}s"):
                raise NeuroclError(
                    f"memory: {name} must be one of {name}s = {getattr(self, f'{name}s')}, got {value:g}."
                )
        whole_number("memory", "cues", self.cues, at_least=1)
        whole_number("memory", "seed", self.seed)


def run(config: Config, folder: RunFolder | None = None) -> Outcome:
    """Run the experiment; a run is so short that nothing is kept in `folder`."""
    times: dict[str, float] = {}
    images = _images(config.seed)
    against_load: dict[str, list[float]] = {name: [] for name in MEMBERS}
    against_noise: dict[str, list[float]] = {name: [] for name in MEMBERS}
    rows, examples = [], {}
    with timed(times, "recall"), warnings.catch_warnings():
        # Loads beyond capacity are the point of the experiment.
        warnings.simplefilter("ignore", UserWarning)
        for name, member in tqdm(MEMBERS.items(), desc="recalling", unit="memory", disable=None, leave=False):
            for load in config.loads:
                against_load[name].append(_success(member, images[:load], config.noise, config))
            for noise in config.noises:
                against_noise[name].append(_success(member, images[: config.load], noise, config))
            shown, state, right = member.recall(images[: config.load], config.cues, config.noise, config.seed)
            wrong = float((state != right).mean())
            rows.append((name, config.load, config.noise, float((state == right).all(axis=1).mean()), wrong))
            examples[name] = (shown[0], state[0])
    with timed(times, "figures"):
        pictures = [
            Picture("success", _curves(config, against_load, against_noise), "Share of cues that recall every pixel."),
            Picture(
                "examples",
                _examples(images[0], examples),
                "One image: its cue (above) and what is recalled; orange: erased.",
            ),
        ]
    return Outcome(
        "Associative memories on images of digits", _summary(config, against_load),
        ("memory", "images stored", "noise", "recalled exactly", "wrong pixels"), rows,
        {"against_load": against_load, "against_noise": against_noise, "loads": config.loads, "noises": config.noises},
        times, pictures,
    )  # fmt: skip


def _images(seed: int) -> NDArray[np.float32]:
    """1000 training images in random order, [row, pixel]; no two are equal when coded, or no one could tell them."""
    data = digits().flat().x_train
    data = data[build_generator(seed, "memory", "images").permutation(len(data))]
    unique = np.unique(data > BRIGHT, axis=0, return_index=True)[1]
    return np.asarray(data[np.sort(unique)][:1000])


def _success(member: Member, images: NDArray[np.float32], noise: float, config: Config) -> float:
    _, state, right = member.recall(images, config.cues, noise, config.seed)
    return float((state == right).all(axis=1).mean())


def _coded(images: NDArray[np.float32], code: str) -> Any:
    if code == "clusters":
        return np.minimum(images * LEVELS, LEVELS - 1).astype(np.int64)
    bright = images > BRIGHT
    return bright if code == "binary" else np.where(bright, 1, -1).astype(np.float64 if code == "real" else np.int8)


def _corrupted(patterns: Any, code: str, noise: float, rng: np.random.Generator) -> Any:
    cues = patterns.copy()
    for cue in cues:
        places = np.flatnonzero(cue) if code == "binary" else np.arange(cue.size)
        chosen = rng.permutation(places)[: round(noise * places.size)]
        cue[chosen] = -cue[chosen] if code in ("bipolar", "real") else (0 if code == "binary" else -1)
    return cues


def _by_cues(store: memory.HippocampalCAM, patterns: NDArray[np.bool_], shown: NDArray[np.bool_]) -> Any:
    """A part of a content finds all cues that share a pixel with it; of their contents the most alike is the answer."""
    n = len(patterns)
    store.store(np.hstack([np.eye(n, dtype=np.bool_), patterns]))
    contents = store.recall(np.eye(n, n + PIXELS, dtype=np.bool_)).state[:, n:]
    found = store.recall(np.hstack([np.zeros((len(shown), n), dtype=np.bool_), shown])).state[:, :n]
    shared = 2 * shown.astype(np.int64) @ contents.T - contents.sum(axis=1)
    return contents[np.where(found, shared, -PIXELS - 1).argmax(axis=1)]


def _one_hot(messages: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.asarray(messages[:, :, None] == np.arange(LEVELS)).reshape(len(messages), -1)


def _message(units: NDArray[np.bool_]) -> NDArray[np.int64]:
    clusters = units.reshape(len(units), PIXELS, LEVELS)
    return np.where(clusters.any(axis=2), clusters.argmax(axis=2), -1)


def _summary(config: Config, against_load: dict[str, list[float]]) -> list[str]:
    most = {
        name: max((load for load, s in zip(config.loads, success, strict=True) if s >= 0.9), default=0)
        for name, success in against_load.items()
    }
    held = "; ".join(f"{name}: {load}" for name, load in sorted(most.items(), key=lambda item: -item[1]))
    return [
        f"Largest number of stored images with 9 of 10 cues, {config.noise:.0%} corrupted, recalled exactly. {held}.",
        "Images of digits resemble each other; capacities quoted for random patterns do not hold for them.",
    ]


def _curves(config: Config, against_load: dict[str, list[float]], against_noise: dict[str, list[float]]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.5, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    styles = ("-o", "--s", ":^")
    for k, name in enumerate(MEMBERS):
        style: Any = {"color": f"C{k}" if k < 10 else "black", "markersize": 3.5, "linewidth": 1.2}
        left.plot(config.loads, against_load[name], styles[k % 3], label=name, **style)
        right.plot(config.noises, against_noise[name], styles[k % 3], **style)
    left.set_xscale("log")
    left.set_xlabel(f"images stored (noise {config.noise:g})")
    right.set_xlabel(f"share of pixels corrupted ({config.load} images)")
    left.set_ylabel("recalled exactly")
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
    figure.legend(*left.get_legend_handles_labels(), loc="outside right center", fontsize=7, frameon=False)
    return figure


def _examples(image: NDArray[np.float32], examples: dict[str, tuple[Any, Any]]) -> Figure:
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    gray = colormaps["gray"].with_extremes(bad="C1")
    figure = Figure(figsize=(1.0 * (len(examples) + 1), 2.6), layout="constrained")
    axes = figure.subplots(2, len(examples) + 1)
    axes[0, 0].imshow(image.reshape(8, 8), cmap="gray")
    axes[0, 0].set_title("image", fontsize=6)
    for column, (name, pair) in enumerate(examples.items(), start=1):
        axes[0, column].set_title(name.replace(", ", ",\n").replace("learned ", "learned\n"), fontsize=6)
        for ax, values in zip(axes[:, column], pair, strict=True):
            unknown = (values == -1) & (values.max() > 1)
            ax.imshow(np.ma.masked_array(values, unknown).astype(float).reshape(8, 8), cmap=gray)
    for ax in axes.flat:
        ax.set_axis_off()
    return figure


EXPERIMENT = Experiment(
    name="memory",
    description="associative memories complete corrupted digits: success against load and noise",
    config=Config,
    run=run,
)
"""What `neurocl run memory` runs."""
