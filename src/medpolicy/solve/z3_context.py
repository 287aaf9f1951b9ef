"""The functions of z3 bound to a context: only here is z3 imported.

Each prover has a context of its own, since two threads must not work in one context at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from medpolicy.text.findings import extra_missing


class Z3Context:
    """What the solver room uses of z3, with every constant and solver in one new context.

    Raises `Unusable` where z3 is not installed.
    """

    def __init__(self) -> None:
        self._z3 = z3 = _z3()
        self._context = z3.Context()
        self.UGE, self.ULE, self.If, self.Implies = z3.UGE, z3.ULE, z3.If, z3.Implies
        self.Concat, self.Extract, self.ZeroExt = z3.Concat, z3.Extract, z3.ZeroExt
        self.Not, self.Xor = z3.Not, z3.Xor
        self.is_true, self.sat, self.unknown = z3.is_true, z3.sat, z3.unknown

    def Bool(self, name: str) -> Any:
        """A Boolean with a name."""
        return self._z3.Bool(name, self._context)

    def BoolVal(self, value: bool) -> Any:
        """True or false."""
        return self._z3.BoolVal(value, self._context)

    def BitVec(self, name: str, width: int) -> Any:
        """A bit vector with a name."""
        return self._z3.BitVec(name, width, self._context)

    def And(self, *parts: Any) -> Any:
        """That each part is true; parts may come as one list."""
        return self._joined(self._z3.And, True, parts)

    def Or(self, *parts: Any) -> Any:
        """That a part is true; parts may come as one list."""
        return self._joined(self._z3.Or, False, parts)

    def PbLe(self, weighted: list[tuple[Any, int]], highest: int) -> Any:
        """That the weights of the true parts add up to at most a number."""
        return self._z3.PbLe(weighted, highest) if weighted else self.BoolVal(highest >= 0)

    def solver(self, logic: str, constraints: Iterable[Any]) -> Any:
        """A solver for a logic, with some constraints."""
        solver = self._z3.SolverFor(logic, self._context)
        solver.add(list(constraints))
        return solver

    def _joined(self, join: Any, neutral: bool, parts: tuple[Any, ...]) -> Any:
        listed = parts[0] if len(parts) == 1 and isinstance(parts[0], list) else list(parts)
        return join(listed) if listed else self.BoolVal(neutral)


def _z3() -> Any:
    try:
        import z3  # type: ignore[import-untyped]  # it has no type hints
    except ImportError:
        raise extra_missing("prove") from None
    return z3
