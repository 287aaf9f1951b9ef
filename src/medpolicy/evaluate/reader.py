"""Requests read in one pass: for each revision a function is written that takes a record to its determination.

It looks each value up once. That says both that the value is allowed and which clauses it settles, so nothing of a
request is kept. It takes JSON values, and days of Python. What it refuses is read by the model, which words the faults;
it accepts nothing that the model refuses.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from medpolicy.evaluate.compiled import Compiled
from medpolicy.evaluate.native import native_reader
from medpolicy.evaluate.value_form import MOST_LISTED, ValueForm, is_its_own_form, value_form
from medpolicy.language.determination import Determination, Verdict
from medpolicy.language.domains_alone import says_domains_alone
from medpolicy.language.fields import Derived, Kind

Record = dict[str, Any]
OnDay = Callable[[date], Verdict]
Reader = Callable[[Record], Determination | None]
"""The determination on a record; None where the model has to read it."""


def _nowhere(record: Record) -> None:
    """Read nothing."""


def reader(compiled: Compiled, elsewhere: Reader | None = None, *, on_any_day: OnDay | None = None) -> Reader:
    """The reader of a revision; where the revision is not in effect on the day of service, `elsewhere` reads.

    Without `elsewhere` it is pinned, and decides whatever the date. `on_any_day` gives the verdict by the day of service
    alone, for the days on which no revision is in effect.
    """
    vocabulary = compiled.decider.vocabulary
    forms = {value_form(variable.kind) for variable in vocabulary.variables.values() if variable.derived is None}
    ways = {type(made).of for made, _ in vocabulary.request.derived.values()}
    if ValueForm.OTHER in forms or ways - {Derived.of} or not says_domains_alone(vocabulary.request):
        return _nowhere
    source = _Source(compiled, elsewhere, on_any_day)
    exec(source.text(), source.names)
    read: Reader = source.names["read"]
    if on_any_day:
        return read
    in_effect = compiled.decider.revision if elsewhere else None
    return native_reader(compiled, in_effect, source.names["facts"], read, elsewhere or _nowhere) or read


class _Source:
    """The source of a reader, and the objects that it names."""

    def __init__(self, compiled: Compiled, elsewhere: Reader | None, on_any_day: OnDay | None) -> None:
        vocabulary = compiled.decider.vocabulary
        self._revision = compiled.decider.revision if elsewhere else None
        self._request = vocabulary.request
        self._applies, self._bits, self._tables = compiled.clauses.applies, compiled.clauses.bits, compiled.tables
        self._given = {name: variable for name, variable in vocabulary.variables.items() if variable.derived is None}
        self._derived = {name: made for name, (made, _) in self._request.derived.items()}
        self._listed = [name for name, variable in self._given.items() if _is_listed(variable.kind)]
        self._locals = {name: f"v{index}" for index, name in enumerate(vocabulary.variables)}
        self.names: dict[str, Any] = {
            "bisect": bisect_right,
            "date": date,
            "day": date.fromisoformat,
            "defaults": {name: variable.default for name, variable in self._given.items() if not variable.required},
            "blank": dict.fromkeys(vocabulary.variables),
            "relevant": compiled.relevant,
            "verdicts": compiled.verdicts,
            "elsewhere": elsewhere,
            "on_any_day": on_any_day,
            "Determination": Determination,
        }

    def text(self) -> str:
        """The function. The day of service comes first, since it may be another revision's."""
        names = sorted(self._given, key=lambda name: name != self._request.service_day)
        lines = [line for name in names if name not in self._listed for line in self._read(name)]
        lines += [line for name in self._listed for line in self._look_up(name)]
        lines += [f"bits |= {' | '.join(f'bits_{name}[{self._locals[name]}]' for name in self._listed) or '0'}"]
        lines += [self._in_order(*pair) for pair in self._request.earlier]
        lines += [line for name in self._derived if name in self._tables for line in self._worked_out(name)]
        verdict = f"verdicts[bits & relevant[bits & {self._applies}]]"
        if self.names["on_any_day"]:
            verdict = f"on_any_day({self._locals[self._request.service_day]})"
        return "\n".join(
            [
                "def facts(given):",
                "    facts = blank | given",
                *(f"    {line}" for line in self._facts()),
                "    return facts",
                "def read(record):",
                "    given = defaults | record",
                f"    if len(given) != {len(self._given)}: return None",
                "    bits = 0",
                "    try:",
                "        ''.join(record)  # a key that is no text is an error",
                *(f"        {line}" for line in lines),
                "    except (LookupError, TypeError, ValueError): return None",
                f"    return Determination({verdict}, (facts, given))",
            ]
        )

    def _facts(self) -> Iterator[str]:
        """The lines that make the values of a record that was read typed, and work out the derived ones."""
        for name, variable in self._given.items():
            kind, fact = variable.kind, f"facts[{name!r}]"
            if name in self._listed and not (variable.default is None and is_its_own_form(kind) and not kind.choices):
                typed = {kind.plain(known): known for known in map(kind.value, range(kind.size))}
                yield f"{fact} = {self._named('facts', name, typed | {None: variable.default})}[{fact}]"
            elif not is_its_own_form(kind):
                yield f"if {fact} is not None: {fact} = {self._named('typed', name, kind.typed)}({fact})"
        for name, derived in self._derived.items():
            first, second = (f"facts[{part!r}]" for part in derived.parts)
            yield f"if {first} is not None and {second} is not None:"
            yield f"    facts[{name!r}] = {self._named('value', name, derived.value)}({first}, {second})"

    def _read(self, name: str) -> Iterator[str]:
        """The lines that read a given variable: they refuse the record, or add the bits of the value."""
        variable, value = self._given[name], self._locals[name]
        kind = variable.kind
        yield f"{value} = given[{name!r}]"
        yield f"if {value} is None: {f'bits |= {self._bits_of(name, None)}' if variable.takes_null else 'return None'}"
        if not kind.size:
            yield f"elif type({value}) is not str or not {value}: return None"
            yield f"elif not {value}.isascii(): {value}.encode()  # half a character is an error"
            return
        yield "else:"
        read = {ValueForm.SET: self._set, ValueForm.DAY: self._day, ValueForm.NUMBER: self._number}
        yield from (f"    {line}" for line in read[value_form(kind)](name))

    def _look_up(self, name: str) -> Iterator[str]:
        """The lines before the bits of a value of a small domain are looked up: values of different types may be equal."""
        variable, value = self._given[name], self._locals[name]
        kind = variable.kind
        bits = {kind.plain(known): self._bits_of(name, known) for known in map(kind.value, range(kind.size))}
        [plain] = {type(known) for known in bits}
        if variable.takes_null:
            bits[None] = self._bits_of(name, variable.default)
        self._named("bits", name, bits)
        yield f"{value} = given[{name!r}]"
        if plain is not str:
            yield f"if type({value}) is not {plain.__name__} and {value} is not None: return None"

    def _set(self, name: str) -> Iterator[str]:
        kind, value = self._given[name].kind, self._locals[name]
        options = {option: kind.index(frozenset((option,))) for option in kind.choices}
        yield f"if type({value}) is not list: return None"
        yield f"given[{name!r}] = {value} = tuple({value})"
        yield "index = 0"
        yield f"for option in {value}:"
        yield "    if type(option) is not str: return None"
        yield f"    index |= {self._named('options', name, options)}[option]"
        if name in self._tables:
            bits = [self._bits_of(name, kind.value(index)) for index in range(kind.size)]
            yield f"bits |= {self._named('bits', name, bits)}[index]"

    def _day(self, name: str) -> Iterator[str]:
        value = self._locals[name]
        yield f"if type({value}) is str and len({value}) == 10 and {value}[7] == '-': {value} = day({value})"
        yield f"elif type({value}) is not date: return None"
        yield from self._within(name)
        if name == self._request.service_day and self._revision is not None:
            starts = self._named("in_effect_from", name, self._revision.effective_from)
            ends = self._named("in_effect_to", name, self._revision.effective_to or date.max)
            yield f"if not {starts} <= {value} <= {ends}: return elsewhere(record)"

    def _number(self, name: str) -> Iterator[str]:
        yield f"if type({self._locals[name]}) is not int: return None"
        yield from self._within(name)

    def _within(self, name: str) -> Iterator[str]:
        """The lines for a value of a large ordered domain: it is within it, and its class has its bits."""
        kind, value = self._given[name].kind, self._locals[name]
        lowest, highest = self._named("lowest", name, kind.lowest), self._named("highest", name, kind.highest)
        yield f"if not {lowest} <= {value} <= {highest}: return None"
        if name in self._tables and len(self._tables[name].classes) > 1:
            yield f"bits |= {self._by_class(name)}"

    def _in_order(self, before: str, after: str) -> str:
        first, second = self._locals[before], self._locals[after]
        return f"if {first} is not None and {second} is not None and {first} > {second}: return None"

    def _worked_out(self, name: str) -> Iterator[str]:
        """The lines that add the bits of a derived variable, where its parts are there."""
        derived = self._derived[name]
        first, second = (self._locals[part] for part in derived.parts)
        typed = (self._typed(part) for part in derived.parts)
        yield f"if {first} is not None and {second} is not None:"
        yield f"    {self._locals[name]} = {self._named('value', name, derived.value)}({', '.join(typed)})"
        yield f"    bits |= {self._by_class(name)}"

    def _typed(self, name: str) -> str:
        """The typed value of a given variable that was read."""
        variable, value = self._given[name], self._locals[name]
        if name not in self._listed or is_its_own_form(variable.kind):
            return value
        return f"{self._named('typed', name, variable.kind.typed)}({value})"

    def _by_class(self, name: str) -> str:
        """The bits of the value of an ordered variable, by its class."""
        firsts = self._named("firsts", name, [known.first for known in self._tables[name].classes])
        return f"{self._named('bits', name, self._bits[name])}[bisect({firsts}, {self._locals[name]})]"

    def _bits_of(self, name: str, value: Any) -> int:
        """The bits of a typed value; none where no rule reads the variable."""
        return self._bits[name][self._tables[name].code(value)] if name in self._tables else 0

    def _named(self, what: str, name: str, value: Any) -> str:
        """The name by which the function finds an object that belongs to a variable."""
        self.names[f"{what}_{name}"] = value
        return f"{what}_{name}"


def _is_listed(kind: Kind) -> bool:
    """Whether the bits of a value are looked up by the value itself."""
    return value_form(kind) is ValueForm.LISTED or (value_form(kind) is ValueForm.NUMBER and kind.size <= MOST_LISTED)
