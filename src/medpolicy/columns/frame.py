"""A frame of requests decided in columns: places, class codes, outcomes, and the columns of the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import RLock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medpolicy.columns.answer import COVERAGES, DECISIONS, answer_columns, lists_of, same_word, words_of
from medpolicy.columns.lookup import MOST_DENSE, Ids, LookUp
from medpolicy.columns.outcomes import CoverageState, Outcomes
from medpolicy.columns.places import EPOCH, Mask, Placed, domain_size, either, place_column, place_derived, place_of
from medpolicy.evaluate.compiled import Compiled
from medpolicy.evaluate.decide import Decider
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import MISSING, Table
from medpolicy.language.determination import last_day
from medpolicy.language.fields import Day, Kind, Text, WholeNumber

NO_DAY = 0


@dataclass(frozen=True, slots=True)
class Placements:
    """The rows of a frame by place, for each variable, and the rows that have a fault."""

    rows: int
    places: Mapping[str, Ids]
    faulty: Mask | None

    def only(self, rows: Ids) -> Placements:
        """Some of the rows."""
        return Placements(len(rows), {name: each[rows] for name, each in self.places.items()}, None)


class ColumnDecider:
    """The revisions of a policy, or one pinned revision, ready to decide frames. Threads may share it."""

    def __init__(self, compiled: Sequence[Compiled], pinned: bool = False) -> None:
        vocabulary = compiled[0].decider.vocabulary
        variables = vocabulary.variables
        self.request = vocabulary.request
        self.columns = answer_columns(vocabulary.quantity)
        self.given = {name: each for name, each in variables.items() if each.derived is None}
        self._kinds = {name: each.kind for name, each in variables.items()}
        self._derived = {name: each.derived for name, each in variables.items() if each.derived is not None}
        self._pinned = pinned
        self._words = _words_in_lists(compiled)
        self._revisions = [_Revision(each, self._kinds, self._words) for each in compiled]

    def place(self, table: pa.Table, text: bool = False) -> Placements:
        """The places of a frame's columns; one that is absent is missing throughout."""
        placed: dict[str, Placed] = {}
        faulty: Mask | None = None
        for name, variable in self.given.items():
            column = _column(table, name)
            if isinstance(variable.kind, Text):
                faulty = either(faulty, _without_text(column))
                continue
            placed[name] = place_column(variable, column, text)
            faulty = either(faulty, placed[name].faulty)
        places = {name: each.places for name, each in placed.items()}
        for before, after in self.request.earlier:
            first, second = (_days(self._kinds[each], places[each]) for each in (before, after))
            wrong = (first > second) & (first != NO_DAY) & (second != NO_DAY)
            faulty = either(faulty, wrong if wrong.any() else None)
        for name, derived in self._derived.items():
            places[name] = place_derived(derived, self._kinds, placed)
        return Placements(table.num_rows, places, faulty if faulty is not None and faulty.any() else None)

    def decide(self, ids: pa.Array, placed: Placements) -> pa.Table:
        """The answers to rows without a fault, in their order."""
        days = placed.places[self.request.service_day]
        if self._pinned:
            return self._revisions[0].answers(ids, placed, None)
        outside, answering = np.ones(placed.rows, dtype=np.bool_), []
        for each in self._revisions:
            inside = each.in_effect(days)
            if inside.any():
                answering.append((each, inside))
                outside &= ~inside
        without = self._without(days, outside)
        if len(answering) < 2:
            return (answering[0][0] if answering else self._revisions[0]).answers(ids, placed, without)
        answering[0] = answering[0][0], answering[0][1] | outside
        return self._joined(ids, placed, without, answering)

    def _joined(
        self, ids: pa.Array, placed: Placements, without: Without | None, answering: Sequence[tuple[_Revision, Mask]]
    ) -> pa.Table:
        """The answers of several revisions, each to its rows, in the order of the rows."""
        parts: list[pa.Table] = []
        places: list[Ids] = []
        for each, inside in answering:
            rows = np.flatnonzero(inside)
            kept = None if without is None else without.only(rows)
            parts.append(each.answers(ids.take(pa.array(rows)), placed.only(rows), kept))
            places.append(rows)
        order = np.argsort(np.concatenate(places), kind="stable")
        return pa.concat_tables(parts).unify_dictionaries().take(pa.array(order))

    def _without(self, days: Ids, outside: Mask) -> Without | None:
        """The rows on whose day no revision is in effect, where there are any."""
        if not outside.any():
            return None
        flags = [tuple(flag.id for flag in each.decider.without_revision.review_flags) for each in self._revisions]
        begun = np.array([each.first_place for each in self._revisions])
        return Without(outside, np.maximum(np.searchsorted(begun, days, side="right") - 1, 0), tuple(flags))


