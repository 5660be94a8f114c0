"""The training loop as a ladder: `fit`, `loop`, `epoch`, `step`, `gradient`; plain torch on every rung."""

import math
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from assay.core.clock import Deadline
from assay.nn.losses._base import Loss
from assay.nn.normalise import check_batch_norm
from assay.nn.recalibrate import recalibrate
from assay.training.averaging import Averaged
from assay.training.batches import Batch, Source
from assay.training.checkpoint import Checkpoint
from assay.training.curriculum import Curriculum
from assay.training.device import autocast, choose_device
from assay.training.evaluate import mean_loss, row_losses
from assay.training.freezing import Frozen
from assay.training.groups import groups_of
from assay.training.guard import Diverged, Guard
from assay.training.history import Epoch, History
from assay.training.mixup import Mixed, mix
from assay.training.modes import learning, own_draws, threads
from assay.training.optimizers._base import Averaging, make_optimizer, method, settled_options
from assay.training.options import Options
from assay.training.recovery import Recovery
from assay.training.schedules import Place, make_schedule, warmed_up
from assay.training.settle import settled
from assay.training.watcher import Watcher

LOOK = 8
FIRST_ROWS = 32
RECALIBRATION_BATCHES = 32


@dataclass
class Standing:
    """Where a training stands: epochs that are done, steps of the one under way, steps and seconds in all."""

    epoch: int = 0
    inner: int = 0
    step: int = 0
    seconds: float = 0.0
    loss: float = 0.0


@dataclass
class Best:
    """The weights to keep: those after the epoch with the lowest validation loss."""

    epoch: int = 0
    loss: float = math.inf
    weights: dict[str, Tensor] = field(default_factory=dict)


