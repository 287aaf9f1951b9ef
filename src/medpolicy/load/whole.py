"""Faults of the policy as a whole: repeated ids, holds, dates, passages and variables that nothing uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from medpolicy.load.names import citing_parts
from medpolicy.request import PriorAuthorizationRequest
from medpolicy.revision import Revision, variables_in
from medpolicy.source import Finding, quoted
from medpolicy.vocabulary import Vocabulary


def repeated_ids(document: Any) -> Iterator[Finding]:
    """Each id that another pathway, criterion, flag or fallback of the file already has."""
    seen: set[str] = set()
    for path, part in citing_parts(document if isinstance(document, dict) else {}):
        id = part.get("id")
        if not isinstance(id, str):
            continue
        if id in seen:
            advice = "each pathway, criterion and flag has an id of its own"
            yield Finding("repeated-id", f"the id {quoted(id)} is given twice", (*path, "id"), advice)
        seen.add(id)


def whole_faults(revision: Revision) -> Iterator[Finding]:
    """Faults that show only when the parts are seen together."""
    for place, flag in enumerate(revision.review_flags):
        if flag.kind == "hold" and flag.holds is None:
            message = f"the hold {quoted(flag.id)} does not say what it holds"
            yield Finding("hold-without-kind", message, ("review_flags", place), "add `holds`: `approved` or `denied`")
        if flag.kind != "hold" and flag.holds is not None:
            message = f"{quoted(flag.id)} is a {flag.kind}; only a hold has `holds`"
            yield Finding("holds-without-hold", message, ("review_flags", place, "holds"))
    if revision.effective_to is not None and revision.effective_to < revision.effective_from:
        yield Finding("date-order", "`effective_to` must not be before `effective_from`", ("effective_to",))
    repeats = [cite for cite, times in Counter(revision.informative).items() if times > 1]
    for cite in repeats:
        place = len(revision.informative) - 1 - revision.informative[::-1].index(cite)
        yield Finding("repeated-id", f"the passage {quoted(cite)} is listed twice", ("informative", place))


def whole_warnings(revision: Revision, words: Vocabulary) -> Iterator[Finding]:
    """What a file may have and still be used, but which is most likely an oversight."""
    cited = {cite for part in _cited_lists(revision) for cite in part} | set(revision.informative)
    for id in revision.passages:
        if id not in cited:
            message = f"no rule cites the passage {quoted(id)}, and it is not listed as informative"
            advice = "cite it where it is embodied, or add it to `informative`"
            yield Finding("uncited-passage", message, ("passages", id), advice, "warning")
    read = {name for _, condition in revision.conditions() for name in variables_in(condition)}
    read |= {part for name in read for part in words.variables[name].parts}
    for name, variable in words.testable.items():
        if variable.derived is None and name not in read and name not in PriorAuthorizationRequest.model_fields:
            message = f"no rule reads the variable {quoted(name)}"
            yield Finding("unread-variable", message, ("pathways",), None, "warning")


def _cited_lists(revision: Revision) -> Iterator[tuple[str, ...]]:
    for pathway in revision.pathways:
        yield pathway.cites
        for criterion in pathway.criteria:
            yield criterion.cites
    for flag in revision.review_flags:
        yield flag.cites
    yield revision.unlisted.cites
    yield revision.not_in_effect.cites
