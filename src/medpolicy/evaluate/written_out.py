"""The ruling of one revision as a Python function of one request, without a loop or a look-up.

`Ruling` is run once over the names of local variables; what it does with them is the body of the function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from medpolicy.evaluate.clauses import Clauses
from medpolicy.evaluate.conditions import Leaf
from medpolicy.evaluate.kleene import Algebra, Kleene
from medpolicy.evaluate.nodes import Nodes
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
    body = _Body(f"{_tuple(f's{index}' for index in range(len(ids)))} = given", _ONE)
    met = {id: body.local(f"s{index} is MET") for index, id in enumerate(ids)}
    possible = {id: body.local(f"s{index} is not NOT_MET") for index, id in enumerate(ids)}
    ruling = Ruling(revision, lambda rule: Kleene(met[rule.id], possible[rule.id]), body.algebra)
    return body.written(ruling, waits=ruling.waits)


def of_bits(clauses: Clauses) -> WrittenOut:
    """The ruling as a function of a request's clause bits."""
    return _of_clauses(clauses, _Body("bits = given", _ONE))


def of_planes(clauses: Clauses) -> WrittenOut:
    """The ruling of many requests as a function of what gives the truth of a clause bit, and of what is false of all."""
    return _of_clauses(clauses, _Body("plane, never = given", _MANY))


def _of_clauses(clauses: Clauses, body: _Body) -> WrittenOut:
    missing = {fact: body.bit(bit) for fact, bit in clauses.missing.items()}

    def status(leaf: Leaf) -> Kleene[_Local]:
        met = body.bit(clauses.met[leaf])
        return Kleene(met, body.some((met, *(missing[fact] for fact in clauses.facts(leaf)))))

    nodes = Nodes(status, missing.__getitem__, clauses.vocabulary, body.algebra)
    ruling = Ruling(clauses.revision, lambda rule: nodes.status(clauses.conditions[rule.id]), body.algebra)

    def listed(fact: str) -> _Local:
        return ruling.missing(lambda rule: nodes.keeps_open(clauses.conditions[rule.id], fact))

    statuses = {id: nodes.status(node) for id, node in clauses.conditions.items()}
    return body.written(
        ruling,
        missing=[(fact, listed(fact)) for fact in missing],
        met=[(id, status.met) for id, status in statuses.items()],
        possible=[(id, status.possible) for id, status in statuses.items()],
    )


class _Style(NamedTuple):
    """How truth values are written."""

    every: str
    some: str
    invert: str
    never: str
    bit: str


_ONE = _Style(" and ", " or ", "not ", "False", "bits & {} != 0")
_MANY = _Style(" & ", " | ", "~", "never", "plane({})")


class _Local:
    """A truth value by the name of its local variable."""

    def __init__(self, name: str, body: _Body) -> None:
        self.name = name
        self._body = body

    def __and__(self, other: _Local) -> _Local:
        return self._body.every((self, other))

    def __or__(self, other: _Local) -> _Local:
        return self._body.some((self, other))

    def __invert__(self) -> _Local:
        return self._body.local(f"{self._body.style.invert}{self.name}")


class _Body:
    """The lines of a function of `given`: a first one, and one for each expression."""

    def __init__(self, first: str, style: _Style) -> None:
        self._first = first
        self.style = style
        self._locals: dict[str, _Local] = {}
        self.algebra = Algebra(self.every, self.some)

    def local(self, expression: str) -> _Local:
        return self._locals.setdefault(expression, _Local(f"t{len(self._locals)}", self))

    def bit(self, bit: int) -> _Local:
        return self.local(self.style.bit.format(bit))

    def every(self, parts: Iterable[_Local]) -> _Local:
        return self._joined(self.style.every, parts, f"{self.style.invert}{self.style.never}")

    def some(self, parts: Iterable[_Local]) -> _Local:
        return self._joined(self.style.some, parts, self.style.never)

    def _joined(self, word: str, parts: Iterable[_Local], none: str) -> _Local:
        distinct = {part.name: part for part in parts}
        if len(distinct) == 1:
            return distinct.popitem()[1]
        return self.local(word.join(distinct) or none)

    def written(self, ruling: Ruling[_Local], **more: Iterable[tuple[Any, _Local]]) -> WrittenOut:
        """The function that returns the lists of a ruling, and more lists."""
        lists: dict[str, Iterable[tuple[Any, _Local]]] = {
            name: getattr(ruling, name).items() for name in Ruled._fields if name not in Ruled._field_defaults
        }
        pairs = {name: tuple(found) for name, found in (lists | more).items()}
        returned = ", ".join(f"{name}={_tuple(truth.name for _, truth in found)}" for name, found in pairs.items())
        lines = [f"t{index} = {expression}" for index, expression in enumerate(self._locals)]
        source = "\n    ".join(["def truths(given):", self._first, *lines, f"return Ruled({returned})"])
        names: dict[str, Any] = {"MET": Status.MET, "NOT_MET": Status.NOT_MET, "Ruled": Ruled}
        exec(source, names)
        return WrittenOut(
            Ruled(**{name: tuple(about for about, _ in found) for name, found in pairs.items()}), names["truths"]
        )


def _tuple(names: Iterable[str]) -> str:
    return f"({''.join(f'{name}, ' for name in names)})"
