"""The reader in C (`_reader.c`), where it was built and knows all that a policy asks for; the one in Python is its model."""

from __future__ import annotations

import importlib
import os
import struct
import sys
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from medpolicy.evaluate.compiled import MOST_REMEMBERED, Compiled, Remembered
from medpolicy.evaluate.value_form import ValueForm, value_form
from medpolicy.language.determination import Determination, Verdict
from medpolicy.language.request import Variable
from medpolicy.language.revision import Revision

try:
    Reader: Any = importlib.import_module("medpolicy.evaluate._reader").Reader
except ImportError:  # there was no compiler
    Reader = None

MOST_WORDS = 64
MOST_FIELDS = 256
MOST_NUMBER = 1 << 61
_ORDER = 0
_EVER = (-(1 << 63), (1 << 63) - 1)

Function = Callable[[Any], Any]


def native_reader(
    compiled: Compiled, in_effect: Revision | None, facts: Function, otherwise: Function, elsewhere: Function
) -> Function | None:
    """The reader in C of a revision, or None where it cannot be used; `otherwise` reads what it refuses.

    It decides on every day, or where the revision `in_effect` is so on the day of service; of other days `elsewhere` reads.
    """
    request = _Request(compiled)
    if Reader is None or sys.byteorder != "little" or os.environ.get("MEDPOLICY_WITHOUT_C") or not request.is_known:
        return None
    clauses, size = compiled.clauses, 8 * request.words
    relevant: Remembered[bytes, bytes] = Remembered(
        lambda key: compiled.relevant[_number(key)].to_bytes(size, "little"), MOST_REMEMBERED
    )
    verdicts: Remembered[bytes, Verdict] = Remembered(
        lambda key: compiled.verdicts[_number(key)], compiled.most_verdicts
    )
    days = _EVER if in_effect is None else (in_effect.effective_from, in_effect.effective_to or date.max)
    reader = Reader(
        tuple(map(request.field, request.given)),
        tuple(request.pairs()),
        request.words,
        list(request.given).index(compiled.decider.vocabulary.service_day),
        *map(_as_number, days),
        clauses.applies.to_bytes(size, "little"),
        relevant,
        verdicts,
        Determination,
        facts,
        otherwise,
        elsewhere,
    )
    read: Function = reader.read
    return read


class _Request:
    """A policy's request as the reader in C is told of it."""

    def __init__(self, compiled: Compiled) -> None:
        vocabulary = compiled.decider.vocabulary
        self._bits, self._tables = compiled.clauses.bits, compiled.tables
        self._earlier = vocabulary.request.earlier
        self._derived = {name: variable for name, variable in vocabulary.variables.items() if variable.derived}
        self.given = {name: variable for name, variable in vocabulary.variables.items() if not variable.derived}
        self.words = max(1, -(-max((max(bits) for bits in self._bits.values()), default=0).bit_length() // 64))
        self._place = {name: index for index, name in enumerate(self.given)}
        self._forms = {name: value_form(variable.kind) for name, variable in self.given.items()}

    @property
    def is_known(self) -> bool:
        """Whether the reader knows all forms of values, and all ways to derive one from two."""
        pairs: list[tuple[int | None, tuple[str, ...]]] = [(_ORDER, pair) for pair in self._earlier]
        pairs += [(_in_c(variable), variable.parts) for variable in self._derived.values()]
        numbers = [self.given[name].kind for name, form in self._forms.items() if form is ValueForm.NUMBER]
        return (
            self.words <= MOST_WORDS
            and all(-MOST_NUMBER <= kind.lowest <= kind.highest <= MOST_NUMBER for kind in numbers)
            and len(self.given) <= MOST_FIELDS
            and ValueForm.OTHER not in self._forms.values()
            and all(
                form is not None and {self._forms[name] for name in parts} in ({ValueForm.DAY}, {ValueForm.NUMBER})
                for form, parts in pairs
            )
        )

    def field(self, name: str) -> tuple[Any, ...]:
        """One given variable."""
        variable, form = self.given[name], self._forms[name]
        kind = variable.kind
        plain_type, table, sets = type(None), {}, b""
        lowest = highest = 0
        if form is ValueForm.LISTED:
            table = {kind.plain(value): self._code(variable, value) for value in map(kind.value, range(kind.size))}
            [plain_type] = {type(value) for value in table}
        elif form is ValueForm.SET:
            table = {option: kind.index(frozenset((option,))) for option in kind.choices}
            codes = [self._code(variable, kind.value(index)) for index in range(kind.size)]
            sets = struct.pack(f"={kind.size}I", *codes) if name in self._tables else b""
        elif form is not ValueForm.TEXT:
            lowest, highest = _as_number(kind.lowest), _as_number(kind.highest)
        absent = -1 if variable.required else self._code(variable, variable.default)
        takes_null = variable.takes_null
        return name, form, takes_null, absent, plain_type, table, sets, lowest, highest, *self._classes(name)

    def pairs(self) -> Iterable[tuple[Any, ...]]:
        """The pairs of days in order, and the derived variables that rules read."""
        for before, after in self._earlier:
            yield _ORDER, self._place[before], self._place[after], b"", b""
        for name, variable in self._derived.items():
            if name in self._tables:
                first, second = variable.parts
                yield _in_c(variable), self._place[first], self._place[second], *self._classes(name)

    def _code(self, variable: Variable, value: Any) -> int:
        return self._tables[variable.name].code(value) if variable.name in self._tables else 0

    def _classes(self, name: str) -> tuple[bytes, bytes]:
        """The bits of each class code of a variable, and the first value of each class of an ordered one."""
        if name not in self._tables:
            return b"", b""
        firsts = [known.first for known in self._tables[name].classes]
        numbers = [] if None in firsts or self._forms.get(name) is ValueForm.LISTED else list(map(_as_number, firsts))
        rows = b"".join(bits.to_bytes(8 * self.words, "little") for bits in self._bits[name])
        return rows, struct.pack(f"={len(numbers)}q", *numbers)


def _in_c(variable: Variable) -> int | None:
    """The number of a derived variable's own class in C, which a subclass does not inherit."""
    return vars(type(variable.derived)).get("in_c")


def _as_number(value: int | date) -> int:
    """A day as the reader in C compares it: year, month and day side by side, 9 bits for the last two."""
    return value if isinstance(value, int) else (value.year << 9) + (value.month << 5) + value.day


def _number(key: bytes) -> int:
    return int.from_bytes(key, "little")
