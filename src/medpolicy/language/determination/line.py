"""An answer as one line of JSON. The part that depends on the verdict alone is encoded once and reused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from pydantic_core import to_json

from medpolicy.language.determination.parts import Verdict

KEYS = (
    "request_id",
    "policy",
    "revision",
    "rules_digest",
    "engine_version",
    "decision",
    "coverage",
    "requires_clinician_review",
    "pathway",
    "authorization",
    "criteria",
    "not_met",
    "missing",
    "denial_reasons",
    "review_flags",
)
"""The keys of the JSON form, in its order."""


def without_facts(verdict: Verdict) -> dict[str, Any]:
    """The JSON form as plain values, in its order, with None for what depends on the facts."""
    values = {name: getattr(verdict, name, None) for name in KEYS}
    return values | {"requires_clinician_review": verdict.decision == "denied", "criteria": None}


def authorized(verdict: Verdict, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """What an approval grants, as plain values; None otherwise."""
    return None if verdict.terms is None else verdict.terms.authorization(facts).to_dict()


def line(verdict: Verdict, facts: Mapping[str, Any]) -> bytes:
    """The answer as one line of JSON, UTF-8, without a line break."""
    template = _TEMPLATES.get(id(verdict))
    if template is None or template.verdict is not verdict:
        if len(_TEMPLATES) >= _MOST_TEMPLATES:
            _TEMPLATES.clear()
        template = _TEMPLATES[id(verdict)] = _Template.of(verdict)
    observed = {name: to_json(plain(facts[name])) for name in template.distinct}
    given = (to_json(facts["request_id"]), to_json(authorized(verdict, facts)))
    return template.text % (*given, *map(observed.__getitem__, template.names))


class _Template(NamedTuple):
    """The JSON that all determinations with one verdict share.

    In the text, `%b` stands for the request id, for the authorization, and for the observed facts that `names` lists.
    """

    verdict: Verdict
    text: bytes
    names: tuple[str, ...]
    distinct: frozenset[str]

    @classmethod
    def of(cls, verdict: Verdict) -> _Template:
        """The template of a verdict."""
        mark = "\0a fact\0"  # no text of a rule file holds it
        criteria = [
            {name: getattr(criterion, name) for name in ("id", "status", "text", "citation")}
            | {"observed": dict.fromkeys(criterion.reads, mark)}
            for criterion in verdict.criteria
        ]
        values = without_facts(verdict) | {"request_id": mark, "authorization": mark, "criteria": criteria}
        text = to_json(values).replace(b"%", b"%%").replace(to_json(mark), b"%b")
        names = tuple(name for criterion in verdict.criteria for name in criterion.reads)
        return cls(verdict, text, names, frozenset(names))


_MOST_TEMPLATES = 1 << 12
_TEMPLATES: dict[int, _Template] = {}


def plain(value: Any) -> Any:
    """A fact as JSON holds it: a day as text, a set as a sorted list."""
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else value
