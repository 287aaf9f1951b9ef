"""What an answer rests on, as lines for people: the conditions that differ from what was expected, beside the facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

from medpolicy.compiled import CodedStatuses
from medpolicy.determination import Determination
from medpolicy.golden.folder import RevisionCases
from medpolicy.revision import Condition, variables_in
from medpolicy.source import nearest, quoted
from medpolicy.status import Status
from medpolicy.vocabulary import Vocabulary
from medpolicy.wording import condition_lines, value_in_words

SAID = {Status.MET: "met", Status.NOT_MET: "not met", Status.UNKNOWN: "open"}


def reasons(revision: RevisionCases, determination: Determination, differing: Mapping[str, Set[str]]) -> Iterator[str]:
    """A line for each criterion, flag, pathway or fact that tells why an answer is not as expected.

    `differing` holds, for each list of the answer that differs, the ids that are only expected or only got.
    """
    if determination.revision is None:
        until = revision.revision.effective_to
        ends = "" if until is None else f" to {until}"
        yield f"the revision is in effect from {revision.revision.effective_from}{ends}, and service starts on another day"
        return
    facts = determination.facts
    statuses = CodedStatuses(revision.compiled, revision.compiled.codes(facts))
    conditions = revision.decider.conditions
    wanted = differing.get("not_met", frozenset()) | differing.get("review_flags", frozenset())
    named = [id for id in conditions if id in wanted]
    named += [id for id in determination.not_met if id not in named and "not_met" not in differing]
    if not named and determination.coverage != "met":
        named = [pathway.id for pathway in revision.revision.pathways]
    for id in named:
        yield f"{quoted(id)} is {SAID[statuses.status(id)]}: {_asks(conditions[id], revision.words, facts)}"
    for id in sorted(wanted - set(conditions)):
        meant = nearest(id, conditions)
        yield f"the revision has no rule {quoted(id)}" + (f"; did you mean {quoted(meant)}?" if meant else "")
    for name in sorted(differing.get("missing", frozenset())):
        yield _missing(name, determination, revision.words)


def _asks(condition: Condition, words: Vocabulary, facts: Mapping[str, Any]) -> str:
    """What a condition asks for and what was observed, on one line."""
    asked = "; ".join(text for _, text in condition_lines(condition, words))
    return f"it asks for {asked} (observed: {'; '.join(_observed(variables_in(condition), words, facts))})"


def _observed(names: Iterable[str], words: Vocabulary, facts: Mapping[str, Any]) -> Iterator[str]:
    for name in names:
        variable = words.variables[name]
        yield f"{variable.fact.label}: {value_in_words(variable, facts[name])}"


def _missing(name: str, determination: Determination, words: Vocabulary) -> str:
    if name not in words.variables:
        meant = nearest(name, words.variables)
        return f"there is no fact {quoted(name)}" + (f"; did you mean {quoted(meant)}?" if meant else "")
    if name in determination.missing:
        return f"{quoted(name)} is missing, and a test of it is open"
    known = value_in_words(words.variables[name], determination.facts[name])
    return f"{quoted(name)} is {known}, and no open test waits for it"
