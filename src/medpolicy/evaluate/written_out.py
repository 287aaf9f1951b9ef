"""The ruling of one revision as a Python function of one request, without a loop or a look-up.

`Ruling` is run once over the names of local variables; what it does with them is the body of the function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from medpolicy.evaluate.clauses import Clauses
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
    body = _Body(f"{_tuple(f's{index}' for index in range(len(ids)))} = given")
    met = {id: body.local(f"s{index} is MET") for index, id in enumerate(ids)}
    possible = {id: body.local(f"s{index} is not NOT_MET") for index, id in enumerate(ids)}
    ruling = Ruling(revision, lambda rule: Kleene(met[rule.id], possible[rule.id]), body.algebra)
    return body.written(ruling, waits=ruling.waits)


def of_bits(clauses: Clauses) -> WrittenOut:
    """The ruling as a function of a request's clause bits."""
    body = _Body("bits = given")
    nodes = Nodes(
        lambda leaf: Kleene(body.bit(clauses.met[leaf]), ~body.bit(clauses.not_met[leaf])),
        lambda fact: body.bit(clauses.missing[fact]),
        clauses.vocabulary,
        body.algebra,
    )
    ruling = Ruling(clauses.revision, lambda rule: nodes.status(clauses.conditions[rule.id]), body.algebra)

    def missing(fact: str) -> _Local:
        return ruling.missing(lambda rule: nodes.keeps_open(clauses.conditions[rule.id], fact))

    statuses = {id: nodes.status(node) for id, node in clauses.conditions.items()}
    return body.written(
        ruling,
        missing=[(fact, missing(fact)) for fact in clauses.missing],
        met=[(id, status.met) for id, status in statuses.items()],
        possible=[(id, status.possible) for id, status in statuses.items()],
    )


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
        return self._body.local(f"not {self.name}")


class _Body:
    """The lines of a function of `given`: a first one, and one for each expression."""

    def __init__(self, first: str) -> None:
        self._first = first
        self._locals: dict[str, _Local] = {}
        self.algebra = Algebra(self.every, self.some)

    def local(self, expression: str) -> _Local:
        return self._locals.setdefault(expression, _Local(f"t{len(self._locals)}", self))

    def bit(self, bit: int) -> _Local:
        return self.local(f"bits & {bit} != 0")

    def every(self, parts: Iterable[_Local]) -> _Local:
        return self.local(" and ".join(dict.fromkeys(part.name for part in parts)) or "True")

    def some(self, parts: Iterable[_Local]) -> _Local:
        return self.local(" or ".join(dict.fromkeys(part.name for part in parts)) or "False")

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
