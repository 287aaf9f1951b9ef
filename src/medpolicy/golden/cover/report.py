"""Coverage as plain values, for programs and for the text that people read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from medpolicy.golden import GoldenCase, RevisionCases
from medpolicy.golden.cover.measure import Measured, State
from medpolicy.golden.cover.obligations import Obligation
from medpolicy.golden.cover.places import Occurrence, Rule, json_path, line_of, rules
from medpolicy.language.request import facts_of
from medpolicy.show.wording import test_in_words

Described = dict[str, Any]

STATES: tuple[State, ...] = ("covered", "infeasible", "not_covered")


def described(measured: Measured) -> Described:
    """What the cases of a revision show, rule by rule, with figures; places are those of the rule file."""
    of = measured.of
    by_rule: dict[str, list[Obligation]] = {}
    for each in measured.shown_by:
        by_rule.setdefault("" if each.rule is None else each.rule.id, []).append(each)
    told = [_rule(rule, by_rule.get(rule.id, []), measured) for rule in rules(of.revision)]
    dates = [_shown(each, measured) | {"day": each.value.isoformat()} for each in by_rule.get("", [])]
    return {
        **heading(of),
        "figures": _figures(told, dates),
        "rules": told,
        "dates": dates,
        "essential": essential(measured.essential),
    }


def heading(of: RevisionCases) -> Described:
    """Which revision and cases are meant."""
    return {
        "policy": of.revision.policy,
        "revision": of.revision.revision,
        "rules_file": of.rules.name,
        "cases_file": str(of.path),
        "cases": len(of.cases),
    }


def essential(needed: Mapping[GoldenCase, int]) -> list[Described]:
    """The cases that are needed, each with the number of things that it alone shows or notices."""
    return [
        {"case": case.id, "line": case.line, "shows": case.shows, "alone": number} for case, number in needed.items()
    ]


def complete(figures: Mapping[str, Mapping[str, int]]) -> bool:
    """Whether everything is covered or proven infeasible."""
    return not any(each["not_covered"] for each in figures.values())


def essential_line(told: Described) -> str:
    """How many cases are essential, and which."""
    ids = [each["case"] for each in told["essential"]]
    listed = f": {', '.join(ids)}" if ids else ""
    return f"{len(ids)} of {told['cases']} cases {'is' if len(ids) == 1 else 'are'} needed for these figures{listed}"


def _rule(rule: Rule, wanted: Sequence[Obligation], measured: Measured) -> Described:
    tests: dict[Occurrence, list[Obligation]] = {}
    for each in wanted:
        if each.occurrence is not None:
            tests.setdefault(each.occurrence, []).append(each)
    return {
        "id": rule.id,
        "kind": rule.kind,
        "path": json_path(rule.path),
        "tests": [_test(each, obligations, measured) for each, obligations in tests.items()],
        "missing": [_shown(each, measured) | {"name": each.name} for each in wanted if each.what == "missing"],
    }


def _test(occurrence: Occurrence, wanted: Sequence[Obligation], measured: Measured) -> Described:
    met, not_met = (next(each for each in wanted if each.what == what) for what in ("met", "not_met"))
    test = occurrence.test
    return {
        "path": json_path(occurrence.path),
        "line": line_of(measured.of.rules, occurrence.path),
        "test": test.rule(),
        "text": test_in_words(test, measured.of.vocabulary),
        "state": _together([measured.state(met), measured.state(not_met)]),
        "pair": _pair(measured.shown_by[met], measured.shown_by[not_met]),
        "met": _shown(met, measured),
        "not_met": _shown(not_met, measured),
        "boundaries": [
            _shown(each, measured) | {"value": _plain(each.value), "side": "after" if each.above else "before"}
            for each in wanted
            if each.what == "boundary"
        ],
    }


def _shown(obligation: Obligation, measured: Measured) -> Described:
    told: Described = {"state": measured.state(obligation)}
    if obligation in measured.feasible and measured.feasible[obligation] is None:
        told["gave_up"] = True
    return told | {"cases": [case.id for case in measured.shown_by[obligation]]}


def _pair(met: Sequence[GoldenCase], not_met: Sequence[GoldenCase]) -> list[str] | None:
    """The two cases of the pair that differ in the fewest facts."""
    if not met or not not_met:
        return None
    facts = {case: facts_of(case.request) for case in (*met, *not_met)}

    def apart(pair: tuple[GoldenCase, GoldenCase]) -> int:
        one, other = (facts[each] for each in pair)
        return sum(value != other[name] for name, value in one.items())

    return [case.id for case in min(product(met, not_met), key=apart)]


def _together(states: Iterable[State]) -> State:
    """A pair is infeasible where one of its halves is, and else not covered where one of them is not."""
    return min(states, key=("infeasible", "not_covered", "covered").index)


def _figures(told: Sequence[Described], dates: Sequence[Described]) -> dict[str, dict[str, int]]:
    tests = [test for rule in told for test in rule["tests"]]
    return {
        "tests": _counted(tests),
        "missing": _counted([each for rule in told for each in rule["missing"]]),
        "boundaries": _counted([each for test in tests for each in test["boundaries"]] + list(dates)),
    }


def _counted(told: Sequence[Described]) -> dict[str, int]:
    counts: dict[str, int] = {state: sum(each["state"] == state for each in told) for state in STATES}
    wanted = counts["covered"] + counts["not_covered"]
    percent = 100 if wanted == 0 else 100 * counts["covered"] // wanted
    return {"total": len(told), **counts, "percent": percent}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
