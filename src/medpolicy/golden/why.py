"""Why an answer is not as expected, as lines for people: the rules and facts that it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from medpolicy.evaluate.compiled import CodedStatuses
from medpolicy.evaluate.status import Status
from medpolicy.golden.folder import RevisionCases
from medpolicy.language.determination import Determination
from medpolicy.language.revision import days_in_effect
from medpolicy.language.walk import variables_in
from medpolicy.show.wording import condition_in_words, value_in_words
from medpolicy.text.findings import listed, nearest, quoted

SAID = {Status.MET: "met", Status.NOT_MET: "not met", Status.UNKNOWN: "open"}


def reasons(
    revision: RevisionCases, determination: Determination, differing: Mapping[str, Set[str] | None]
) -> Iterator[str]:
    """A line for each rule or fact that explains why an answer is not as expected.

    `differing` maps each part of the answer that differs, a list to the ids that are only expected or only in the answer.
    """
    if determination.revision is None:
        days = days_in_effect(revision.revision.effective_from, revision.revision.effective_to)
        starts = determination.facts[revision.vocabulary.service_day]
        yield f"service starts on {starts}, and the revision is in effect {days}"
        return
    statuses = CodedStatuses(revision.compiled, revision.compiled.codes(determination.facts))
    yield from _Reasons(revision, determination, statuses).of(differing)


@dataclass(frozen=True)
class _Reasons:
    revision: RevisionCases
    determination: Determination
    statuses: CodedStatuses

    def of(self, differing: Mapping[str, Set[str] | None]) -> Iterator[str]:
        conditions = self.revision.decider.conditions
        ids = {id for part in ("not_met", "review_flags") for id in differing.get(part) or ()}
        names = sorted(differing.get("missing") or ())
        if not differing.keys() <= {"missing", "review_flags", "authorization"}:
            ids |= self._deciding()
        yield from (self._rule(id) for id in conditions if id in ids)
        yield from (_no_such("rule", id, conditions) for id in sorted(ids - set(conditions)))
        yield from (self._fact(name) for name in names)
        if self.determination.decision == "approved":
            yield f"every criterion of {quoted(self.determination.pathway)} is met, and no gate or hold acts"

    def _deciding(self) -> set[str]:
        """The rules that the decision rests on: what is not met, open or acting, or the pathways where none applies."""
        answer = self.determination
        deciding = set(answer.not_met) | {flag.id for flag in answer.review_flags if flag.kind != "note"}
        if answer.coverage == "unknown":
            missing = set(answer.missing)
            deciding |= {id for id in self.revision.decider.conditions if self.statuses.missing(id) & missing}
        if not answer.criteria:
            deciding |= {pathway.id for pathway in self.revision.revision.pathways}
        return deciding

    def _rule(self, id: str) -> str:
        """A rule's status, what it asks for and what was observed."""
        condition = self.revision.decider.conditions[id]
        observed = "; ".join(self._observed(name) for name in variables_in(condition))
        asked = condition_in_words(condition, self.revision.vocabulary)
        return f"{quoted(id)} is {SAID[self.statuses.status(id)]}: it asks for {asked} (observed: {observed})"

    def _observed(self, name: str) -> str:
        variable = self.revision.vocabulary.variables[name]
        return f"{variable.fact.label}: {value_in_words(variable, self.determination.facts[name])}"

    def _fact(self, name: str) -> str:
        """Whether the answer waits for a fact, and why."""
        variables = self.revision.vocabulary.variables
        if name not in variables:
            return _no_such("fact", name, variables)
        if name in self.determination.missing:
            opened = [id for id in self.revision.decider.conditions if name in self.statuses.missing(id)]
            return f"{quoted(name)} is missing, which leaves {listed(opened, last='and')} open"
        if self.determination.facts[name] is None:
            return f"{quoted(name)} is missing, and the answer does not wait for it"
        return f"{quoted(name)} is not missing ({self._observed(name)})"


def _no_such(what: str, name: str, known: Mapping[str, Any]) -> str:
    meant = nearest(name, known)
    return f"there is no {what} {quoted(name)}" + (f"; did you mean {quoted(meant)}?" if meant else "")
