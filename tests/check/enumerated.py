"""A rule file and every request, in a list: what is true of each is one bit of a number.

Shares nothing with the solver; what an operator does is written down once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import reduce
from itertools import product
from typing import Any, NamedTuple

from drawing import any_test
from hypothesis import strategies as st
from operators import OPERATORS
from small import DAY, TESTED, WORDS, Json, any_flag, conditions, criterion, document, every_value, pathway

from check.aged import AGED, BIRTHDAYS, BIRTHS, SERVICE_DAYS
from medpolicy.language.fields import Day
from medpolicy.language.vocabulary import Vocabulary


class Bits(NamedTuple):
    """For each request whether a condition is met, and whether it may be."""

    met: int
    possible: int


class Enumerated:
    """A rule file, with the bits of every request that its tests can tell apart."""

    def __init__(self, of: Json, vocabulary: Vocabulary) -> None:
        self.document = of
        self.vocabulary = vocabulary
        self.requests = list(_requests(of, vocabulary))
        self.all = (1 << len(self.requests)) - 1
        self._missing = {name: self.where(lambda facts, n=name: facts[n] is None) for name in vocabulary.variables}
        self._tests: dict[str, Bits] = {}
        begin = date.fromisoformat(of["effective_from"])
        in_effect = self.where(lambda facts: facts["service_start_date"] >= begin)
        self.now = in_effect or self.all
        self.status = {rule["id"]: self.bits(rule[key]) for _, rule, key in self.parts()}
        wholes = {pathway["id"]: self._whole(pathway) for pathway in of["pathways"]}
        self.whole = wholes
        self.coverage = Bits(self.some(whole.met for whole in wholes.values()), self.some(whole.possible for whole in wholes.values()))  # fmt: skip
        before = {"approved": self.coverage.met, "denied": self.all & ~self.coverage.possible}
        self.covered = before | {"pended": self.all & ~before["approved"] & ~before["denied"]}
        self.acts = {flag["id"]: self._acts(flag) for flag in of["review_flags"]}
        stopped = self.some(self.acts[flag["id"]] for flag in of["review_flags"] if flag["kind"] != "note")
        self.decided = {decision: self.covered[decision] & ~stopped for decision in ("approved", "denied")}
        self.decided["pended"] = self.covered["pended"] | stopped

    def where(self, holds: Callable[[Json], bool]) -> int:
        """The bits of the requests of which something is true."""
        return sum(1 << place for place, request in enumerate(self.requests) if holds(request))

    def every(self, bits: Iterable[int]) -> int:
        return reduce(int.__and__, bits, self.all)

    def some(self, bits: Iterable[int]) -> int:
        return reduce(int.__or__, bits, 0)

    def parts(self) -> Iterator[tuple[tuple[str | int, ...], Json, str]]:
        """Every pathway, criterion and flag with its path and the key of its condition."""
        for place, part in enumerate(self.document["pathways"]):
            yield ("pathways", place), part, "applies"
            for inner, one in enumerate(part["criteria"]):
                yield ("pathways", place, "criteria", inner), one, "conditions"
        for place, flag in enumerate(self.document["review_flags"]):
            yield ("review_flags", place), flag, "conditions"

    def bits(self, condition: Json) -> Bits:
        """The bits of a condition; parts that are None have been dropped."""
        for key in ("all", "any"):
            if key in condition:
                parts = [self.bits(part) for part in condition[key] if part is not None]
                join = self.every if key == "all" else self.some
                return Bits(join(part.met for part in parts), join(part.possible for part in parts))
        name = repr(condition)
        if name not in self._tests:
            self._tests[name] = self._test(**condition)
        return self._tests[name]

    def _test(self, name: str, operator: str, value: Any) -> Bits:
        constant = date.fromisoformat(value) if isinstance(self.vocabulary.variables[name].kind, Day) else value
        met = self.where(lambda facts: facts[name] is not None and OPERATORS[operator](facts[name], constant))
        return Bits(met, met | self._missing[name])

    def missing(self, name: str) -> int:
        return self._missing[name]

    def given_facts(self, condition: Json) -> set[str]:
        """The given facts that may be missing and that a condition reads, behind derived ones too."""
        if "name" in condition:
            parts = self.vocabulary.variables[condition["name"]].parts
            return {part for part in parts if self.vocabulary.variables[part].may_be_missing}
        return set().union(*map(self.given_facts, condition.get("all", condition.get("any"))))

    def _whole(self, of: Json) -> Bits:
        parts = [self.status[of["id"]], *(self.status[criterion["id"]] for criterion in of["criteria"])]
        return Bits(self.every(part.met for part in parts), self.every(part.possible for part in parts))

    def _acts(self, flag: Json) -> int:
        status = self.status[flag["id"]]
        if flag["kind"] == "note":
            return status.met
        return status.possible & self.covered[flag["holds"]] if flag["kind"] == "hold" else status.possible


def _requests(of: Json, vocabulary: Vocabulary) -> Iterator[Json]:
    read = {part for name in _names(of) for part in vocabulary.variables[name].parts}
    values: dict[str, list[Any]] = {}
    for name, variable in vocabulary.variables.items():
        if name == "request_id":
            values[name] = ["r"]
        elif name == "service_start_date":
            values[name] = SERVICE_DAYS if vocabulary is AGED else [DAY]
        elif name == "birth_date":
            values[name] = [None, *BIRTHS] if name in read else [None]
        elif variable.derived is None:
            every = every_value(name, vocabulary)
            values[name] = every if name in read else [variable.default if not variable.required else every[0]]
    for chosen in product(*values.values()):
        facts = dict(zip(values, chosen, strict=True))
        if vocabulary is AGED and facts["birth_date"] is not None and facts["birth_date"] > facts["service_start_date"]:
            continue
        yield with_derived(facts, vocabulary)


def with_derived(facts: Json, vocabulary: Vocabulary) -> Json:
    return facts | {name: derived.of(facts) for name, (derived, _) in vocabulary.request.derived.items()}


def _names(value: Any) -> set[str]:
    if isinstance(value, dict):
        named = {value["name"]} if "operator" in value else set()
        return named.union(*map(_names, value.values()))
    return set().union(*map(_names, value)) if isinstance(value, list) else set()


DATED = ("service_start_date", "birth_date", "age_years", "kind", "total_cycles", "cycles_requested", "cycles_received")


DAYS = {"birth_date": list(map(str, BIRTHDAYS)), "service_start_date": list(map(str, SERVICE_DAYS))}


@st.composite
def cases(draw: st.DrawFn) -> Enumerated:
    """A rule file over a few variables of one of two vocabularies, with an invariant."""
    vocabulary = draw(st.sampled_from([WORDS, AGED]))
    few = draw(st.lists(st.sampled_from(TESTED if vocabulary is WORDS else DATED), min_size=1, max_size=4, unique=True))
    any_condition = conditions(few) if vocabulary is WORDS else conditions(few, any_test(few, AGED, DAYS))
    pathways = []
    for place in range(draw(st.integers(1, 2))):
        criteria = [criterion(f"p{place}.c{number}", draw(any_condition)) for number in range(draw(st.integers(1, 3)))]
        pathways.append(pathway(f"p{place}", draw(any_condition), criteria))
    flags = [draw(any_flag(f"f{place}", any_condition)) for place in range(draw(st.integers(0, 2)))]
    never = draw(st.sampled_from(["approved", "denied", "pended"]))
    own = {"id": "own", "text": "Never.", "cites": ["all"], "when": draw(any_condition), "never": never}
    return Enumerated(document(pathways, flags) | {"invariants": [own]}, vocabulary)
