"""The ruling of one revision as a Python function of one request's statuses, without a loop or a look-up.

`Ruling` is run once over the names of local variables; what it does with them is the body of the function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from medpolicy.evaluate.kleene import Algebra, Kleene
from medpolicy.evaluate.ruling import Ruling
from medpolicy.evaluate.status import Status
from medpolicy.language.revision import Revision


class Ruled(NamedTuple):
    """The lists of a ruling: what each is about, or whether that is true."""

    decided: tuple[Any, ...]
    covered: tuple[Any, ...]
    on_pathway: tuple[Any, ...]
    listed: tuple[Any, ...]
    not_met: tuple[Any, ...]
    denied_for: tuple[Any, ...]
    acts: tuple[Any, ...]
    approved_by: tuple[Any, ...]
    waits: tuple[Any, ...]


@dataclass(frozen=True)
class WrittenOut:
    """The ruling of a revision: what its lists are about (ids, decisions, rules), and what is true of a request."""

    about: Ruled
    truths: Callable[[Sequence[Status]], Ruled]
    """From the statuses of the rules, in the order of `ids`."""

    @classmethod
    def of(cls, revision: Revision, ids: Iterable[str]) -> WrittenOut:
        """Run the ruling on local variables, and compile the lines that come out."""
        body = _Body()
        status = {
            id: Kleene(body.local(f"s{index} is MET"), body.local(f"s{index} is not NOT_MET"))
            for index, id in enumerate(ids)
        }
        ruling = Ruling(revision, lambda rule: status[rule.id], Algebra(body.every, body.some))
        lists = {name: getattr(ruling, name) for name in Ruled._fields}
        lists = {name: tuple(found.items() if isinstance(found, dict) else found) for name, found in lists.items()}
        returned = ", ".join(_tuple(truth.name for _, truth in pairs) for pairs in lists.values())
        unpacked = _tuple(f"s{index}" for index in range(len(status)))
        source = ["def truths(statuses):", f"    {unpacked} = statuses", *body.lines, f"    return Ruled({returned})"]
        names: dict[str, Any] = {"MET": Status.MET, "NOT_MET": Status.NOT_MET, "Ruled": Ruled}
        exec("\n".join(source), names)
        return cls(Ruled(*(tuple(about for about, _ in pairs) for pairs in lists.values())), names["truths"])


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
    """The lines of a function, one for each expression."""

    def __init__(self) -> None:
        self.locals: dict[str, _Local] = {}

    def local(self, expression: str) -> _Local:
        return self.locals.setdefault(expression, _Local(f"t{len(self.locals)}", self))

    def every(self, parts: Iterable[_Local]) -> _Local:
        return self.local(" and ".join(part.name for part in parts) or "True")

    def some(self, parts: Iterable[_Local]) -> _Local:
        return self.local(" or ".join(part.name for part in parts) or "False")

    @property
    def lines(self) -> list[str]:
        return [f"    {local.name} = {expression}" for expression, local in self.locals.items()]


def _tuple(names: Iterable[str]) -> str:
    return f"({''.join(f'{name}, ' for name in names)})"