@dataclass(frozen=True, slots=True)
class Without:
    """Rows without a revision in effect: which ones, and for each the number of its flags, those of the nearest one."""

    rows: Mask
    numbers: Ids
    flags: tuple[tuple[str, ...], ...]

    def only(self, rows: Ids) -> Without:
        """Some of the rows."""
        return Without(self.rows[rows], self.numbers[rows], self.flags)


class _Revision:
    """One revision ready to answer rows."""

    def __init__(self, compiled: Compiled, kinds: Mapping[str, Kind], vocabulary: tuple[str, ...]) -> None:
        self._words_in_lists = vocabulary
        self.decider: Decider = compiled.decider
        self._outcomes = Outcomes(compiled)
        self._codes = {name: coding(each) for name, each in compiled.tables.items()}
        self._service_day = self.decider.vocabulary.service_day
        self._quantity = self.decider.vocabulary.quantity
        self._kinds = kinds
        revision = compiled.decider.revision
        self.first_place = self._place(revision.effective_from)
        self._last_place = self._place(revision.effective_to or date.max)
        self._ends: dict[int, LookUp] = {}
        self._pathways = [each.id for each in revision.pathways]
        self._lock = RLock()

    def in_effect(self, days: Ids) -> Mask:
        """The rows whose service starts while this revision is in effect."""
        inside: Mask = (days >= self.first_place) & (days <= self._last_place)
        return inside

    def answers(self, ids: pa.Array, placed: Placements, without: Without | None) -> pa.Table:
        """The answers to rows, in their order; `without` tells those on whose day no revision is in effect."""
        codes = {name: coded(placed.places[name]) for name, coded in self._codes.items()}
        found = self._outcomes(codes, placed.rows)
        states, rulings = tuple(self._outcomes.coverage.values), tuple(self._outcomes.rulings.values)
        missing = tuple(self._outcomes.missing.values)
        coverage, ruling, waiting = found.coverage, found.ruling, found.missing
        flags = [each.flags for each in rulings]
        if without is not None:
            coverage = np.where(without.rows, len(states), coverage)
            ruling = np.where(without.rows, len(rulings) + without.numbers, ruling)
            waiting = np.where(without.rows, len(missing), waiting)
            flags += without.flags
        decisions = np.array(
            [DECISIONS.index(each.decision) for each in rulings] + [DECISIONS.index("pended")] * len(flags)
        )[ruling]
        denied, approved = decisions == DECISIONS.index("denied"), decisions == DECISIONS.index("approved")
        unlisted = (self.decider.revision.unlisted.id,)
        not_met = [tuple(sorted(each.not_met)) for each in states]
        covered = np.array([*(int(each.coverage) for each in states), int(Status.UNKNOWN)])
        pathways = np.array([*(self._number(each.pathway) for each in states), self._number(None)])
        authorizations = self._authorizations(states, coverage, approved, placed)
        none = None if without is None else without.rows
        columns = [
            ids.cast(pa.string()),
            same_word(self.decider.revision.policy, placed.rows),
            same_word(self.decider.revision.revision, placed.rows, none),
            same_word(self.decider.digest, placed.rows, none),
            words_of(DECISIONS, decisions),
            words_of(COVERAGES, covered[coverage]),
            pa.array(denied),
            words_of(self._pathways, pathways[coverage]),
            lists_of([*not_met, ()], coverage, self._words_in_lists),
            lists_of([*missing, ()], waiting, self._words_in_lists),
            lists_of(
                [*(each or unlisted for each in not_met), ()],
                np.where(denied, coverage, len(states)),
                self._words_in_lists,
            ),
            lists_of(flags, ruling, self._words_in_lists),
            *authorizations,
        ]
        return pa.table(columns, schema=answer_columns(self._quantity))

    def _authorizations(
        self, states: Sequence[CoverageState], coverage: Ids, approved: Mask, placed: Placements
    ) -> Iterator[pa.Array]:
        """Start, end and the declared quantity; null where a row is not approved."""
        starts = placed.places[self._service_day]
        by_state = [*(self._months(each.approving) for each in states), 0]
        months = np.array(by_state)[coverage]
        ends = np.zeros(placed.rows, dtype=np.int64)
        for count in set(by_state) - {0}:
            rows = np.flatnonzero(approved & (months == count))
            ends[rows] = self._end(count)(starts[rows])
        base = _earliest(self._kinds[self._service_day]) - EPOCH
        yield pa.array((starts + base).astype(np.int32), mask=~approved).cast(pa.date32())
        yield pa.array(ends.astype(np.int32), mask=~approved | (months == 0)).cast(pa.date32())
        if self._quantity is not None:
            requested, kind = placed.places[self._quantity.variable], self._kinds[self._quantity.variable]
            yield pa.array(requested + _lowest(kind), mask=~approved | (requested == domain_size(kind)))

    def _end(self, months: int) -> LookUp:
        """For the place of a first day the last day of so many months, in days since 1970."""
        kind = self._kinds[self._service_day]
        first = _earliest(kind)
        with self._lock:
            if months not in self._ends:

                def end(place: int) -> int:
                    return last_day(date.fromordinal(first + place), months).toordinal() - EPOCH

                self._ends[months] = LookUp(domain_size(kind), end, self._lock)
            return self._ends[months]

    def _months(self, approving: str | None) -> int:
        return 0 if approving is None else self._outcomes.terms(approving).months or 0

    def _number(self, pathway: str | None) -> int:
        return len(self._pathways) if pathway is None else self._pathways.index(pathway)

    def _place(self, day: date) -> int:
        return day.toordinal() - _earliest(self._kinds[self._service_day])


