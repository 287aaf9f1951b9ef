"""Obligations shared out to requests, so that all are shown by as few requests as can be found.

First fit: each obligation goes to the first request that can show it besides what it is to show already. Then all are
shared out anew, in the order of the requests they are in, which never takes more requests and often fewer: the iterated
greedy algorithm for colouring graphs (J. Culberson, 1992).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from medpolicy.golden.cover.obligations import Obligation
from medpolicy.solve import LIMIT, Formula
from medpolicy.solve.deadline import Deadline
from medpolicy.solve.prover import Prover

Wanted = tuple[Obligation, ...]
Sets = list[list[Obligation]]

ORDERS: tuple[Callable[[Sets], Sets], ...] = (
    lambda sets: sets[::-1],
    lambda sets: sorted(sets, key=len),
    lambda sets: sorted(sets, key=len, reverse=True),
)
"""The orders of requests in which obligations are shared out anew, until none of them leads to fewer."""


class OutOfTime(Exception):
    """Whether one request can show some obligations was not told in time."""


def packed(wanted: Sequence[Obligation], prover: Prover, counts: Mapping[Obligation, Formula]) -> list[Wanted]:
    """What each of a few requests is to show, in the order of `wanted`; together all of that which can be shown.

    `counts` has the statement that a request shows an obligation. Raises `OutOfTime`.
    """
    with prover.assuming():
        together = _Together(prover, {each: counts[each] for each in wanted})
        sets = _first_fit((each for each in wanted if together.possible([each])), together)
        passes_in_vain = 0
        while passes_in_vain < len(ORDERS):
            order = ORDERS[passes_in_vain](sets)
            fewer = _first_fit((each for one in order for each in one), together)
            passes_in_vain = 0 if len(fewer) < len(sets) else passes_in_vain + 1
            sets = fewer
    place = {each: number for number, each in enumerate(wanted)}
    return sorted((tuple(sorted(each, key=place.__getitem__)) for each in sets), key=lambda each: place[each[0]])


def _first_fit(obligations: Iterable[Obligation], together: _Together) -> Sets:
    sets: Sets = []
    for each in obligations:
        for other in sets:
            if together.possible([*other, each]):
                other.append(each)
                break
        else:
            sets.append([each])
    return sets


class _Together:
    """Whether one request can show several obligations. What was found to exclude each other is not asked again."""

    def __init__(self, prover: Prover, counts: Mapping[Obligation, Formula]) -> None:
        self._prover = prover
        self._literals = {each: prover.literal(formula) for each, formula in counts.items()}
        self._named = {str(literal): each for each, literal in self._literals.items()}
        self._excluding: dict[Obligation, list[frozenset[Obligation]]] = {each: [] for each in counts}

    def possible(self, obligations: Sequence[Obligation]) -> bool:
        """Ask of some obligations; of any but the last it is known that they are possible together."""
        wanted = frozenset(obligations)
        if any(excluding <= wanted for excluding in self._excluding[obligations[-1]]):
            return False
        found = self._prover.possible(Deadline(LIMIT), *(self._literals[each] for each in obligations))
        if found is None:
            raise OutOfTime
        if not found:
            core = frozenset(self._named[name] for name in self._prover.core())
            for each in core:
                self._excluding[each].append(core)
        return found
