"""The ruling of one revision as a Python function of one request, without a loop or a look-up.

`Ruling` is run once over the names of local variables; what it does with them is the body of the function. From clause bits
it is made in `written_bits`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, NamedTuple

from medpolicy.evaluate.kleene import Algebra, Kleene
from medpolicy.evaluate.ruling import Ruling
from medpolicy.evaluate.status import Status
from medpolicy.language.revision import Revision


class Ruled(NamedTuple):
    """The lists of a ruling: what each is about, or whether that is true of a request.

    From statuses come the rules whose missing facts are listed (`waits`); from clause bits those facts themselves, and
    the rules that are `met` and `possible` (met or open).
    """

    decided: tuple[Any, ...]
    covered: tuple[Any, ...]
    on_pathway: tuple[Any, ...]
    listed: tuple[Any, ...]
    not_met: tuple[Any, ...]
    denied_for: tuple[Any, ...]
    acts: tuple[Any, ...]
    approved_by: tuple[Any, ...]
    waits: tuple[Any, ...] = ()
    missing: tuple[Any, ...] = ()
    met: tuple[Any, ...] = ()
    possible: tuple[Any, ...] = ()


class WrittenOut(NamedTuple):
    """What the lists of a revision's ruling are about, and the function that says what is true of a request."""

    about: Ruled
    truths: Callable[[Any], Ruled]


def of_statuses(revision: Revision, ids: Sequence[str]) -> WrittenOut:
    """The ruling as a function of the status of each rule, in the order of `ids`."""
    body = Body(f"{_tuple(f's{index}' for index in range(len(ids)))} = given", ONE)
    met = {id: body.local(f"s{index} is MET") for index, id in enumerate(ids)}
    possible = {id: body.local(f"s{index} is not NOT_MET") for index, id in enumerate(ids)}
    ruling = Ruling(revision, lambda rule: Kleene(met[rule.id], possible[rule.id]), body.algebra)
    return body.written(ruling, waits=ruling.waits)


class Style(NamedTuple):
    """How what is given is named, and truth values are written."""

    given: str
    every: str
    some: str
    invert: str
    never: str
    bit: str
    frees: bool
    """Whether a truth value is let go of when no other needs it."""


ONE = Style("bits = given", " and ", " or ", "not ", "False", "bits & {} != 0", False)
MANY = Style("plane, never = given", " & ", " | ", "~", "never", "plane({})", True)


class Local:
    """A truth value by the name of its local variable, and the others that it is made of."""

    def __init__(self, name: str, parts: Collection[Local], body: Body) -> None:
        self.name = name
        self.parts = parts
        self._body = body

    def __and__(self, other: Local) -> Local:
        return self._body.every((self, other))

    def __or__(self, other: Local) -> Local:
        return self._body.some((self, other))

    def __invert__(self) -> Local:
        return self._body.local(f"{self._body.style.invert}{self.name}", (self,))


class Body:
    """The lines of a function of `given`: a first one, and one for each expression."""

    def __init__(self, first: str, style: Style) -> None:
        self._first = first
        self.style = style
        self._locals: dict[str, Local] = {}
        self.algebra = Algebra(self.every, self.some)

    def local(self, expression: str, parts: Collection[Local] = ()) -> Local:
        return self._locals.setdefault(expression, Local(f"t{len(self._locals)}", parts, self))

    def bit(self, bit: int) -> Local:
        return self.local(self.style.bit.format(bit))

    def every(self, parts: Iterable[Local]) -> Local:
        return self._joined(self.style.every, parts, f"{self.style.invert}{self.style.never}")

    def some(self, parts: Iterable[Local]) -> Local:
        return self._joined(self.style.some, parts, self.style.never)

    def _joined(self, word: str, parts: Iterable[Local], none: str) -> Local:
        distinct = {part.name: part for part in parts}
        if len(distinct) == 1:
            return distinct.popitem()[1]
        return self.local(word.join(distinct) or none, distinct.values())

    def written(self, ruling: Ruling[Local], **more: Iterable[tuple[Any, Local]]) -> WrittenOut:
        """The function that returns the lists of a ruling, and more lists."""
        lists: dict[str, Iterable[tuple[Any, Local]]] = {
            name: getattr(ruling, name).items() for name in Ruled._fields if name not in Ruled._field_defaults
        }
        pairs = {name: tuple(found) for name, found in (lists | more).items()}
        returned = ", ".join(f"{name}={_tuple(truth.name for _, truth in found)}" for name, found in pairs.items())
        lines = self._lines(truth for found in pairs.values() for _, truth in found)
        source = "\n    ".join(["def truths(given):", self._first, *lines, f"return Ruled({returned})"])
        names: dict[str, Any] = {"MET": Status.MET, "NOT_MET": Status.NOT_MET, "Ruled": Ruled}
        exec(source, names)
        return WrittenOut(
            Ruled(**{name: tuple(about for about, _ in found) for name, found in pairs.items()}), names["truths"]
        )

    def _lines(self, returned: Iterable[Local]) -> list[str]:
        """The lines that what is returned needs; each local variable goes after its last use."""
        used, lines = set(returned), []
        for expression, local in reversed(self._locals.items()):
            if local in used:
                last = [part.name for part in local.parts if part not in used]
                used.update(local.parts)
                lines += [f"del {', '.join(last)}"] if last and self.style.frees else []
                lines.append(f"{local.name} = {expression}")
        return lines[::-1]


def _tuple(names: Iterable[str]) -> str:
    return f"({''.join(f'{name}, ' for name in names)})"
