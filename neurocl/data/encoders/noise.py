"""Noise of images, of probabilities and of event times, as in the published measure of kernel quality.

Images         pixel + N(0, sd), cut to 0 ... largest pixel of the set; published: sd = 125 of 255
Probabilities  p + N(0, sd) in every step, cut at 0; published: sd = 0.025
Event times    t + s, one s for all events of a sample, reflected at the first and the last step; published:
               s = N(0, 10) ms, rounded
Source         Ivanov & Michmizos (2021), NeurIPS 34, and its published code (combra-lab/NALSM)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm as normal

from neurocl.core._checks import non_negative_number
from neurocl.core.errors import NeuroclError
from neurocl.data.encoders._arrays import array_within, real_array

__all__ = ["noisy_images", "noisy_probabilities", "shift_events"]


def noisy_images(images: ArrayLike, sd: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the images with Gaussian noise in each pixel, cut to between 0 and the largest of all their pixels.

    Parameters
    ----------
    images : array [image, ...], intensities >= 0 of any scale.
    sd : standard deviation of the noise, in units of the largest pixel; 125 / 255 as published.
    rng : source of the noise.
    """
    pixels, width = real_array("noisy_images", "images", images), non_negative_number("noisy_images", "sd", sd)
    largest = float(pixels.max(initial=0.0))
    return np.clip(pixels + width * largest * rng.standard_normal(pixels.shape), 0.0, largest)


def noisy_probabilities(p: ArrayLike, sd: float) -> NDArray[np.float64]:
    """Return the probability of an event if Gaussian noise of standard deviation `sd` is added to `p` in every step.

    The noise is drawn anew in each step, so that events stay independent, with the mean of p + noise cut at 0:
    p' = p Phi(p / sd) + sd phi(p / sd). (Cutting at 1 matters to no pixel whose p is below 1 - 3 sd; it is done here
    for p' itself.)

    Parameters
    ----------
    p : probabilities, any shape.
    sd : standard deviation of the noise, 0.025 in the published measure of kernel quality.
    """
    owner = "noisy_probabilities"
    values, width = real_array(owner, "p", p).astype(np.float64), non_negative_number(owner, "sd", sd)
    if width == 0.0:
        return values
    ratio = values / width
    return np.minimum(values * normal.cdf(ratio) + width * normal.pdf(ratio), 1.0)


def shift_events(events: ArrayLike, shifts: ArrayLike) -> NDArray[np.bool_]:
    """Return the events of each sample some steps later, reflected at the first and at the last step.

    Parameters
    ----------
    events : array [sample, step, channel] of 0 and 1.
    shifts : whole numbers [sample], less than the number of steps in magnitude; below 0: earlier.

    Examples
    --------
    >>> shift_events([[[1], [1], [0], [0]]], [-1])[0, :, 0].astype(int)  # step 0 is reflected to 1
    array([1, 1, 0, 0])
    """
    raster, by = array_within("shift_events", "events", events, 0.0, 1.0).astype(bool), np.asarray(shifts)
    if raster.ndim != 3 or by.shape != raster.shape[:1] or by.dtype.kind not in "iu":
        raise NeuroclError(
            "shift_events: expected events [sample, step, channel] and one whole number for each sample, got shapes"
            f" {list(raster.shape)} and {list(by.shape)}."
        )
    last = raster.shape[1] - 1
    if by.size and np.abs(by).max() > last:
        farthest = by[np.abs(by).argmax()]
        raise NeuroclError(f"shift_events: shifts must lie between {-last} and {last} steps, got {farthest}.")
    sample, step, channel = np.nonzero(raster)
    reflected = last - np.abs(last - np.abs(step + by[sample]))
    found = np.zeros_like(raster)
    found[sample, reflected, channel] = True
    return found
