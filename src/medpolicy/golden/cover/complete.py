"""The smallest set of requests it can find that shows all there is to show of a revision.

What there is to show is shared out to a few requests, of all possible ones and not of a sample; each is made as small as
can be, and those go that others turn out to make needless.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from medpolicy.golden import RevisionCases
from medpolicy.golden.cover.obligations import HALVES, Obligation, counts, obligations, of_possible_pairs
from medpolicy.golden.cover.packing import OutOfTime, Wanted, packed
from medpolicy.golden.cover.proof import feasible
from medpolicy.language.fields import CompletedYears
from medpolicy.language.request import facts_of, read_request
from medpolicy.solve import LIMIT, Formula, GaveUp, Solver, Space, Witness, every
from medpolicy.solve.prover import Prover
from medpolicy.text.findings import Finding, Unusable


@dataclass(frozen=True)
class Made:
    """A request in JSON form, what it shows, and what of that no other request of the set shows."""

    record: Mapping[str, Any]
    shows: Wanted
    alone: Wanted


def completing(of: RevisionCases, lacking: bool = False) -> tuple[Made, ...]:
    """Requests that together show every obligation that a request can show; with `lacking` those that no case shows.

    Raises `Unusable` where the solver is not installed, or the time ran out.
    """
    return _Maker(of).made(lacking)


class _Maker:
    def __init__(self, of: RevisionCases) -> None:
        self._of = of
        self._space = Space(of.vocabulary, [of.revision])
        self._solver = Solver(self._space)
        side = self._solver.revisions[0]
        asked = obligations(self._space, side)
        halves = feasible((each for each in asked if each.what in HALVES), self._space, side)
        wanted = of_possible_pairs(asked, {each for each, known in halves.items() if known is False})
        self._counts: dict[Obligation, Formula] = {each: counts(each, side) for each in wanted}

    def made(self, lacking: bool) -> tuple[Made, ...]:
        cases = [case.request for case in self._of.cases] if lacking else []
        shown = {each for request in cases for each in self._shown(facts_of(request))}
        left = [each for each in self._counts if each not in shown]
        try:
            sets = packed(left, Prover(self._space), self._counts)
        except OutOfTime:
            raise _gave_up(self._of) from None
        return tuple(self._told([self._record(wanted) for wanted in sets], shown))

    def _record(self, wanted: Wanted) -> dict[str, Any]:
        """A smallest request that shows some obligations; a birthday that matters is met to the day."""
        found = self._solver.find(every(self._counts[each] for each in wanted), LIMIT, decided_under=())
        if not isinstance(found, Witness):
            raise _gave_up(self._of) if isinstance(found, GaveUp) else RuntimeError("an obligation was lost")
        record = dict(found.request)
        for each in wanted:
            closer = record | self._to_the_day(each, found.facts)
            if set(wanted) <= self._shown(facts_of(read_request(self._of.vocabulary.request, closer))):
                record = closer
        return record

    def _to_the_day(self, obligation: Obligation, facts: Mapping[str, Any]) -> dict[str, Any]:
        """For a boundary in completed years: the start with which it is crossed on that very day, or the next."""
        derived = self._of.vocabulary.variables[obligation.name].derived if obligation.name else None
        if obligation.what != "boundary" or not isinstance(derived, CompletedYears):
            return {}
        end: date = facts[derived.end]
        years = obligation.value if obligation.above else obligation.value + 1
        start = next(each for each in _days_back(end, years) if derived.value(each, end) >= years)
        return {derived.start: (start if obligation.above else start + timedelta(1)).isoformat()}

    def _shown(self, facts: Mapping[str, Any]) -> set[Obligation]:
        point = self._space.point(facts)
        return {each for each, formula in self._counts.items() if point.holds(formula)}

    def _told(self, records: Sequence[Mapping[str, Any]], shown: set[Obligation]) -> Iterator[Made]:
        """The requests with what they show; it may be more than they were made for, so that some are not needed."""
        model = self._of.vocabulary.request
        shown_by = [self._shown(facts_of(read_request(model, each))) for each in records]
        needed = _needed(shown_by, shown)
        for place in needed:
            record, shows = records[place], shown_by[place]
            beside = shown.union(*(shown_by[other] for other in needed if other != place))
            yield Made(
                record,
                tuple(each for each in self._counts if each in shows),
                tuple(each for each in self._counts if each in shows - beside),
            )


def _needed(sets: Sequence[Collection[Obligation]], shown: Iterable[Obligation]) -> list[int]:
    """The places of the sets that the others do not make needless, later ones looked at first."""
    left = list(range(len(sets)))
    for place in reversed(left[:]):
        others = set(shown).union(*(sets[other] for other in left if other != place))
        if others.issuperset(sets[place]):
            left.remove(place)
    return left


def _days_back(end: date, years: int) -> Iterator[date]:
    """The days about so many years before another, latest first."""
    about = end.toordinal() - round(years * 365.2425) + 3
    yield from (date.fromordinal(about - days) for days in range(7))


def _gave_up(of: RevisionCases) -> Unusable:
    return Unusable([Finding("gave-up", f"no answer within {LIMIT:g} seconds", file=of.rules.name)])
