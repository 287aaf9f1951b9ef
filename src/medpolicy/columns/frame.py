"""A frame of requests decided in columns: places, class codes, outcomes, and the columns of the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from threading import RLock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medpolicy.columns.lookup import MOST_DENSE, Ids, LookUp
from medpolicy.columns.outcomes import Outcomes
from medpolicy.columns.places import EPOCH, Mask, Placed, domain_size, either, place_column, place_derived, place_of
from medpolicy.compiled import Compiled
from medpolicy.decide import Decider
from medpolicy.determination import Decision, last_day
from medpolicy.fields import Day, Kind, Text, WholeNumber
from medpolicy.status import Status
from medpolicy.tables import MISSING, Table

DECISIONS: tuple[Decision, ...] = ("approved", "denied", "pended")
COVERAGES = tuple(status.word for status in Status)
NO_DAY = 0
WORD = pa.dictionary(pa.int32(), pa.string())
WORDS = pa.list_(WORD)
COLUMNS = pa.schema(
    [
        ("request_id", pa.string()),
        ("policy", WORD),
        ("revision", WORD),
        ("rules_digest", WORD),
        ("decision", WORD),
        ("coverage", WORD),
        ("requires_clinician_review", pa.bool_()),
        ("pathway", WORD),
        ("not_met", WORDS),
        ("missing", WORDS),
        ("denial_reasons", WORDS),
        ("review_flags", WORDS),
        ("authorization_start", pa.date32()),
        ("authorization_end", pa.date32()),
        ("authorization_cycles", pa.int64()),
    ]
)
"""The columns of the answer, in their order; words are coded, also those in lists."""


def plain_type(type_: pa.DataType) -> pa.DataType:
    """A type of the answer with words as plain text."""
    if pa.types.is_list(type_):
        return pa.list_(plain_type(type_.value_type))
    return type_.value_type if pa.types.is_dictionary(type_) else type_


def with_plain_lists(table: pa.Table) -> pa.Table:
    """The answers with the words in lists as plain text."""
    for place, name in enumerate(COLUMNS.names):
        if pa.types.is_list(COLUMNS.field(name).type):
            type_ = plain_type(COLUMNS.field(name).type)
            table = table.set_column(place, name, table.column(place).cast(type_))
    return table


@dataclass(frozen=True, slots=True)
class Placements:
    """The rows of a frame by place, for each variable, and the rows that have a fault."""

    rows: int
    places: Mapping[str, Ids]
    faulty: Mask | None

    def only(self, rows: Ids) -> Placements:
        """Some of the rows."""
        return Placements(len(rows), {name: each[rows] for name, each in self.places.items()}, None)


class Frames:
    """The revisions of a policy, or one pinned revision, ready to decide frames. Threads may share it."""

    def __init__(self, compiled: Sequence[Compiled], pinned: bool = False) -> None:
        words = compiled[0].decider.words
        variables = words.variables
        self.request = words.request
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
        days = placed.places["service_start_date"]
        parts: list[tuple[Ids, pa.Table]] = []
        left = np.ones(placed.rows, dtype=np.bool_)
        for each in self._revisions:
            inside = left if self._pinned else left & each.in_effect(days)
            if inside.all():
                return each.answers(ids, placed)
            if inside.any():
                rows = np.flatnonzero(inside)
                parts.append((rows, each.answers(ids.take(pa.array(rows)), placed.only(rows))))
                left &= ~inside
        rows = np.flatnonzero(left)
        if len(rows) or not parts:
            parts.append((rows, self._without_revision(ids.take(pa.array(rows)), days[rows])))
        if len(parts) == 1:
            return parts[0][1]
        order = np.argsort(np.concatenate([rows for rows, _ in parts]), kind="stable")
        joined = pa.concat_tables([part for _, part in parts]).unify_dictionaries()
        return joined.take(pa.array(order))

    def _without_revision(self, ids: pa.Array, days: Ids) -> pa.Table:
        """The answers where no revision is in effect; the words of the flag are those of the nearest revision."""
        verdicts = [each.decider.without_revision for each in self._revisions]
        verdict, rows = verdicts[0], len(ids)
        begun = np.array([each.first_place for each in self._revisions])
        nearest = np.maximum(np.searchsorted(begun, days, side="right") - 1, 0)
        flags = _listed([tuple(flag.id for flag in each.review_flags) for each in verdicts], nearest, self._words)
        empty = _listed([()], np.zeros_like(nearest), self._words)
        none = _word(None, rows)
        columns = [
            ids.cast(pa.string()),
            _word(verdict.policy, rows),
            none,
            none,
            _word(verdict.decision, rows),
            _word(verdict.coverage, rows),
            pa.array(np.zeros(rows, dtype=np.bool_)),
            none,
            empty,
            empty,
            empty,
            flags,
            pa.nulls(rows, pa.date32()),
            pa.nulls(rows, pa.date32()),
            pa.nulls(rows, pa.int64()),
        ]
        return pa.table(columns, schema=COLUMNS)


class _Revision:
    """One revision ready to answer rows."""

    def __init__(self, compiled: Compiled, kinds: Mapping[str, Kind], words: tuple[str, ...]) -> None:
        self._words_in_lists = words
        self.decider: Decider = compiled.decider
        self._outcomes = Outcomes(compiled)
        self._codes = {name: _coding(each) for name, each in compiled.tables.items()}
        self._start, self._requested = kinds["service_start_date"], kinds["cycles_requested"]
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

    def answers(self, ids: pa.Array, placed: Placements) -> pa.Table:
        """The answers to rows, in their order."""
        codes = {name: coding(placed.places[name]) for name, coding in self._codes.items()}
        found = self._outcomes(codes, placed.rows)
        states, rulings = self._outcomes.coverage.values, self._outcomes.rulings.values
        decisions = np.array([DECISIONS.index(each.decision) for each in rulings])[found.ruling]
        denied, approved = decisions == DECISIONS.index("denied"), decisions == DECISIONS.index("approved")
        unlisted = (self.decider.revision.unlisted.id,)
        not_met = [tuple(sorted(each.not_met)) for each in states]
        reasons = np.where(denied, found.coverage, len(states))
        start, end, cycles = self._authorizations(found.coverage, approved, placed)
        columns = [
            ids.cast(pa.string()),
            _word(self.decider.revision.policy, placed.rows),
            _word(self.decider.revision.revision, placed.rows),
            _word(self.decider.digest, placed.rows),
            _words(DECISIONS, decisions),
            _words(COVERAGES, np.array([int(each.coverage) for each in states])[found.coverage]),
            pa.array(denied),
            _words(self._pathways, np.array([self._number(each.pathway) for each in states])[found.coverage]),
            _listed(not_met, found.coverage, self._words_in_lists),
            _listed(self._outcomes.missing.values, found.missing, self._words_in_lists),
            _listed([*(each or unlisted for each in not_met), ()], reasons, self._words_in_lists),
            _listed([each.flags for each in rulings], found.ruling, self._words_in_lists),
            start,
            end,
            cycles,
        ]
        return pa.table(columns, schema=COLUMNS)

    def _authorizations(self, coverage: Ids, approved: Mask, placed: Placements) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Start, end and cycles; null where a row is not approved."""
        starts, requested = placed.places["service_start_date"], placed.places["cycles_requested"]
        months = np.array([self._months(each.approving) for each in self._outcomes.coverage.values])[coverage]
        ends = np.zeros(placed.rows, dtype=np.int64)
        for count in np.unique(months[approved]).tolist():
            rows = approved & (months == count)
            ends[rows] = self._end(count)(starts[rows])
        base = _earliest(self._start) - EPOCH
        start = pa.array((starts + base).astype(np.int32), mask=~approved).cast(pa.date32())
        end = pa.array(ends.astype(np.int32), mask=~approved).cast(pa.date32())
        unknown = ~approved | (requested == domain_size(self._requested))
        return start, end, pa.array(requested + _lowest(self._requested), mask=unknown)

    def _end(self, months: int) -> LookUp:
        """For the place of a first day the last day of so many months, in days since 1970."""
        first = _earliest(self._start)
        with self._lock:
            if months not in self._ends:

                def end(place: int) -> int:
                    return last_day(date.fromordinal(first + place), months).toordinal() - EPOCH

                self._ends[months] = LookUp(domain_size(self._start), end, self._lock)
            return self._ends[months]

    def _months(self, approving: str | None) -> int:
        return 0 if approving is None else self._outcomes.terms(approving).months

    def _number(self, pathway: str | None) -> int:
        return len(self._pathways) if pathway is None else self._pathways.index(pathway)

    def _place(self, day: date) -> int:
        return day.toordinal() - _earliest(self._start)


