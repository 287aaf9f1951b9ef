"""Coverage as plain values, for programs and for the text that people read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, get_args

from medpolicy.golden import GoldenCase, RevisionCases
from medpolicy.golden.cover.essential import essential_plain
from medpolicy.golden.cover.measure import Measured, State
from medpolicy.golden.cover.obligations import Obligation, Occurrence
from medpolicy.language.request import facts_of
from medpolicy.language.revision import PlacedRule
from medpolicy.load import RuleFile
from medpolicy.show.wording import test_in_words
from medpolicy.text.findings import Finding, Path

Plain = dict[str, Any]

STATES: tuple[State, ...] = get_args(State)
_OF_PAIR: tuple[State, ...] = ("infeasible", "not_covered", "covered")
"""A pair has the first of these states that one of its halves has."""


def described(measured: Measured) -> Plain:
    """What the cases of a revision show, rule by rule, with figures; positions are those in the rule file."""
    golden = measured.golden
    by_rule: dict[str, list[Obligation]] = {}
    for obligation in measured.shown_by:
        by_rule.setdefault("" if obligation.rule is None else obligation.rule.id, []).append(obligation)
    plain_rules = [_rule(placed, by_rule.get(placed.id, []), measured) for placed in golden.revision.placed_rules()]
    dates = [_shown(date, measured) | {"day": date.value.isoformat()} for date in by_rule.get("", [])]
    tests = [test for rule in plain_rules for test in rule["tests"]]
    return {
        **heading(golden),
        "figures": {
            "tests": _by_state(tests),
            "missing": _by_state([fact for rule in plain_rules for fact in rule["missing"]]),
            "boundaries": _by_state([boundary for test in tests for boundary in test["boundaries"]] + dates),
        },
        "rules": plain_rules,
        "dates": dates,
        "essential": essential_plain(measured.essential),
    }


def heading(golden: RevisionCases) -> Plain:
    """Which revision and cases a report is about."""
    return {
        "policy": golden.revision.policy,
        "revision": golden.revision.revision,
        "rules_file": golden.rules.name,
        "cases_file": str(golden.path),
        "cases": len(golden.cases),
    }


def position(rules: RuleFile, path: Path) -> Plain:
    """A path in a rule file as a JSONPath expression, and the line, from 1, on which its value begins."""
    placed = rules.placed(Finding("", "", path))
    return {"path": placed.json_path, "line": placed.line}


def percent(number: int, total: int) -> int:
    """A share, rounded down; of nothing it is 100."""
    return 100 * number // total if total else 100


def all_covered(figures: Mapping[str, Mapping[str, int]]) -> bool:
    """Whether everything is covered or proven infeasible."""
    return not any(figure["not_covered"] for figure in figures.values())


def _rule(placed: PlacedRule, wanted: Sequence[Obligation], measured: Measured) -> Plain:
    tests: dict[Occurrence, list[Obligation]] = {}
    for obligation in wanted:
        if obligation.occurrence is not None:
            tests.setdefault(obligation.occurrence, []).append(obligation)
    missing = [obligation for obligation in wanted if obligation.what == "missing"]
    return {
        "id": placed.id,
        "kind": placed.rule.kind,
        "path": position(measured.golden.rules, placed.path)["path"],
        "tests": [_test(occurrence, of_test, measured) for occurrence, of_test in tests.items()],
        "missing": [_shown(fact, measured) | {"name": fact.name} for fact in missing],
    }


def _test(occurrence: Occurrence, wanted: Sequence[Obligation], measured: Measured) -> Plain:
    met, not_met, *boundaries = wanted
    test, vocabulary = occurrence.test, measured.golden.vocabulary
    kind = vocabulary.variables[test.name].kind
    return {
        **position(measured.golden.rules, occurrence.path),
        "test": test.for_engine(),
        "text": test_in_words(test, vocabulary),
        "state": min(map(measured.state, (met, not_met)), key=_OF_PAIR.index),
        "pair": _pair(measured.shown_by[met], measured.shown_by[not_met]),
        "met": _shown(met, measured),
        "not_met": _shown(not_met, measured),
        "boundaries": [
            _shown(boundary, measured)
            | {"value": kind.plain(boundary.value), "side": "after" if boundary.above else "before"}
            for boundary in boundaries
        ],
    }


def _shown(obligation: Obligation, measured: Measured) -> Plain:
    undecided = measured.feasible.get(obligation, False) is None
    return {
        "state": measured.state(obligation),
        **({"gave_up": True} if undecided else {}),
        "cases": [case.id for case in measured.shown_by[obligation]],
    }


def _pair(met: Sequence[GoldenCase], not_met: Sequence[GoldenCase]) -> list[str] | None:
    """The two cases of the pair that differ in the fewest facts."""
    facts = {case: facts_of(case.request) for case in (*met, *not_met)}

    def differences(pair: tuple[GoldenCase, GoldenCase]) -> int:
        first, second = (facts[case] for case in pair)
        return sum(value != second[name] for name, value in first.items())

    pair = min(product(met, not_met), key=differences, default=None)
    return None if pair is None else [case.id for case in pair]


def _by_state(described: Sequence[Plain]) -> dict[str, int]:
    counts: dict[str, int] = {state: sum(entry["state"] == state for entry in described) for state in STATES}
    share = percent(counts["covered"], counts["covered"] + counts["not_covered"])
    return {"total": len(described), **counts, "percent": share}
