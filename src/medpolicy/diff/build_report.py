"""Two revisions become a report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from medpolicy.diff.compare import Change, Comparison, Undecided, compare
from medpolicy.diff.corpus import Corpus, Share, count_changes
from medpolicy.diff.non_decision_changes import days_of_only_one, golden_case_changes, non_decision_changes
from medpolicy.diff.parts import changed_variables
from medpolicy.diff.region_wording import region_in_words
from medpolicy.diff.report import Cell, PossibleChange, Report
from medpolicy.diff.side_by_side import changed_rules
from medpolicy.diff.sources import NamedRevision
from medpolicy.language.determination import Decision, Determination
from medpolicy.show.wording import value_in_words
from medpolicy.solve import DECISIONS, LIMIT
from medpolicy.text.findings import Finding, Unusable, quoted
from medpolicy.text.visible import on_one_line

_OTHERS = " and perhaps others (undecided: the time limit was reached)"


def build_report(old: NamedRevision, new: NamedRevision, corpus: Path | None = None, limit: float = LIMIT) -> Report:
    """Compare two revisions, each question in at most `limit` seconds.

    Raises `Unusable` if they are not of one policy, or if the corpus cannot be used.
    """
    if old.revision.policy != new.revision.policy:
        message = f"{quoted(old.name)} is of {quoted(old.revision.policy)}, and {quoted(new.name)} of {quoted(new.revision.policy)}"
        raise Unusable([Finding("two-policies", message, help="compare two revisions of one policy")])
    comparison = compare(new.vocabulary, old.revision, new.revision, limit)
    other_changes = [*non_decision_changes(old.revision, new.revision, comparison.alike, comparison.idle)]
    if old.cases is not None and new.cases is not None:
        other_changes += golden_case_changes(old.cases, new.cases)
    counted = None if corpus is None else count_changes(corpus, comparison)
    return Report(
        title=new.revision.title,
        old=old.title,
        new=new.title,
        days=tuple(days_of_only_one(old.revision, new.revision)),
        matrix=tuple(tuple(_cell(comparison, counted, before, after) for after in DECISIONS) for before in DECISIONS),
        limit=limit,
        changed_rules=tuple(changed_rules(comparison)),
        other_changes=tuple(other_changes),
        corpus=counted,
    )


def _cell(comparison: Comparison, corpus: Corpus | None, before: Decision, after: Decision) -> Cell:
    changes: tuple[Change | Undecided, ...] = (*comparison.transitions, *comparison.reasons, *comparison.open)
    change = next((change for change in changes if (change.before, change.after) == (before, after)), None)
    if change is None:
        return Cell(before, after)
    share = None if corpus is None or before == after else corpus.transitions.get((before, after), Share())
    counts = () if corpus is None or share is None else tuple(_counts(corpus, share))
    if not isinstance(change, Change):
        return Cell(before, after, share, counts, "open")
    witness, vocabulary = change.witness, comparison.space.vocabulary
    asked = {name for part in comparison.parts if part.id in change.criteria for name in changed_variables(part)}
    variables = [vocabulary.variables[name] for name in witness.request if name in vocabulary.testable]
    return PossibleChange(
        before,
        after,
        share,
        counts,
        criteria=change.criteria,
        others="" if change.all_criteria else _OTHERS,
        region=region_in_words(change.region, comparison.space, asked),
        witness=witness.request,
        caption=f"The smallest request that shows it{'' if witness.smallest else ' (there may be a smaller one)'}",
        facts=tuple((item.fact.label, value_in_words(item, witness.request[item.name])) for item in variables),
        answers=tuple(map(_answer, witness.determinations)),
    )


def _counts(corpus: Corpus, share: Share) -> Iterator[str]:
    yield f"In {corpus.name}: {share.count} of {corpus.summary.decided} records ({corpus.part(share.count):.2%})"
    for id, count in share.by_criterion.items():
        yield f"{id}: {count} ({corpus.part(count):.2%})"
    if share.examples:
        others = share.count - len(share.examples)
        yield f"Records: {', '.join(map(on_one_line, share.examples))}" + (f" and {others} more" if others else "")


def _answer(determination: Determination) -> str:
    reasons = "; ".join(_reasons(determination))
    return f"{determination.decision}: {reasons}" if reasons else determination.decision


def _reasons(determination: Determination) -> Iterator[str]:
    terms = determination.verdict.terms
    if terms is not None:
        months = [] if terms.months is None else [f"{terms.months} months"]
        cap = (
            []
            if terms.quantity is None or terms.cap is None
            else [f"at most {terms.cap} {terms.quantity.units} in all"]
        )
        yield ", ".join(months + cap)
    if determination.denial_reasons:
        yield ", ".join(reason.id for reason in determination.denial_reasons)
    elif determination.not_met:
        yield f"not met {', '.join(determination.not_met)}"
    if determination.missing:
        yield f"missing {', '.join(determination.missing)}"
    for flag in determination.review_flags:
        yield f"{flag.kind} {flag.id}"
