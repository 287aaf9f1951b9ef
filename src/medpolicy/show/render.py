"""A determination as a text for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from medpolicy.language.determination import Authorization, AuthorizedQuantity, Determination
from medpolicy.language.revision import Pathway, Revision
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.language.walk import variables_in
from medpolicy.show.wording import condition_lines, value_in_words
from medpolicy.text.layout import Page

MARKS: Mapping[str, str] = {"met": "\u2713", "not_met": "\u2717", "unknown": "?"}
ASCII_MARKS: Mapping[str, str] = {"met": "+", "not_met": "x", "unknown": "?"}

RECOMMENDATION = "This denial is a recommendation. It is not final until a clinician has signed it."
Pathways = tuple[Pathway, ...]
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
    pathways = () if revision is None else revision.pathways
    page.add(f"{determination.decision.upper()}: request {_printable(determination.request_id)}")
    if revision is None:
        page.add(f"Policy: {determination.policy}, no revision in effect")
    else:
        page.add(f"Policy: {revision.title}, revision {revision.revision}")
    for pathway in pathways:
        if pathway.id == determination.pathway:
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
        _add_unapplied(page, determination, vocabulary, pathways)
    _add_criteria(page, determination, vocabulary, pathways, marks)
    return page.text()


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


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


def _add_unapplied(page: Page, determination: Determination, vocabulary: Vocabulary, pathways: Pathways) -> None:
    """Where no pathway applies: whom each applies to, and what was observed."""
    if pathways:
        page.section("No pathway of the policy applies")
    for pathway in pathways:
        page.add(f"{pathway.title}, which applies to:", indent=2)
        for depth, line in condition_lines(pathway.applies, vocabulary):
            page.add(line, "- ", 4 + 2 * depth)
        page.add(_observed(determination, variables_in(pathway.applies), vocabulary), "Observed: ", 4)


def _add_criteria(
    page: Page, determination: Determination, vocabulary: Vocabulary, pathways: Pathways, marks: Mapping[str, str]
) -> None:
    results = {result.id: result for result in determination.criteria}
    for pathway in pathways:
        criteria = [criterion for criterion in pathway.criteria if criterion.id in results]
        if criteria:
            this_one = pathway.id == determination.pathway
            page.section(f"Criteria{'' if this_one else ', if this applies'}: {pathway.title}")
        for criterion in criteria:
            result = results[criterion.id]
            page.add(result.text, f"{marks[result.status]} ", 2)
            heading = "Asks for: "
            for depth, text in condition_lines(criterion.conditions, vocabulary) if result.status != "met" else ():
                page.add(text, heading + "  " * depth, 4)
                heading = " " * len(heading)
            page.add(_observed(determination, result.observed, vocabulary), "Observed: ", 4)
            page.add(result.citation, "Where:    ", 4)
            page.add(result.id, "Rule:     ", 4)


def _observed(determination: Determination, names: Iterable[str], vocabulary: Vocabulary) -> str:
    """A line for each fact with its label; a derived one is followed by the facts that it is worked out from."""
    variables, facts = vocabulary.variables, determination.facts

    def words(name: str) -> str:
        return f"{variables[name].fact.label}: {value_in_words(variables[name], facts[name])}"

    lines = []
    for name in names:
        parts = [words(part) for part in variables[name].parts if part != name and part in facts]
        lines.append(f"{words(name)} ({'; '.join(parts)})" if parts else words(name))
    return "\n".join(lines)
