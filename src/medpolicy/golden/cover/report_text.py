"""Coverage as a text for people: the policy in words, each test marked, and the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from medpolicy.golden.cover.essential import essential_line
from medpolicy.golden.cover.report import Plain
from medpolicy.language.condition import Condition, Test
from medpolicy.language.revision import Revision
from medpolicy.language.walk import indented
from medpolicy.text.layout import Page
from medpolicy.text.visible import on_one_line

MARKS: Mapping[str, str] = {"covered": "\u2713", "infeasible": "\u2205", "not_covered": "\u2717"}
ASCII_MARKS: Mapping[str, str] = {"covered": "+", "infeasible": "-", "not_covered": "x"}

FIGURES = {
    "tests": "tests deciding alone (MC/DC)",
    "missing": "missing facts",
    "boundaries": "values next to a boundary",
}
"""What each figure counts."""


def report_text(report: Plain, revision: Revision, width: int, marks: Mapping[str, str] = MARKS) -> str:
    """The policy in words with a mark for each test, missing fact and boundary, then the figures."""
    page = _MarkedPage(width, marks)
    page.add(f"{revision.title}, revision {report['revision']}")
    page.add(on_one_line(f"{report['cases_file']}: {report['cases']} cases"))
    page.add(f"{marks['covered']} covered, {marks['infeasible']} infeasible, {marks['not_covered']} not covered")
    conditions = dict(revision.conditions())
    for rule in report["rules"]:
        page.section(f"{rule['id']} ({rule['kind']})")
        page.add_condition(conditions[rule["id"]], iter(rule["tests"]))
        for fact in rule["missing"]:
            page.add_marked(fact, f"{fact['name']} missing: {_cases(fact)}", 2)
    if report["dates"]:
        page.section("first and last days in effect")
        for date in report["dates"]:
            page.add_marked(date, f"service starts on {date['day']}: {_cases(date)}", 2)
    page.add()
    for line in _figure_lines(report):
        page.add(line)
    return page.text()


class _MarkedPage(Page):
    def __init__(self, width: int, marks: Mapping[str, str]) -> None:
        super().__init__(width)
        self._marks = marks

    def add_marked(self, entry: Plain, text: str, indent: int) -> None:
        """A text after the mark of an entry's state."""
        self.add(text, f"{self._marks[entry['state']]} ", indent)

    def add_condition(self, condition: Condition, tests: Iterator[Plain]) -> None:
        """A condition in words; a group of a single part is left out."""
        for depth, part in indented(condition):
            if isinstance(part, Test):
                self._add_test(next(tests), 2 + 2 * depth)
            else:
                self.add(f"{part.key} of:", indent=2 + 2 * depth)

    def _add_test(self, test: Plain, indent: int) -> None:
        self.add_marked(test, test["text"], indent)
        met, not_met = test["pair"] or (_cases(test["met"]), _cases(test["not_met"]))
        line = "" if test["state"] == "covered" or test["line"] is None else f" (line {test['line']})"
        self.add(f"met: {met}; not met: {not_met}{line}", indent=indent + 4)
        for boundary in test["boundaries"]:
            self.add_marked(boundary, f"at {boundary['value']}: {_cases(boundary)}", indent + 4)


def _figure_lines(report: Plain) -> Iterator[str]:
    for name, counts in report["figures"].items():
        yield (
            f"{counts['percent']:3} %  {FIGURES[name]}: {counts['covered']} covered, "
            f"{counts['infeasible']} infeasible, {counts['not_covered']} not covered"
        )
    yield essential_line(report)


def _cases(entry: Plain) -> str:
    """The first case that shows an entry, or why there is none."""
    if entry["cases"]:
        return str(entry["cases"][0])
    if entry.get("gave_up"):
        return "no case, and whether there can be one is undecided"
    return "no request can show it" if entry["state"] == "infeasible" else "no case"
