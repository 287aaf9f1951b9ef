"""Obligations shared out among as few requests as can be found; the obligations of one request are a bundle.

First fit: each obligation joins the first bundle whose request can show it too. Then all are shared out anew, taking the
bundles in another order, which never gives more bundles and often fewer: the iterated greedy algorithm for colouring
graphs (J. Culberson, 1992).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from medpolicy.golden.cover.obligations import Obligation
from medpolicy.solve import LIMIT, Formula
from medpolicy.solve.deadline import Deadline
from medpolicy.solve.prover import Prover

Bundle = tuple[Obligation, ...]
Bundles = list[list[Obligation]]

ORDERS: tuple[Callable[[Bundles], Bundles], ...] = (
    lambda bundles: bundles[::-1],
    lambda bundles: sorted(bundles, key=len),
    lambda bundles: sorted(bundles, key=len, reverse=True),
)
"""The orders of bundles that are tried until none of them gives fewer."""


class OutOfTime(Exception):
    """Whether one request can show some obligations was not decided within the time limit."""


def bundled(wanted: Sequence[Obligation], prover: Prover, counts: Mapping[Obligation, Formula]) -> list[Bundle]:
    """The bundles, in the order of `wanted`; obligations that no request can show are in none.

    `counts` has the statement that a request shows an obligation. Raises `OutOfTime`.
    """
    with prover.assuming():
        compatible = _Compatible(prover, {obligation: counts[obligation] for obligation in wanted})
        bundles = _first_fit((obligation for obligation in wanted if compatible([obligation])), compatible)
        passes_in_vain = 0
        while passes_in_vain < len(ORDERS):
            ordered = ORDERS[passes_in_vain](bundles)
            fewer = _first_fit((obligation for bundle in ordered for obligation in bundle), compatible)
            passes_in_vain = 0 if len(fewer) < len(bundles) else passes_in_vain + 1
            bundles = fewer
    index = {obligation: number for number, obligation in enumerate(wanted)}
    in_order = [tuple(sorted(bundle, key=index.__getitem__)) for bundle in bundles]
    return sorted(in_order, key=lambda bundle: index[bundle[0]])


def _first_fit(obligations: Iterable[Obligation], compatible: _Compatible) -> Bundles:
    bundles: Bundles = []
    for obligation in obligations:
        for bundle in bundles:
            if compatible([*bundle, obligation]):
                bundle.append(obligation)
                break
        else:
            bundles.append([obligation])
    return bundles


class _Compatible:
    """Whether one request can show several obligations; a set that was found impossible is remembered."""

    def __init__(self, prover: Prover, counts: Mapping[Obligation, Formula]) -> None:
        self._prover = prover
        self._literals = {obligation: prover.literal(formula) for obligation, formula in counts.items()}
        self._named = {prover.name(literal): obligation for obligation, literal in self._literals.items()}
        self._excluding: dict[Obligation, list[frozenset[Obligation]]] = {obligation: [] for obligation in counts}

    def __call__(self, obligations: Sequence[Obligation]) -> bool:
        """Whether the last obligation can be shown together with the others, which are known to be compatible."""
        wanted = frozenset(obligations)
        if any(excluding <= wanted for excluding in self._excluding[obligations[-1]]):
            return False
        found = self._prover.possible(Deadline(LIMIT), *(self._literals[obligation] for obligation in obligations))
        if found is None:
            raise OutOfTime
        if not found:
            core = frozenset(self._named[name] for name in self._prover.core())
            for obligation in core:
                self._excluding[obligation].append(core)
        return found
