"""Contenders measured in turns within one run, so that a busy machine slows all of them alike."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Contender:
    """Something to measure: `run` does the whole work once; `prepare` runs before it, unmeasured."""

    name: str
    run: Callable[[], object]
    says: str = ""
    prepare: Callable[[], object] | None = None


@dataclass(frozen=True)
class Measured:
    """A contender's seconds, one per round: by the clock, and of processor time over all threads."""

    name: str
    says: str
    elapsed: tuple[float, ...]
    busy: tuple[float, ...]

    @property
    def wall(self) -> float:
        """The median of the rounds, by the clock."""
        return median(self.elapsed)

    @property
    def cpu(self) -> float:
        """The median of the rounds, in processor time."""
        return median(self.busy)


def race(contenders: Sequence[Contender], rounds: int) -> dict[str, Measured]:
    """Measure all contenders in turns, after one round that does not count; every second round goes backwards."""
    times: dict[str, tuple[list[float], list[float]]] = {each.name: ([], []) for each in contenders}
    for turn in range(rounds + 1):
        for each in contenders if turn % 2 else reversed(contenders):
            wall, cpu = _once(each)
            if turn:
                times[each.name][0].append(wall)
                times[each.name][1].append(cpu)
    return {each.name: Measured(each.name, each.says, *map(tuple, times[each.name])) for each in contenders}


def _once(contender: Contender) -> tuple[float, float]:
    if contender.prepare is not None:
        contender.prepare()
    gc.collect()
    gc.disable()
    try:
        wall, cpu = time.perf_counter(), time.process_time()
        contender.run()
        return time.perf_counter() - wall, time.process_time() - cpu
    finally:
        gc.enable()
