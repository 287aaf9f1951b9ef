"""A determination as a text for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from medpolicy.language.condition import Condition
from medpolicy.language.determination import Authorization, AuthorizedQuantity, CriterionResult, Determination
from medpolicy.language.request import Variable
from medpolicy.language.revision import Pathway, Revision
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.language.walk import variables_in
from medpolicy.show.wording import condition_lines, value_in_words
from medpolicy.text.layout import Page

MARKS: Mapping[str, str] = {"met": "\u2713", "not_met": "\u2717", "unknown": "?"}
ASCII_MARKS: Mapping[str, str] = {"met": "+", "not_met": "x", "unknown": "?"}

RECOMMENDATION = "This denial is a recommendation. It is not final until a clinician has signed it."
EFFECTS = {"gate": "gate, pends the decision", "hold": "hold, pends the decision", "note": "note, changes nothing"}


def readable(
    determination: Determination,
    vocabulary: Vocabulary,
    revision: Revision | None,
    width: int = 80,
    marks: Mapping[str, str] = MARKS,
) -> str:
    """The answer, its reasons, what is missing, the review flags, and every criterion, wrapped to `width` columns.

    `revision` is the one that decided, or None where none was in effect.
    """
    page = Page(width)
    page.add(f"{determination.decision.upper()}: request {_printable(determination.request_id)}")
    if revision is None:
        page.add(f"Policy: {determination.policy}, no revision in effect")
    else:
        page.add(f"Policy: {revision.title}, revision {revision.revision}")
    pathway = next((pathway for pathway in _pathways(revision) if pathway.id == determination.pathway), None)
    if pathway is not None:
        page.add(f"Pathway: {pathway.title}")
    page.add()
    page.add(_summary(determination))
    if determination.not_met and determination.decision == "pended":
        page.add(", ".join(determination.not_met), "Not met: ")
    if determination.authorization is not None:
        page.section("Authorization")
        page.add(_terms(determination.authorization, vocabulary.quantity), indent=2)
    _add_reasons(page, determination)
    _add_missing(page, determination, vocabulary)
    _add_flags(page, determination)
    if determination.decision != "approved" and not determination.criteria:
        _add_unapplied(page, determination, vocabulary, revision)
    _add_criteria(page, determination, vocabulary, revision, marks)
    return page.text()


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _pathways(revision: Revision | None) -> tuple[Pathway, ...]:
    return () if revision is None else revision.pathways


def _summary(determination: Determination) -> str:
    if determination.decision == "approved":
        return "Every criterion of the pathway is met."
    if determination.decision == "denied":
        return RECOMMENDATION
    held = any(flag.kind != "note" for flag in determination.review_flags)
    if determination.coverage == "met":
        return "Every criterion of the pathway is met, but a person has to look first: see the review flags."
    if determination.coverage == "not_met":
        return "The policy's criteria are not met, but a person has to look before any denial: see the review flags."
    if held and not determination.missing:
        return "A person has to look: see the review flags."
    also = ", and a person has to look: see the review flags" if held else ""
    return f"The answer is open: facts are missing{also}."


def _terms(granted: Authorization, quantity: AuthorizedQuantity | None) -> str:
    text = f"From {granted.start}"
    if granted.months is not None:
        text += f" to {granted.end} ({granted.months} months)"
    if quantity is None:
        return f"{text}."
    number = getattr(granted, quantity.name)
    text += "" if number is None else f", for {quantity.counted(number)}"
    text += "" if quantity.cap is None else f"; at most {getattr(granted, quantity.cap)} {quantity.units} in all"
    ends = f"at the {quantity.unit} count"
    return f"{text}. It ends {ends if granted.end is None else f'at the date or {ends}, whichever comes first'}."


def _add_reasons(page: Page, determination: Determination) -> None:
    if determination.denial_reasons:
        page.section("Reasons for the denial")
    for number, reason in enumerate(determination.denial_reasons, start=1):
        page.add(reason.text, f"{number}. ", 2)
        page.add(reason.citation, "Where: ", 5)
        page.add(reason.id, "Rule:  ", 5)


def _add_missing(page: Page, determination: Determination, vocabulary: Vocabulary) -> None:
    if determination.missing:
        page.section("What is missing")
    for name in determination.missing:
        fact = vocabulary.variables[name].fact
        page.add(f"{fact.label} ({name})", "? ", 2)
        page.add(fact.ask, "Ask: ", 4)
        page.add(fact.found_in, "Usually found in: ", 4)


def _add_flags(page: Page, determination: Determination) -> None:
    if determination.review_flags:
        page.section("Review flags")
    for flag in determination.review_flags:
        page.add(f"{flag.text} ({EFFECTS[flag.kind]})", "! ", 2)
        page.add(flag.citation, "Where: ", 4)
        page.add(flag.id, "Rule:  ", 4)


def _add_unapplied(page: Page, determination: Determination, vocabulary: Vocabulary, revision: Revision | None) -> None:
    """Where no pathway applies: whom each applies to, and what was observed."""
    if _pathways(revision):
        page.section("No pathway of the policy applies")
    for pathway in _pathways(revision):
        page.add(f"{pathway.title}, which applies to:", indent=2)
        for depth, line in condition_lines(pathway.applies, vocabulary):
            page.add(line, "- ", 4 + 2 * depth)
        page.add("\n".join(_observed(determination, variables_in(pathway.applies), vocabulary)), "Observed: ", 4)


def _add_criteria(
    page: Page,
    determination: Determination,
    vocabulary: Vocabulary,
    revision: Revision | None,
    marks: Mapping[str, str],
) -> None:
    conditions = {} if revision is None else dict(revision.conditions())
    for heading, criteria in _by_pathway(determination, revision):
        page.section(heading)
        for criterion in criteria:
            page.add(criterion.text, f"{marks[criterion.status]} ", 2)
            if criterion.status != "met":
                _add_condition(page, conditions[criterion.id], vocabulary)
            page.add("\n".join(_observed(determination, criterion.observed, vocabulary)), "Observed: ", 4)
            page.add(criterion.citation, "Where:    ", 4)
            page.add(criterion.id, "Rule:     ", 4)


def _add_condition(page: Page, condition: Condition, vocabulary: Vocabulary) -> None:
    heading = "Asks for: "
    for depth, text in condition_lines(condition, vocabulary):
        page.add(text, heading + "  " * depth, 4)
        heading = " " * len(heading)


def _by_pathway(determination: Determination, revision: Revision | None) -> Iterator[tuple[str, list[CriterionResult]]]:
    results = {criterion.id: criterion for criterion in determination.criteria}
    for pathway in _pathways(revision):
        criteria = [results[criterion.id] for criterion in pathway.criteria if criterion.id in results]
        if criteria:
            heading = "Criteria" if pathway.id == determination.pathway else "Criteria, if this applies"
            yield f"{heading}: {pathway.title}", criteria


def _observed(determination: Determination, names: Iterable[str], vocabulary: Vocabulary) -> Iterator[str]:
    """Each fact with its label; a derived one is followed by the facts that it is worked out from."""
    facts = determination.facts

    def fact(variable: Variable) -> str:
        return f"{variable.fact.label}: {value_in_words(variable, facts[variable.name])}"

    for name in names:
        variable = vocabulary.variables[name]
        parts = [fact(vocabulary.variables[part]) for part in variable.parts if part != name and part in facts]
        yield f"{fact(variable)} ({'; '.join(parts)})" if parts else fact(variable)
