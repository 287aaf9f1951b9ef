"""Values as bit vectors of the solver, which is all that the solver knows of a whole number or a day.

`z3` is an object with the functions of that package, so that nothing here imports it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any


class SolverNumber(ABC):
    """A value in the solver that can be compared with constants of its domain."""

    @abstractmethod
    def at_least(self, value: Any) -> Any:
        """That the value is no less than a constant."""

    @abstractmethod
    def at_most(self, value: Any) -> Any:
        """That the value is no more than a constant."""


def unsigned_at_least(z3: Any, bits: Any, number: int) -> Any:
    """That bits, read as a number from 0, are no less than a number, which they may be too few to hold."""
    highest = (1 << int(bits.size())) - 1
    return z3.UGE(bits, number) if 0 < number <= highest else z3.BoolVal(number <= 0)


def widened(z3: Any, bits: Any, width: int) -> Any:
    """The same number in more bits."""
    return z3.ZeroExt(width - bits.size(), bits)
