"""The verdicts on mutants as plain values, and as a text for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic_core import to_json

from medpolicy.golden.cover.places import json_path, line_of
from medpolicy.golden.cover.report import Described, essential, essential_line, heading
from medpolicy.golden.mutate.mutants import KINDS, said
from medpolicy.golden.mutate.mutation import Mutated, Outcome, Verdict
from medpolicy.text.layout import Page

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


def described(mutated: Mutated) -> Described:
    """What became of every mutant, with figures; places are those of the rule file."""
    counts = {outcome: mutated.count(outcome) for outcome in OUTCOMES}
    wanted = counts["killed"] + counts["surviving"] + counts["undecided"]
    return {
        **heading(mutated.of),
        "figures": {
            "mutants": len(mutated.verdicts),
            **counts,
            "percent": 100 if wanted == 0 else 100 * counts["killed"] // wanted,
        },
        "kinds": {kind: _by_outcome(mutated, kind) for kind in KINDS},
        "mutants": [_verdict(each, mutated) for each in mutated.verdicts],
        "essential": essential(mutated.essential),
    }


def told(found: Described, width: int) -> str:
    """The mutants that no case kills, and the figures."""
    page = Page(width)
    for each in found["mutants"]:
        if each["outcome"] in ("surviving", "undecided"):
            _add_survivor(page, each, found)
    same = [each for each in found["mutants"] if each["outcome"] == "equivalent"]
    if same:
        page.add("Proven to answer every request as the policy does:")
        for each in same:
            page.add(f"{each['rule']}, line {each['line']}: {each['was']} -> {each['now']}", "= ", 2)
        page.add()
    for line in _figures(found):
        page.add(line)
    return page.text()


def _by_outcome(mutated: Mutated, kind: str) -> dict[str, int]:
    outcomes = [each.outcome for each in mutated.verdicts if each.mutant.kind == kind]
    return {outcome: outcomes.count(outcome) for outcome in OUTCOMES}


def _verdict(verdict: Verdict, mutated: Mutated) -> Described:
    mutant = verdict.mutant
    told: Described = {
        "kind": mutant.kind,
        "rule": mutant.rule,
        "path": json_path(mutant.path),
        "line": line_of(mutated.of.rules, mutant.path),
        "was": said(mutant.was),
        "now": said(mutant.now),
        "outcome": verdict.outcome,
    }
    if verdict.fault is not None:
        told["fault"] = {"code": verdict.fault.code, "message": verdict.fault.message}
    if verdict.killers:
        told["killed_by"] = [case.id for case in verdict.killers]
    if verdict.request is not None:
        told |= {"request": verdict.request, "answer": verdict.answer, "answer_of_mutant": verdict.under_mutant}
    return told


def _add_survivor(page: Page, each: Described, found: Described) -> None:
    page.add(f"{found['rules_file']}:{each['line']}: {each['outcome']} ({each['kind']}) in {each['rule']}")
    page.add(f"{each['was']} -> {each['now']}", indent=2)
    if "request" in each:
        page.add(to_json(each["request"]).decode(), "would be noticed by: ", 2)
        page.add(_apart(each["answer"], each["answer_of_mutant"]), indent=2)
    else:
        page.add("whether a request would notice it was not proven in time", indent=2)
    page.add()


def _apart(answer: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """The first part of two answers that differs."""
    name = next(name for name in answer if answer[name] != other[name])
    one, two = answer[name], other[name]
    if not isinstance(one, list):
        return f"{name}: {to_json(one).decode()}, and with this slip {to_json(two).decode()}"
    gone, new = ([each for each in these if each not in those] for these, those in ((one, two), (two, one)))
    said = [f"{words} {', '.join(ids)}" for words, ids in (("no longer", gone), ("also", new)) if ids]
    return f"{name}: with this slip {', '.join(said)}"


def _figures(found: Described) -> Iterator[str]:
    figures = found["figures"]
    yield (
        f"{figures['percent']:3} %  of {figures['mutants']} slips: {figures['killed']} noticed by a case, "
        f"{figures['refused']} refused by the loader, {figures['equivalent']} proven to change nothing, "
        f"{figures['surviving']} unnoticed, {figures['undecided']} undecided"
    )
    for kind, counts in found["kinds"].items():
        parts = [f"{number} {outcome}" for outcome, number in counts.items() if number]
        yield f"  {kind}: {', '.join(parts) or 'none'}"
    yield essential_line(found)