def coding(table: Table) -> Callable[[Ids], Ids]:
    """From places to class codes."""
    kind = table.variable.kind
    size = domain_size(kind)
    if kind.ordered:
        starts = np.array([kind.index(among.first) for among in table.classes])
        if size > MOST_DENSE:
            return lambda places: np.where(places == size, MISSING, np.searchsorted(starts, places, side="right"))
        codes = np.append(np.searchsorted(starts, np.arange(size), side="right"), MISSING)
    else:
        codes = np.full(size + 1, MISSING)
        for code, each in enumerate(table.classes, 1):
            codes[[place_of(kind, member) for member in each.members]] = code
    return lambda places: np.take(codes, places)


def _column(table: pa.Table, name: str) -> pa.Array:
    """A column in one piece; nulls where it is absent."""
    if name not in table.column_names:
        return pa.nulls(table.num_rows)
    column = table.column(name)
    if column.num_chunks == 1:
        return column.chunk(0)
    return column.combine_chunks() if column.num_chunks else pa.nulls(0, column.type)


def _without_text(column: pa.Array) -> Mask | None:
    """The rows of a text column without any text."""
    if pa.types.is_null(column.type):
        return np.ones(len(column), dtype=np.bool_)
    absent = pc.equal(pc.binary_length(column.cast(pa.large_string())), 0).fill_null(True)
    return absent.to_numpy(zero_copy_only=False) if pc.any(absent).as_py() else None


def _days(kind: Kind, places: Ids) -> Ids:
    """The ordinal of each day, or `NO_DAY`."""
    return np.where(places == domain_size(kind), NO_DAY, places + _earliest(kind))


def _earliest(kind: Kind) -> int:
    if not isinstance(kind, Day):
        raise TypeError("a day is needed")
    return kind.lowest.toordinal()


def _lowest(kind: Kind) -> int:
    if not isinstance(kind, WholeNumber):
        raise TypeError("a whole number is needed")
    return kind.lowest


def _words_in_lists(compiled: Sequence[Compiled]) -> tuple[str, ...]:
    """Every word that a list of the answer may hold, sorted: one code for all revisions, so that frames can be joined."""
    found: set[str] = set()
    for each in compiled:
        found |= set(each.decider.recorded) | set(each.decider.vocabulary.variables)
    return tuple(sorted(found))