class Trainer:
    """Trains a net.

    Args:
        net: Any module whose ``forward`` takes the inputs of a batch and gives outputs (n, ...). It is trained in
            place, and ends with the best weights.
        loss: What is lowered.
        options: Everything else that decides.
        measure: What the validation rows are scored by; the loss itself if not given.
        seed: For every draw: order of rows, dropout, mixup, noise. The net's first weights are the caller's.
        threads: How many threads it may use on a CPU.
        deadline: When to stop. An epoch that it cuts counts for nothing.
        watchers: What looks on.
        checkpoint: A folder where the training is kept while it runs, and gone on with if it was stopped.

    Raises:
        PlanError: An option that there is not, or that does not fit the net or the machine.
    """

    def __init__(
        self,
        net: nn.Module,
        loss: Loss,
        options: Options,
        *,
        measure: Loss | None = None,
        seed: int = 0,
        threads: int = 1,
        deadline: Deadline | None = None,
        watchers: Iterable[Watcher] = (),
        checkpoint: Path | None = None,
    ) -> None:
        self.device = choose_device(options.device)
        self.net, self.loss = net.to(self.device), loss.to(self.device)
        self.measure = loss if measure is None else measure.to(self.device)
        self.options, self.seed, self.threads = options, seed, threads
        self.deadline = deadline or Deadline()
        self.watchers = tuple(watchers)
        self.checkpoint = Checkpoint(checkpoint) if checkpoint else None
        self.method = method(options.optimizer)
        settled_options(self.method, options.optimizer_options)

    def fit(self, source: Source, valid: Source | None = None) -> History:
        """Train until the schedule, the clock or the validation rows end it, and keep the best epoch's weights.

        Raises:
            NotEnoughTime: The deadline leaves no room for what would be worth having.
            TrainingError: The loss left all bounds again and again, or one row does not fit into memory.
        """
        self.source, self.valid = source.to(self.device), None if valid is None else valid.to(self.device)
        with own_draws(self.seed, self.device), threads(self.threads), learning(self.net):
            begun = self.checkpoint.options(self.options) if self.checkpoint else None
            self.options = begun or settled(self)
            torch.set_num_threads(self.options.threads)
            self.begin()
            try:
                for watcher in self.watchers:
                    watcher.begin(self)
                self.loop()
            finally:
                self.frozen.release()
                for watcher in self.watchers:
                    watcher.end(self, self.history)
        return self.history

    def begin(self) -> None:
        """Everything that changes while training goes on; taken from the checkpoint where there is one."""
        options = self.options
        self.at, self.best, self.history = Standing(), Best(), History()
        self.steps_per_epoch = self.source.steps(self.batch_size)
        check_batch_norm(self.net, -(-min(self.batch_size, len(self.source)) // options.accumulate))
        self.schedule = make_schedule(options.schedule, self._told(), **options.schedule_options)
        self.optimizer = make_optimizer(
            options.optimizer,
            groups_of(self.net, rate=self.rate, decay=options.decay),
            rate=self.rate,
            decay=options.decay,
            options=options.optimizer_options,
        )
        self.rates = [group["lr"] for group in self.optimizer.param_groups]
        self.averaged = Averaged(self.net, options.ema) if options.ema else None
        self.frozen = Frozen(self.net, options.freeze, options.unfreeze)
        self.curriculum = Curriculum(options.curriculum)
        self.guard, self.recovery = Guard(), Recovery(self)
        self.parts = options.accumulate
        self.window = list[Tensor]()
        self.started, self.watching = time.monotonic(), tuple[Watcher, ...]()
        if self.checkpoint:
            self.checkpoint.load_into(self)
        self.recovery.remember()

    def loop(self) -> None:
        """Epochs, until one of four reasons ends it."""
        while not self.history.stopped:
            try:
                self.epoch()
                self.recovery.remember_at_times()
            except Diverged as why:
                self.recovery.roll_back(why)
        if not self.best.epoch:
            raise self.recovery.nothing_kept()
        self.net.load_state_dict(self.best.weights)
        self.history.best = self.best.epoch
        self.history.fixed = self._fixed()
        if self.checkpoint:
            self.checkpoint.remove()

    def epoch(self) -> None:
        """One pass over the rows, and what follows from it."""
        self.net.train()
        self.frozen.hold(self.at.epoch)
        for batch in self.batches():
            if self.deadline.passed and not self.options.best:
                self.history.stopped = "clock"
                return
            self.step(batch)
            if len(self.window) == LOOK or self.at.step == self.first_look:
                self.look()
            if self.at.step >= self.last_step:
                break
        self.look()
        self.close_epoch()

    def step(self, batch: Batch) -> None:
        """One step of the optimizer."""
        options, place = self.options, self.place
        factor = warmed_up(self.schedule.factor, place, options.warmup) * self.recovery.slowdown
        for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = rate * factor
        self.watching = tuple(watcher for watcher in self.watchers if place.step % watcher.every == 0)
        for watcher in self.watching:
            watcher.before_step(self, batch)
        loss = self.descend(mix(batch, options.mixup) if options.mixup else batch)
        if self.averaged:
            self.averaged.update()
        self.window.append(loss)
        self.at.step += 1
        self.at.inner += 1
        for watcher in self.watching:
            watcher.after_step(self, loss)

    def descend(self, batch: Batch | Mixed) -> Tensor:
        """Gradients and the optimizer's step; the loss before it, a scalar."""
        if self.method.closure:
            return torch.as_tensor(self.optimizer.step(lambda: float(self.gradient(batch)))).to(self.device)
        loss = self.gradient(batch)
        self.optimizer.step()
        return loss

    def gradient(self, batch: Batch | Mixed) -> Tensor:
        """The loss of a batch, a scalar, and its gradient; in more and smaller parts where memory runs out."""
        while True:
            try:
                loss = self.backward(batch)
                break
            except torch.OutOfMemoryError as why:
                self.recovery.take_smaller_parts(batch, why)
        self.recovery.inspect(batch, loss)
        for watcher in self.watching:
            watcher.after_backward(self)
        self.shape_gradient()
        return loss

    def backward(self, batch: Batch | Mixed) -> Tensor:
        """Forward and backward pass over the parts of a batch; their losses add up to that of the whole."""
        self.optimizer.zero_grad(set_to_none=True)
        losses = []
        for part in batch.parts(self.parts):
            with autocast(self.device, self.options.precision):
                outputs = self.net(*part.inputs)
            loss = part.losses(outputs.float(), self.loss).mean()
            if self.parts > 1:
                loss = loss * (len(part) / len(batch))
            loss.backward()  # type: ignore[no-untyped-call]
            losses.append(loss.detach())
        return losses[0] if len(losses) == 1 else torch.stack(losses).sum()

    def shape_gradient(self) -> None:
        """Clip the gradient, and add noise to it, where the options say so."""
        if self.options.clip:
            nn.utils.clip_grad_norm_(self.net.parameters(), self.options.clip)
        if self.options.gradient_noise:
            spread = math.sqrt(self.options.gradient_noise / (1 + self.at.step) ** 0.55)
            for parameter in self.net.parameters():
                if parameter.grad is not None:
                    parameter.grad.add_(torch.randn_like(parameter.grad), alpha=spread)

    def look(self) -> None:
        """Read the loss of the last steps: a read waits for the device, so it is not done at each step."""
        if not self.window:
            return
        total = float(torch.stack(self.window).sum())
        self.guard.window(total / len(self.window))
        self.at.loss += total
        self.window.clear()
        if self.checkpoint:
            self.checkpoint.save_at_times(self)

    def close_epoch(self) -> None:
        """Score the epoch, keep its weights if they are the best, and see whether training is over."""
        at, mean = self.at, self.at.loss / max(1, self.at.inner)
        self.guard.epoch(mean)
        at.epoch, at.inner, at.loss = at.epoch + 1, 0, 0.0
        valid_loss = self.score_and_keep()
        if valid_loss is not None:
            self.schedule.observe(valid_loss, at.step)
        if at.epoch == 1 and self.options.curriculum:
            self.curriculum.rank(row_losses(self.net, self.source, self.measure))
        rate = max(group["lr"] for group in self.optimizer.param_groups)
        epoch = Epoch(at.epoch, at.step, mean, valid_loss, rate, self.elapsed)
        self.history.epochs.append(epoch)
        self.history.stopped = self.reason_to_stop()
        for watcher in self.watchers:
            watcher.after_epoch(self, epoch)

    def score_and_keep(self) -> float | None:
        """Validation loss of the weights that count; they are kept if none before were better."""
        told = self.options.best
        if told and self.at.epoch < told:
            return None
        with self.evaluated() as net:
            loss = None if told or self.valid is None else mean_loss(net, self.valid, self.measure)
            if loss is None or loss < self.best.loss:
                weights = {name: tensor.detach().clone() for name, tensor in net.state_dict().items()}
                self.best = Best(self.at.epoch, math.inf if loss is None else loss, weights)
        return loss

    @contextmanager
    def evaluated(self) -> Iterator[nn.Module]:
        """The net whose weights count: their moving average, or where the optimizer predicts at, if there is such."""
        net = self.averaged.shadow if self.averaged else self.net
        averages = self.optimizer if isinstance(self.optimizer, Averaging) else None
        if averages:
            averages.eval()
        if averages or self.averaged:
            rows = self.source.shuffled(self.batch_size, seed=self.seed, epoch=0)
            recalibrate(net, (batch.to(self.device).inputs for batch in islice(rows, RECALIBRATION_BATCHES)))
        try:
            yield net
        finally:
            if averages:
                averages.train()

    def reason_to_stop(self) -> str:
        """Why training is over after an epoch, an empty text if it is not."""
        at, options = self.at, self.options
        if options.best:
            return "as told" if at.epoch >= options.best or at.step >= self.last_step else ""
        if at.epoch >= options.epochs or at.step >= self.last_step:
            return "end of schedule"
        if self.valid is None:
            return ""
        impatient = options.patience and at.epoch - self.best.epoch >= options.patience
        hopeless = self.schedule.hopeless(self.best.epoch / options.epochs, at.epoch / options.epochs)
        return "validation" if impatient or hopeless else ""

    def batches(self) -> Iterator[Batch]:
        """What is left of the epoch's batches."""
        given = {"seed": self.seed, "epoch": self.at.epoch, "skip": self.at.inner}
        if not self.options.curriculum:
            return (batch.to(self.device) for batch in self.source.shuffled(self.batch_size, **given))
        begun = Place(self.at.step - self.at.inner, self.options.epochs * self.steps_per_epoch)
        return self.curriculum.batches(self.source, self.batch_size, progress=begun.progress, **given)

    @property
    def batch_size(self) -> int:
        """Rows of a step."""
        return len(self.source) if self.options.batch == "full" else int(self.options.batch)

    @property
    def first_look(self) -> int:
        """The step at which the loss is first read: early, since all later ones are held against it."""
        return min(LOOK, -(-FIRST_ROWS // self.batch_size))

    @property
    def rate(self) -> float:
        """Learning rate at the schedule's top."""
        return float(self.options.rate)

    @property
    def place(self) -> Place:
        """Where the schedule stands."""
        planned = self.options.epochs * self.steps_per_epoch
        timed = not self.options.best and not math.isinf(self.deadline.moment)
        left = self.deadline.remaining if timed else 0.0
        return Place(self.at.step, planned, self.elapsed / (self.elapsed + left) if timed else 0.0)

    @property
    def last_step(self) -> int:
        """The step at which the schedule ends."""
        return self.schedule.last_step(self.options.epochs * self.steps_per_epoch)

    @property
    def elapsed(self) -> float:
        """Seconds of training, those before a stop included."""
        return self.at.seconds + time.monotonic() - self.started

    def _told(self) -> dict[str, Any]:
        return {"drops": self.options.drops, "decay_from": self.options.decay_from} if self.options.best else {}

    def _fixed(self) -> dict[str, Any]:
        options = self.options
        decided = {"epochs": options.epochs, "best": self.best.epoch, "threads": options.threads}
        return decided | {"batch": options.batch, "rate": options.rate} | self.schedule.decided
