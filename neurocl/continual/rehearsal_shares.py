"""How a rehearsal budget is divided over earlier tasks.

Weights      power         w_j ~ (D_j + 1)^-a          D_j = phases since task j was introduced
             exponential   w_j ~ exp(-rate D_j)
             uniform       w_j ~ 1
Shares       largest remainders: whole numbers that sum to the budget; of equal remainders the earlier task's
Source       Gandhi, Shah, Marupudi & Varma (2024), arXiv:2401.10393 (the idea); exponent and shares are ours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import non_negative_number, whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["SCHEDULES", "rehearsal_shares"]

SCHEDULES = ("power", "exponential", "uniform", "none")


def rehearsal_shares(phase: int, budget: int, schedule: str = "power", exponent: float = 1.0) -> NDArray[np.int64]:
    """Numbers of samples of tasks 0 .. phase - 1 in phase `phase`; they sum to `budget`.

    Parameters
    ----------
    phase : number of earlier tasks.
    budget : samples to rehearse.
    schedule : one of `SCHEDULES`; "none" gives zeros.
    exponent : a of "power", rate of "exponential".
    """
    if schedule not in SCHEDULES:
        raise NeuroclError(f"rehearsal: schedule must be one of {', '.join(SCHEDULES)}, got '{schedule}'.")
    whole_number("rehearsal", "phase", phase)
    whole_number("rehearsal", "budget", budget)
    exponent = non_negative_number("rehearsal", "exponent", exponent)
    if phase == 0 or schedule == "none":
        return np.zeros(phase, dtype=np.int64)
    age = np.arange(phase, 0, -1, dtype=np.float64)
    logarithm = {
        "power": -exponent * np.log(age + 1.0),
        "exponential": -exponent * age,
        "uniform": np.zeros(phase),
    }[schedule]
    weights = np.exp(logarithm - logarithm.max())
    wanted = budget * weights / weights.sum()
    shares = np.floor(wanted).astype(np.int64)
    order = np.argsort(-(wanted - shares), kind="stable")
    shares[order[: budget - int(shares.sum())]] += 1
    return shares
