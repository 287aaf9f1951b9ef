"""The smallest set of requests found that shows all there is to show of a revision.

The obligations are shared out among a few of all possible requests, not of a sample. Each request is made as small as
possible; then those go that the others turn out to make needless.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from medpolicy.golden import RevisionCases
from medpolicy.golden.cover.bundling import Bundle, OutOfTime, bundled
from medpolicy.golden.cover.obligations import HALVES, Obligation, counts, obligations, of_possible_pairs
from medpolicy.golden.cover.proof import feasible
from medpolicy.language.request import facts_of, read_request
from medpolicy.solve import LIMIT, GaveUp, Solver, Space, Witness, every
from medpolicy.text.findings import Finding, Unusable


@dataclass(frozen=True)
class CompletingRequest:
    """A request in JSON form, what it shows, and what of that no other request of the set shows."""

    record: Mapping[str, Any]
    shows: Bundle
    alone: Bundle


def completing_requests(golden: RevisionCases, lacking: bool = False) -> tuple[CompletingRequest, ...]:
    """Requests that together show every obligation that can be shown; with `lacking` only what no case shows yet.

    Raises `Unusable` where the solver is not installed, or the time limit was reached.
    """
    return tuple(_Completion(golden).requests(lacking))


class _Completion:
    def __init__(self, golden: RevisionCases) -> None:
        self._golden = golden
        self._variables = golden.vocabulary.variables
        self._solver = Solver(Space(golden.vocabulary, [golden.revision]))
        formulas = self._solver.revisions[0]
        all_ = obligations(formulas)
        halves = feasible((obligation for obligation in all_ if obligation.what in HALVES), self._solver)
        wanted = of_possible_pairs(all_, {half for half, possible in halves.items() if possible is False})
        self._counts = {obligation: counts(obligation, formulas) for obligation in wanted}

    def requests(self, lacking: bool) -> Iterator[CompletingRequest]:
        cases = self._golden.cases if lacking else ()
        by_cases: set[Obligation] = set().union(*(self._shown(facts_of(case.request)) for case in cases))
        wanted = [obligation for obligation in self._counts if obligation not in by_cases]
        try:
            bundles = bundled(wanted, self._solver.prover, self._counts)
        except OutOfTime:
            raise self._gave_up() from None
        records = [self._record(bundle) for bundle in bundles]
        shown = [self._shown_by(record) for record in records]
        needed = _needed(shown, by_cases)
        for index in needed:
            alone = shown[index] - by_cases.union(*(shown[other] for other in needed if other != index))
            yield CompletingRequest(records[index], self._in_order(shown[index]), self._in_order(alone))

    def _record(self, bundle: Bundle) -> dict[str, Any]:
        """A smallest request that shows a bundle, as near as possible to its boundaries: a birthday is met to the day."""
        found = self._solver.find(every(self._counts[obligation] for obligation in bundle), LIMIT, decided_under=())
        if not isinstance(found, Witness):
            raise self._gave_up() if isinstance(found, GaveUp) else RuntimeError("an obligation was lost")
        record = dict(found.request)
        for obligation in bundle:
            nearer = record | self._at_the_boundary(obligation, found.facts)
            if self._shown_by(nearer).issuperset(bundle):
                record = nearer
        return record

    def _at_the_boundary(self, obligation: Obligation, facts: Mapping[str, Any]) -> dict[str, Any]:
        """For a boundary of a derived variable: its first part, moved to where the boundary is just reached, or just not."""
        derived = self._golden.vocabulary.derived.get(obligation.name)
        if derived is None or obligation.what != "boundary":
            return {}
        part, other = derived.parts
        kinds = {name: self._variables[name].kind for name in derived.parts}
        ends = derived.part_for(kinds, part, facts[other], obligation.value)
        if ends is None:
            return {}
        nearest = ends[0] if obligation.above is derived.rises_with[0] else ends[1]
        return {} if nearest == facts[part] else {part: kinds[part].plain(nearest)}

    def _shown_by(self, record: Mapping[str, Any]) -> set[Obligation]:
        return self._shown(facts_of(read_request(self._golden.vocabulary.request, record)))

    def _shown(self, facts: Mapping[str, Any]) -> set[Obligation]:
        point = self._solver.space.point(facts)
        return {obligation for obligation, formula in self._counts.items() if point.holds(formula)}

    def _in_order(self, shown: set[Obligation]) -> Bundle:
        return tuple(obligation for obligation in self._counts if obligation in shown)

    def _gave_up(self) -> Unusable:
        return Unusable([Finding("gave-up", f"undecided within {LIMIT:g} seconds", file=self._golden.rules.name)])


def _needed(shown: Sequence[set[Obligation]], by_cases: set[Obligation]) -> list[int]:
    """The indexes of the requests that the others do not make needless; of two that would do, the earlier one stays."""
    needed = list(range(len(shown)))
    for index in reversed(range(len(shown))):
        if shown[index] <= by_cases.union(*(shown[other] for other in needed if other != index)):
            needed.remove(index)
    return needed
