"""What the four liquid state machines have in common: encode, prepare the liquid, present, read out.

    encode      images to events of one total rate (`ImageEncoder`), or events as they are
    prepare     make a liquid; show it training samples without labels (the pre-phase), which fixes its weights
    present     every sample once, always from these weights; spikes are counted
    read out    a linear classifier of the counts; the liquid is never shown a sample again for it
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from neurocl.core._checks import flag, whole_number
from neurocl.core._classes import class_numbers
from neurocl.core.errors import NeuroclError, shown
from neurocl.lsm.adadelta_readout import AdadeltaReadout
from neurocl.lsm.encoding import Encoding, encoding
from neurocl.lsm.liquid import Liquid
from neurocl.lsm.presentation import Presentation, Weights
from neurocl.lsm.readout import VALIDATION, LogisticReadout, as_classes

__all__ = ["LATER", "LiquidClassifier", "need_prepared", "need_samples"]

LATER = 2**32
"""Samples of `predict` are numbered from here on, so that their input spikes are not those of training samples."""


class LiquidClassifier(ClassifierMixin, BaseEstimator, ABC):
    """A liquid and its readout, as a classifier of scikit-learn.

    Subclasses say what their liquid is. All of them have these parameters.

    Parameters
    ----------
    n : neurons of the liquid, four fifths of them excitatory.
    magnitude : of all weights at the start.
    steps : ms of a presentation.
    encoding : "image" (default): samples are images, [sample, pixel] or [sample, height, width], with intensities >= 0
        of any scale. "events": samples are events, [sample, step, channel] of 0 and 1, at least `steps` long; anything
        with a length whose slices are such arrays will do, and is read a few samples at a time.
    readout : classifier of spike counts with fit and predict; None: `LogisticReadout()`, or `AdadeltaReadout()` with
        `parity`.
    parity : do what the published code does: images are scaled by the largest share of the set at hand, traces go on
        from sample to sample, the pre-phase leaves out the validation part.
    batch : samples per batch with `parity`: of presentations, and of the usual readout's training. Published: 250, and
        50 for 8000 neurons.
    threads : for presentations; None: all cores. The results do not depend on it.
    seed : of wiring, order of the pre-phase and input spikes.

    Attributes
    ----------
    liquid_ : `Liquid`, prepared. encoding_ : how samples become events. readout_ : the fitted readout.
    classes_ : labels in rising order. n_features_in_ : pixels or channels.
    """

    n: int
    steps: int
    encoding: str
    readout: Any
    parity: bool
    batch: int
    threads: int | None
    seed: int
    liquid_: Liquid
    encoding_: Encoding
    readout_: Any
    classes_: NDArray[Any]
    n_features_in_: int

    @abstractmethod
    def make_liquid(self, n_inputs: int) -> Liquid:
        """Return a new liquid as the parameters say, before its pre-phase."""

    def fit(self, X: Any, y: ArrayLike) -> Self:
        """Prepare a liquid, present the samples, and train the readout.

        Parameters
        ----------
        X : training samples, see `encoding`.
        y : array [sample], labels of two classes or more.

        Raises
        ------
        NeuroclError
            If a parameter is out of range, or the samples or labels are not as described.
        """
        owner = type(self).__name__
        self.classes_, _ = as_classes(owner, y, need_samples(owner, X))
        readout = self._new_readout()
        self.prepare(X)
        counts = self.present(X, first_sample=0).counts
        self.readout_ = readout.fit(counts, np.asarray(y))
        return self

    def prepare(self, X: Any, weights: Weights | None = None) -> Self:
        """Find the scale of the samples, make a liquid and run its pre-phase; `fit` begins with this.

        Parameters
        ----------
        X : training samples.
        weights : of an equal model that was prepared before; they take the place of the pre-phase.
        """
        flag(type(self).__name__, "parity", self.parity)
        self.encoding_ = encoding(self.encoding, "split" if self.parity else "train").fit(X)
        self.n_features_in_ = self.encoding_.n_inputs
        self.liquid_ = self.make_liquid(self.n_features_in_)
        if weights is None:
            self._pre_phase(X)
        else:
            self.liquid_.weights = weights
        return self

    def present(
        self, X: Any, *, chosen: Sequence[int] | None = None, record: Sequence[int] = (), first_sample: int = LATER
    ) -> Presentation:
        """Present samples to the prepared liquid.

        Parameters
        ----------
        X : samples.
        chosen : numbers of the samples in X that are presented; None: all. The scale is that of all.
        record : which of those presented, counted from 0, return all their spikes.
        first_sample : number of the first sample, which chooses its input spikes. `fit` numbers training samples from
            0, `predict` begins at 2^32.
        """
        need_prepared(type(self).__name__, self)
        samples = self.encoding_.samples(X, self.steps, chosen)
        return self.liquid_.present(
            samples, self.steps, record=record, first_sample=first_sample, threads=self.threads, batch=self.batch
        )

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the label of each sample.

        Input spikes are drawn by the number of a sample in X, so a sample elsewhere in X may get another label.
        """
        if not hasattr(self, "readout_"):
            raise NeuroclError(f"{type(self).__name__}: it has learned nothing yet; call fit first.")
        found: NDArray[Any] = self.readout_.predict(self.present(X).counts)
        return found

    def score(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the share of samples whose label is predicted; `sample_weight` as in scikit-learn."""
        class_numbers(type(self).__name__, y, need_samples(type(self).__name__, X))  # before they are presented
        return float(super().score(X, y, sample_weight))

    def pre_phase_order(self, n_samples: int, pre_samples: int | None) -> NDArray[np.int64]:
        """Return which of the training samples the pre-phase shows, in their order."""
        first = n_samples - round(VALIDATION * n_samples) if self.parity else n_samples
        order = np.random.default_rng(self.seed).permutation(max(first, 1))
        return order if pre_samples is None else order[: whole_number(type(self).__name__, "pre_samples", pre_samples)]

    def _new_readout(self) -> Any:
        if self.readout is None:
            return AdadeltaReadout(batch_size=self.batch) if self.parity else LogisticReadout()
        try:
            return clone(self.readout)
        except TypeError:
            raise NeuroclError(
                f"{type(self).__name__}: readout must be a classifier of scikit-learn, such as LogisticReadout(), or"
                f" None, got {shown(self.readout)}."
            ) from None

    def _pre_phase(self, X: Any) -> None:
        """Nothing, for a liquid that does not learn."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        tags.input_tags.three_d_array = True
        tags.non_deterministic = True  # the label of a sample depends on its place, by its input spikes
        tags.classifier_tags.poor_score = True  # scikit-learn checks scores on blobs, which are no images
        return tags


def need_samples(owner: str, X: Any) -> int:
    """Return the number of samples; NeuroclError if X is no sequence."""
    if not hasattr(X, "__len__") or not hasattr(X, "__getitem__"):
        raise NeuroclError(f"{owner}: X must be images [sample, ...] or events, got {shown(X)}.")
    return len(X)


def need_prepared(owner: str, model: LiquidClassifier) -> None:
    """Raise NeuroclError unless `model` has a liquid."""
    if not isinstance(model, LiquidClassifier) or not hasattr(model, "liquid_"):
        raise NeuroclError(
            f"{owner}: expected a prepared liquid, such as NALSM().prepare(images), got {shown(model)}; call fit, or"
            " prepare, first."
        )
