"""Plug-ins: small objects that change how a `Strategy` trains, called at fixed points of its loop.

    before_training                     once, when the model is there: make the state
      before_training_exp               an experience begins
        before_training_epoch
          before_training_iteration     strategy.batch is there; samples may be added behind those that arrived
            before_forward, after_forward      strategy.outputs: logits of the batch, all units
            before_backward             strategy.loss (starts as strategy.task_loss) may be added to
            after_backward              gradients are there, and may be changed
            before_update, after_update        around the optimizer's step
          after_training_iteration
        after_training_epoch
      after_training_exp                an experience is over
    before_eval, after_eval             around predictions, also within training

Names are Avalanche's, where `before_training` is called for every experience (here once, at `start`) and hooks around
the evaluation of a stream, an experience and a batch are three (here one pair: `predict` knows only samples).

Every hook gets the strategy. With several plug-ins, each hook is called in the order in which they were given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from neurocl.core.errors import NeuroclError, shown

if TYPE_CHECKING:
    from neurocl.continual.experience import Experience, Problem
    from neurocl.continual.strategy import Strategy

__all__ = ["HOOKS", "Plugin", "check_plugins", "check_possible", "hooks_of", "need_boundaries"]

HOOKS = (
    "before_training",
    *(f"before_training_{part}" for part in ("exp", "epoch", "iteration")),
    *(f"{when}_{what}" for what in ("forward", "backward", "update") for when in ("before", "after")),
    *(f"after_training_{part}" for part in ("iteration", "epoch", "exp")),
    "before_eval", "after_eval",
)  # fmt: skip
"""Names of the hooks."""


class Plugin:
    """Base class of plug-ins: override the hooks that are needed.

    A constructor only stores and checks its arguments. All that changes is made in `before_training`, and its
    attributes are named in `state`: that is what is saved and loaded. A `Strategy` works on copies of its plug-ins,
    so that one description serves many runs. Random numbers come from ``strategy.generator`` alone.

    Attributes
    ----------
    state : names of the attributes that make up the state: tensors, numbers, text, None, and lists, tuples and dicts of
        them (with keys of text or whole numbers).
    needs_boundaries : whether it must know where an experience begins and ends.
    needs_past : whether `revisit` must be called when an interrupted run is resumed.
    needs_task_label : whether it must know the task at test, that is, the scenario "task".
    """

    state: ClassVar[tuple[str, ...]] = ()
    needs_boundaries: ClassVar[bool] = False
    needs_past: ClassVar[bool] = False
    needs_task_label: ClassVar[bool] = False

    def training_data(self, strategy: Strategy, experience: Experience) -> Experience:
        """What to train on instead of `experience`; called when it begins, and again when it is resumed."""
        return experience

    def revisit(self, strategy: Strategy, experience: Experience) -> None:
        """An experience that was learned before the run was interrupted; called in order before it is resumed."""

    def before_training(self, strategy: Strategy) -> None: ...
    def before_training_exp(self, strategy: Strategy) -> None: ...
    def before_training_epoch(self, strategy: Strategy) -> None: ...
    def before_training_iteration(self, strategy: Strategy) -> None: ...
    def before_forward(self, strategy: Strategy) -> None: ...
    def after_forward(self, strategy: Strategy) -> None: ...
    def before_backward(self, strategy: Strategy) -> None: ...
    def after_backward(self, strategy: Strategy) -> None: ...
    def before_update(self, strategy: Strategy) -> None: ...
    def after_update(self, strategy: Strategy) -> None: ...
    def after_training_iteration(self, strategy: Strategy) -> None: ...
    def after_training_epoch(self, strategy: Strategy) -> None: ...
    def after_training_exp(self, strategy: Strategy) -> None: ...
    def before_eval(self, strategy: Strategy) -> None: ...
    def after_eval(self, strategy: Strategy) -> None: ...

    def state_dict(self) -> dict[str, Any]:
        """The attributes named in `state`."""
        return {name: getattr(self, name) for name in self.state}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Set the attributes named in `state`; `before_training` was called before."""
        for name in self.state:
            setattr(self, name, state[name])


def hooks_of(plugins: Iterable[Plugin]) -> dict[str, list[Callable[[Strategy], None]]]:
    """What each hook calls, by name: the methods that a plug-in has overridden."""
    return {
        name: [getattr(p, name) for p in plugins if getattr(type(p), name) is not getattr(Plugin, name)]
        for name in HOOKS
    }


def check_plugins(owner: str, plugins: Iterable[Any]) -> None:
    """NeuroclError, begun by `owner`, unless all are plug-ins."""
    for plugin in plugins:
        if not isinstance(plugin, Plugin):
            raise NeuroclError(f"{owner}: plug-ins must be Plugin objects, got {shown(plugin)}")


def need_boundaries(owner: str, problem: Problem) -> None:
    """NeuroclError if it is not known where an experience begins and ends."""
    if not problem.boundary_known:
        raise NeuroclError(
            f"{owner} needs to know where an experience ends, and this stream has no known boundaries; choose a method"
            " without boundaries (experience replay, for instance) or another benchmark"
        )


def check_possible(plugins: Iterable[Plugin], problem: Problem, reset_optimizer: bool = False) -> None:
    """NeuroclError if known boundaries or the task label are needed, and the problem does not give them."""
    if reset_optimizer:
        need_boundaries("Strategy(reset_optimizer=True)", problem)
    for plugin in plugins:
        name = type(plugin).__name__
        if plugin.needs_boundaries:
            need_boundaries(name, problem)
        if plugin.needs_task_label and problem.scenario != "task":
            raise NeuroclError(
                f"{name} needs the task label at test, and scenario '{problem.scenario}' does not give it; choose"
                " scenario='task'"
            )
