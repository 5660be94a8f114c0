"""What is found out before the first step: threads, batch size, rate, and how many epochs the clock allows.

All by short trials on copies of the net, which leave no trace.
"""

import copy
import math
import time
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import torch

from assay.core.clock import Deadline
from assay.core.errors import NotEnoughTime
from assay.training.modes import own_draws
from assay.training.optimizers._base import method
from assay.training.options import Options
from assay.training.range_test import range_test
from assay.training.schedules import make_schedule

if TYPE_CHECKING:
    from assay.training.trainer import Trainer

_TRIAL_STEPS, _WARM_UP, _LONG = 8, 2, 0.5
_FEWEST_EPOCHS, _FEWEST_STEPS = 6, 300
# What a trial cannot see: validation, copies of the best weights, and a clock that runs while others use the machine.
_MARGIN = 1.15
_USED, _OPTIMISM = 0.9, 2.0
# Multiplications of a forward pass; measured, 64 rows by three layers of 128 are slower on two threads than on one.
_SMALL_STEP = 8_000_000
_SMALLEST_BATCH, _LARGEST_BATCH = 32, 4_096
_GOOD_ENOUGH = 0.8


def settled(trainer: "Trainer") -> Options:
    """The options with every choice made that they leave open; as they are if they repeat an earlier training.

    Raises:
        NotEnoughTime: The time is not enough for a few epochs.
    """
    if trainer.options.best:
        return trainer.options
    with own_draws(trainer.seed, trainer.device):
        return _settled(trainer)


def _settled(trainer: "Trainer") -> Options:
    options = trainer.options
    if options.batch == "probe":
        options = replace(options, batch=_probed_batch(trainer))
    if options.batch == "full":
        options = replace(options, batch=len(trainer.source))
    most = 1 if _is_small(trainer, int(options.batch)) else trainer.threads
    if options.rate == "test":
        options = replace(options, rate=range_test(trial(trainer, replace(options, rate=1.0))).rate)
    if math.isinf(trainer.deadline.moment):
        return replace(options, threads=most)
    seconds = {count: _seconds_per_step(trainer, options, count) for count in sorted({1, most})}
    threads = min(seconds, key=seconds.__getitem__)
    return replace(options, threads=threads, epochs=_affordable(trainer, options, seconds[threads]))


def _is_small(trainer: "Trainer", batch: int) -> bool:
    """Whether a step is over before a second thread is awake; waiting for one beside other work costs far more."""
    weights = sum(parameter.numel() for parameter in trainer.net.parameters())
    return trainer.device.type == "cpu" and weights * batch < _SMALL_STEP


def trial(trainer: "Trainer", options: Options) -> "Trainer":
    """A trainer of a copy of the net on the same rows, without watchers, checkpoint or deadline."""
    copied = type(trainer)(
        copy.deepcopy(trainer.net), trainer.loss, options, seed=trainer.seed, threads=trainer.threads
    )
    copied.source, copied.valid, copied.deadline = trainer.source, None, Deadline()
    copied.begin()
    return copied


def _affordable(trainer: "Trainer", options: Options, seconds_per_step: float) -> int:
    steps = trainer.source.steps(int(options.batch))
    seconds = seconds_per_step * steps * _MARGIN
    possible = trainer.deadline.remaining * _USED / max(seconds, 1e-6)
    if make_schedule(options.schedule, **options.schedule_options).by_clock:  # so warm-up is a share of what will be
        return max(1, min(math.ceil(possible * _OPTIMISM), options.epochs))
    if int(possible) < min(_FEWEST_EPOCHS, options.epochs, math.ceil(_FEWEST_STEPS / steps)):
        raise NotEnoughTime(f"its time is enough for {int(possible)} epochs of a net, too few to learn")
    return min(int(possible), options.epochs)


def _seconds_per_step(trainer: "Trainer", options: Options, threads: int) -> float:
    torch.set_num_threads(threads)
    tried = trial(trainer, options)
    _steps(tried, _WARM_UP)
    return _steps(tried, _TRIAL_STEPS)


def _steps(tried: "Trainer", most: int) -> float:
    """Seconds per step, over some steps; over few of a net whose steps are long."""
    made, started = 0, time.monotonic()
    for batch in islice(tried.source.shuffled(tried.batch_size, seed=0, epoch=0), most):
        tried.step(batch.to(tried.device))
        made += 1
        if made >= _WARM_UP and time.monotonic() - started > _LONG:
            break
    float(tried.window[-1])  # waits for the device
    return (time.monotonic() - started) / made


def _probed_batch(trainer: "Trainer") -> int:
    """The smallest batch that gets through rows nearly as fast as the fastest; an epoch keeps eight steps or more."""
    largest = max(_SMALLEST_BATCH, min(_LARGEST_BATCH, len(trainer.source) // 8))
    speeds: dict[int, float] = {}
    size, rate = _SMALLEST_BATCH, method(trainer.options.optimizer).rate
    while size <= largest:
        options = replace(trainer.options, batch=size, rate=rate)
        try:
            speeds[size] = size / _seconds_per_step(trainer, options, trainer.threads)
        except torch.OutOfMemoryError:
            break
        size *= 2
    fastest = max(speeds.values())
    return min(size for size, speed in speeds.items() if speed >= _GOOD_ENOUGH * fastest)
