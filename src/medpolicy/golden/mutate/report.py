"""The verdicts on mutants as plain values, and as a text for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic_core import to_json

from medpolicy.golden.cover.essential import essential_line, essential_plain
from medpolicy.golden.cover.report import Plain, heading, percent, position
from medpolicy.golden.mutate.mutants import KINDS, shortened
from medpolicy.golden.mutate.verdicts import MutantVerdict, Mutated, Outcome
from medpolicy.text.layout import Page
from medpolicy.text.visible import on_one_line

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


def described(mutated: Mutated) -> Plain:
    """What became of every mutant, with figures; positions are those in the rule file."""
    by_kind = Counter((verdict.mutant.kind, verdict.outcome) for verdict in mutated.verdicts)
    kinds = {kind: {outcome: by_kind[kind, outcome] for outcome in OUTCOMES} for kind in KINDS}
    counts = {outcome: sum(kind[outcome] for kind in kinds.values()) for outcome in OUTCOMES}
    wanted = counts["killed"] + counts["surviving"] + counts["undecided"]
    return {
        **heading(mutated.golden),
        "figures": {"mutants": len(mutated.verdicts), **counts, "percent": percent(counts["killed"], wanted)},
        "kinds": kinds,
        "mutants": [_verdict(verdict, mutated) for verdict in mutated.verdicts],
        "essential": essential_plain(mutated.essential),
    }


def report_text(report: Plain, width: int) -> str:
    """The mutants that no case kills, and the figures."""
    page = Page(width)
    for mutant in report["mutants"]:
        if mutant["outcome"] in ("surviving", "undecided"):
            _add_survivor(page, mutant, report["rules_file"])
    equivalent = [mutant for mutant in report["mutants"] if mutant["outcome"] == "equivalent"]
    if equivalent:
        page.add("Proven to answer every request as the policy does:")
        for mutant in equivalent:
            page.add(f"{mutant['rule']}, line {mutant['line']}: {mutant['was']} -> {mutant['now']}", "= ", 2)
        page.add()
    for line in _figure_lines(report):
        page.add(line)
    return page.text()


def _verdict(verdict: MutantVerdict, mutated: Mutated) -> Plain:
    mutant = verdict.mutant
    described: Plain = {
        "kind": mutant.kind,
        "rule": mutant.rule,
        **position(mutated.golden.rules, mutant.path),
        "was": shortened(mutant.was),
        "now": shortened(mutant.now),
        "outcome": verdict.outcome,
    }
    if verdict.fault is not None:
        described["fault"] = {"code": verdict.fault.code, "message": verdict.fault.message}
    if verdict.killers:
        described["killed_by"] = [case.id for case in verdict.killers]
    if verdict.request is not None:
        described |= {"request": verdict.request, "answer": verdict.answer, "answer_of_mutant": verdict.under_mutant}
    return described


def _add_survivor(page: Page, mutant: Plain, rules_file: str) -> None:
    place = on_one_line(f"{rules_file}:{mutant['line']}")
    page.add(f"{place}: {mutant['outcome']} ({mutant['kind']}) in {mutant['rule']}")
    page.add(f"{mutant['was']} -> {mutant['now']}", indent=2)
    if "request" in mutant:
        page.add(to_json(mutant["request"]).decode(), "would be noticed by: ", 2)
        page.add(_first_difference(mutant["answer"], mutant["answer_of_mutant"]), indent=2)
    else:
        page.add("whether a request would notice it is undecided", indent=2)
    page.add()


def _first_difference(answer: Mapping[str, Any], of_mutant: Mapping[str, Any]) -> str:
    name = next(name for name in answer if answer[name] != of_mutant[name])
    before, after = answer[name], of_mutant[name]
    if not isinstance(before, list):
        return f"{name}: {to_json(before).decode()}, and with this slip {to_json(after).decode()}"
    gone = [id for id in before if id not in after]
    added = [id for id in after if id not in before]
    changes = [f"{how} {', '.join(ids)}" for how, ids in (("no longer", gone), ("also", added)) if ids]
    return f"{name}: with this slip {', '.join(changes)}"


def _figure_lines(report: Plain) -> Iterator[str]:
    figures = report["figures"]
    yield (
        f"{figures['percent']:3} %  of {figures['mutants']} slips: {figures['killed']} noticed by a case, "
        f"{figures['refused']} refused by the loader, {figures['equivalent']} proven to change nothing, "
        f"{figures['surviving']} unnoticed, {figures['undecided']} undecided"
    )
    for kind, counts in report["kinds"].items():
        parts = [f"{number} {outcome}" for outcome, number in counts.items() if number]
        yield f"  {kind}: {', '.join(parts) or 'none'}"
    yield essential_line(report)
