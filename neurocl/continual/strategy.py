"""Training a network by gradients on a stream of experiences; methods are plug-ins of it.

Loss     cross entropy of softmax over the active units (those that compete; see `Problem`)
Order    of samples: PCG64 stream "order" of the seed, child (experience, epoch); the same for every method
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from neurocl.continual import seeding
from neurocl.continual.evaluation_mode import evaluation_mode
from neurocl.continual.experience import Batch, Experience, Problem
from neurocl.continual.models import MLP, Model
from neurocl.continual.optimizers import MakeOptimizer, check_optimizer, optimizer_for
from neurocl.continual.plugin import Plugin, check_plugins, check_possible, hooks_of
from neurocl.continual.step import Step
from neurocl.continual.tensors import take_features
from neurocl.continual.units import Units
from neurocl.core._checks import flag, positive_number, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.engines.torch.devices import find_device

__all__ = ["Strategy"]

EVALUATION_BATCH = 2048


class Strategy:
    """Mini-batch gradient descent on one experience after the other; without plug-ins, the naive baseline.

    Parameters
    ----------
    *plugins : what changes the training, in the order in which their hooks are called.
    model : makes the network from the problem, under the seed of the run.
    optimizer : "sgd", "adam", "adagrad", "rmsprop", or a function that makes one from the parameters.
    lr : learning rate of a named optimizer.
    epochs, batch_size : passes over an experience, and samples per update; an online experience has its own.
    reset_optimizer : whether the optimizer's state is forgotten when an experience begins.
    device : of the network and the data, for instance "cpu" or "cuda".

    Attributes
    ----------
    problem, seed, model, optimizer : what was given to `start`, and the network and its optimizer that it made.
    units : which output units compete (`Units`).
    experience : the one in training. n_trained : how many were finished before.
    epoch, iteration : in this experience. batch, outputs, task_loss, loss : of the update. step_count : all updates.
    evaluated_task : task label of the prediction under way.
    generator : random numbers on the CPU for plug-ins; part of the state.

    Raises
    ------
    NeuroclError
        For an argument out of range; in `start`, for a plug-in that the problem does not allow.

    Examples
    --------
    >>> learner = Strategy(model=MLP((100,)), lr=0.01).start(benchmark.problem, seed=0)    # doctest: +SKIP
    >>> for experience in benchmark.train:                                                 # doctest: +SKIP
    ...     learner.train(experience)
    """

    problem: Problem
    seed: int
    model: nn.Module
    optimizer: torch.optim.Optimizer
    units: Units
    generator: torch.Generator
    experience: Experience
    batch: Batch
    outputs: Tensor
    task_loss: Tensor
    loss: Tensor
    evaluated_task: int | Tensor | None
    n_trained: int
    epoch: int
    iteration: int
    step_count: int
    _hooks: dict[str, list[Callable[[Strategy], None]]]
    steps_through_time = False  # whether the loss may be taken at every time step of the network

    def __init__(
        self,
        *plugins: Plugin,
        model: Model | None = None,
        optimizer: str | MakeOptimizer = "sgd",
        lr: float = 0.05,
        epochs: int = 1,
        batch_size: int = 32,
        reset_optimizer: bool = False,
        device: str = "cpu",
    ) -> None:
        check_plugins("Strategy", plugins)
        check_optimizer("Strategy", optimizer)
        self.plugins = plugins
        self.model_description: Model = MLP() if model is None else model
        self.optimizer_description = optimizer
        self.lr = positive_number("Strategy", "lr", lr)
        self.epochs = whole_number("Strategy", "epochs", epochs, at_least=1)
        self.batch_size = whole_number("Strategy", "batch_size", batch_size, at_least=1)
        self.reset_optimizer = flag("Strategy", "reset_optimizer", reset_optimizer)
        self.device = device

    @property
    def name(self) -> str:
        """Names of the plug-ins, or "naive"."""
        return " + ".join(type(plugin).__name__ for plugin in self.plugins) or "naive"

    @property
    def needs_past(self) -> bool:
        """Whether a plug-in must see earlier experiences again."""
        return any(plugin.needs_past for plugin in self.plugins)

    def start(self, problem: Problem, seed: int = 0) -> Self:
        """A new learner for `problem`: fresh weights, copies of the plug-ins; this description does not change.

        Raises
        ------
        NeuroclError
            If a plug-in needs known boundaries or task labels, and the problem has none; if the device is not there; if
            the model is trained at every time step, and the strategy takes its loss once for a batch.
        """
        find_device(self.device, "Strategy")
        if not isinstance(problem, Problem):
            raise NeuroclError(f"Strategy.start: expected a Problem such as benchmark.problem, got {shown(problem)}")
        learner = copy.copy(self)
        learner.plugins = tuple(copy.copy(plugin) for plugin in self.plugins)
        check_possible(learner.plugins, problem, self.reset_optimizer)
        learner.problem, learner.seed = problem, whole_number("Strategy", "seed", seed)
        learner.n_trained = learner.epoch = learner.iteration = learner.step_count = 0
        learner.units = Units(problem, self.device)
        learner.generator = torch.Generator().manual_seed(seeding.torch_seed(seed, "noise"))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seeding.torch_seed(seed, "weights"))
            learner.model = self.model_description(problem).to(self.device)
        take_features(learner.model)
        if getattr(learner.model, "needs_steps_through_time", False) and not self.steps_through_time:
            raise NeuroclError("Strategy: this model is trained at every time step (ottt); use hlop.ContinualTrainer.")
        learner.make_optimizer()
        learner._hooks = hooks_of(learner.plugins)
        learner._call("before_training")
        return learner

    def make_optimizer(self) -> None:
        """Replace the optimizer by a new one without state."""
        self.optimizer = optimizer_for(self.model, self.optimizer_description, self.lr)

    def train(self, experience: Experience) -> None:
        """Train on an experience; after `load_state_dict`, on what was left of it."""
        for _ in self.steps(experience):
            pass

    def steps(self, experience: Experience) -> Iterator[Step]:
        """Train on an experience, pausing after each update. State may be saved in any pause, and between experiences.

        Yields
        ------
        Step
            Loss and number of samples of the update.
        """
        self._begin(experience)
        data = self.experience
        n_epochs, size = (self.epochs, self.batch_size) if data.online is None else (1, data.online)
        while self.epoch < n_epochs:
            if self.iteration == 0:
                self._call("before_training_epoch")
            order = self._order(data)
            for first in range(0, len(data), size)[self.iteration :]:
                self.batch = arrived = data.batch(order[first : first + size])
                self._update()
                self.iteration += 1
                n, correct = len(arrived.y), None
                if data.online is not None:
                    mask = self.units.at_training(arrived.task)
                    correct = (self.units.masked(self.outputs.detach()[:n], mask).argmax(1) == arrived.y).sum()
                yield Step(self.loss.detach(), self.task_loss.detach(), n, correct)
            self._call("after_training_epoch")
            self.epoch, self.iteration = self.epoch + 1, 0
        self._call("after_training_exp")
        self.n_trained, self.epoch = self.n_trained + 1, 0

    def logits(self, x: Any, task_label: Any = None) -> Tensor:
        """Output of the network, all units, without gradients and in evaluation mode [sample, unit]; see `predict`."""
        self._check_started()
        x, self.evaluated_task = self.problem.question(x, task_label)
        with evaluation_mode(self.model):
            self._call("before_eval")
            try:
                with torch.no_grad():
                    parts = x.split(EVALUATION_BATCH, int(self.problem.time_major))
                    return torch.cat([self.model(part.to(self.device)) for part in parts])
            finally:  # an interrupted test leaves the weights and gates of the training
                self._call("after_eval")

    def predict(self, x: Any, task_label: Any = None) -> Tensor:
        """The most active of the units that compete, for each sample.

        Parameters
        ----------
        x : tensor, array or lists, of the shape that is in `Experience`.
        task_label : of all samples or of each; needed in the scenario "task", not used in the others.

        Returns
        -------
        int64 tensor [sample] on the CPU

        Raises
        ------
        NeuroclError
            If `start` was not called, or sample or label are not those of the problem (`Problem.question`).
        """
        outputs = self.logits(x, task_label)
        return self.units.masked(outputs, self.units.at_test(self.evaluated_task)).argmax(1).cpu()

    def cross_entropy(self, outputs: Tensor, batch: Batch, reduction: str = "mean") -> Tensor:
        """The task's loss: cross entropy over the units that compete for these samples at training."""
        mask = self.units.at_training(batch.task)
        return functional.cross_entropy(self.units.masked(outputs, mask), batch.y, reduction=reduction)

    def revisit(self, experience: Experience) -> None:
        """An experience that was learned before the run was interrupted: plug-ins may need it again."""
        for plugin in self.plugins:
            plugin.revisit(self, experience)

    def state_dict(self) -> dict[str, Any]:
        """All that changes: network, optimizer, random numbers, place in the stream, plug-ins."""
        return {
            "place": [self.n_trained, self.epoch, self.iteration, self.step_count],
            "model": dict(self.model.state_dict()),
            "optimizer": self.optimizer.state_dict(),
            "units": self.units.state_dict(),
            "generator": self.generator.get_state(),
            "torch": torch.random.get_rng_state(),
            "plugins": [plugin.state_dict() for plugin in self.plugins],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from `state`, also in the middle of an experience; torch's own random numbers are set, too."""
        self.n_trained, self.epoch, self.iteration, self.step_count = state["place"]
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.units.load_state_dict(state["units"])
        self.generator.set_state(state["generator"])
        torch.random.set_rng_state(state["torch"])
        for plugin, saved in zip(self.plugins, state["plugins"], strict=True):
            plugin.load_state_dict(saved)

    def _begin(self, experience: Experience) -> None:
        """Make `experience` the one in training, whether new or resumed."""
        self._check_started()
        self.units.check(experience)
        for plugin in self.plugins:
            experience = plugin.training_data(self, experience)
        self.experience = experience.to(self.device)
        self.units.enter(self.experience)
        self.model.train()
        if self.epoch == self.iteration == 0:
            if self.reset_optimizer and self.n_trained:
                self.make_optimizer()
            self._call("before_training_exp")

    def _order(self, data: Experience) -> Tensor:
        """Order of the samples in this epoch."""
        if data.online is not None:
            return torch.arange(len(data), device=self.device)
        numbers = seeding.generator(self.seed, "order", self.n_trained, self.epoch)
        return torch.from_numpy(numbers.permutation(len(data))).to(self.device)

    def _update(self) -> None:
        """One step of the optimizer on `self.batch`."""
        self._call("before_training_iteration")
        self.units.meet(self.batch)
        self._call("before_forward")
        self.outputs = self.model(self.batch.x)
        self._call("after_forward")
        self.loss = self.task_loss = self.cross_entropy(self.outputs, self.batch)
        self._call("before_backward")
        self.optimizer.zero_grad()
        self.loss.backward()
        self._call("after_backward")
        self._call("before_update")
        self.optimizer.step()
        self.step_count += 1
        self._call("after_update")
        self._call("after_training_iteration")

    def _check_started(self) -> None:
        if not hasattr(self, "problem"):
            raise NeuroclError("Strategy: call start(benchmark.problem) first, and use the learner that it returns")

    def _call(self, hook: str) -> None:
        for method in self._hooks[hook]:
            method(self)