def _coding(table: Table) -> Callable[[Ids], Ids]:
    """From places to class codes."""
    kind = table.variable.kind
    size = domain_size(kind)
    if isinstance(kind, WholeNumber | Day):
        lowest = kind.lowest if isinstance(kind, WholeNumber) else kind.earliest
        firsts = [each.first - lowest for each in table.classes]
        starts = np.array([each.days if isinstance(each, timedelta) else each for each in firsts])
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
    return kind.earliest.toordinal()


def _lowest(kind: Kind) -> int:
    if not isinstance(kind, WholeNumber):
        raise TypeError("a whole number is needed")
    return kind.lowest


def _word(word: str | None, rows: int) -> pa.Array:
    """The same word in every row."""
    return _words([] if word is None else [word], np.zeros(rows, dtype=np.int64))


def _words(words: Sequence[str], numbers: Ids) -> pa.Array:
    """A word for each row; null where the number is beyond them."""
    beyond = numbers >= len(words)
    indices = pa.array(numbers.astype(np.int32), mask=beyond if beyond.any() else None)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(words), pa.string()))


def _listed(lists: Sequence[tuple[str, ...]], numbers: Ids, words: Sequence[str]) -> pa.Array:
    """A list of words for each row."""
    codes = {word: code for code, word in enumerate(words)}
    ends = np.cumsum([0, *(len(each) for each in lists)], dtype=np.int32)
    coded = pa.array([codes[word] for each in lists for word in each], pa.int32())
    held = pa.DictionaryArray.from_arrays(coded, pa.array(list(words), pa.string()))
    return pa.ListArray.from_arrays(pa.array(ends), held).take(pa.array(numbers))


def _words_in_lists(compiled: Sequence[Compiled]) -> tuple[str, ...]:
    """Every word that a list of the answer may hold, sorted: one code for all revisions, so that frames can be joined."""
    found: set[str] = set()
    for each in compiled:
        found |= set(each.decider.recorded) | set(each.decider.words.variables)
    return tuple(sorted(found))
