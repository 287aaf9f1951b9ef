"""Coverage as a text for people: the policy in words, each test marked, and the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from medpolicy.golden.cover.report import Described, essential_line
from medpolicy.language.revision import Any_, Condition, Revision, Test
from medpolicy.text.layout import Page

MARKS: Mapping[str, str] = {"covered": "\u2713", "infeasible": "\u2205", "not_covered": "\u2717"}
ASCII_MARKS: Mapping[str, str] = {"covered": "+", "infeasible": "-", "not_covered": "x"}

FIGURES = {
    "tests": "tests deciding alone (MC/DC)",
    "missing": "missing facts",
    "boundaries": "values next to a boundary",
}
"""Each figure with what it counts."""


def marked(told: Described, revision: Revision, width: int, marks: Mapping[str, str] = MARKS) -> str:
    """The policy in words with a mark for each test, missing fact and boundary, then the figures."""
    page = Page(width)
    page.add(f"{revision.title}, revision {told['revision']}")
    page.add(f"{told['cases_file']}: {told['cases']} cases")
    page.add(f"{marks['covered']} covered, {marks['infeasible']} infeasible, {marks['not_covered']} not covered")
    conditions = dict(revision.conditions())
    for rule in told["rules"]:
        page.section(f"{rule['id']} ({rule['kind']})")
        _add_condition(page, conditions[rule["id"]], iter(rule["tests"]), marks, 2)
        for each in rule["missing"]:
            page.add(f"{each['name']} missing: {_cases(each)}", f"{marks[each['state']]} ", 2)
    if told["dates"]:
        page.section("first and last days in effect")
        for each in told["dates"]:
            page.add(f"service starts on {each['day']}: {_cases(each)}", f"{marks[each['state']]} ", 2)
    page.add()
    for line in figure_lines(told):
        page.add(line)
    return page.text()


def figure_lines(told: Described) -> Iterator[str]:
    """The figures, a line each, and the essential cases."""
    for name, counts in told["figures"].items():
        yield (
            f"{counts['percent']:3} %  {FIGURES[name]}: {counts['covered']} covered, "
            f"{counts['infeasible']} infeasible, {counts['not_covered']} not covered"
        )
    yield essential_line(told)


def _add_condition(
    page: Page, condition: Condition, tests: Iterator[Described], marks: Mapping[str, str], indent: int
) -> None:
    if isinstance(condition, Test):
        _add_test(page, next(tests), marks, indent)
        return
    deeper = indent
    if len(condition.parts) > 1:
        page.add("any of:" if isinstance(condition, Any_) else "all of:", indent=indent)
        deeper += 2
    for part in condition.parts:
        _add_condition(page, part, tests, marks, deeper)


def _add_test(page: Page, test: Described, marks: Mapping[str, str], indent: int) -> None:
    page.add(test["text"], f"{marks[test['state']]} ", indent)
    met, not_met = test["pair"] or (None, None)
    sides = f"met: {_side(test['met'], met)}; not met: {_side(test['not_met'], not_met)}"
    where = "" if test["state"] == "covered" or test["line"] is None else f" (line {test['line']})"
    page.add(sides + where, indent=indent + 4)
    for each in test["boundaries"]:
        page.add(f"at {each['value']}: {_cases(each)}", f"{marks[each['state']]} ", indent + 4)


def _side(told: Described, paired: str | None) -> str:
    return paired or _cases(told)


def _cases(told: Described) -> str:
    cases: Sequence[str] = told["cases"]
    if cases:
        return cases[0]
    if told.get("gave_up"):
        return "no case, and whether there can be one was not proven in time"
    return "no request can show it" if told["state"] == "infeasible" else "no case"
