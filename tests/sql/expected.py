"""What the tables say of the same rows, in the columns of the SELECT."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from medpolicy import InvalidRequest, Policy
from sql.engines import Row


def columns(policy: Policy, revision: str | None) -> list[str]:
    """The columns of the answer."""
    used = [known for known in policy.revisions if revision in (None, known.revision)]
    ids = dict.fromkeys(
        criterion.id for used_one in used for pathway in used_one.pathways for criterion in pathway.criteria
    )
    return ["request_id", "decision", "coverage", "pathway", *ids, "fault"]


def expected(policy: Policy, rows: Sequence[Row], revision: str | None = None) -> list[dict[str, Any]]:
    """One by one, by `policy.decide`, in the order of the ids; a fault by its messages."""
    often = Counter(row.get("request_id") for row in rows)
    names = columns(policy, revision)
    found = []
    for row in rows:
        id = row.get("request_id")
        answer: dict[str, Any] = {**dict.fromkeys(names), "request_id": id}
        messages = list(dict.fromkeys([*_faults(policy, row), *_out_of_order(policy, row)]))
        if id and often[id] > 1:
            messages.append("`request_id` must be unique; another record has the same")
        if messages:
            answer["fault"] = "; ".join(messages)
        else:
            known = policy.decide(row, revision=revision)
            answer |= {"decision": known.decision, "coverage": known.coverage, "pathway": known.pathway}
            answer |= {criterion.id: criterion.status for criterion in known.criteria}
        found.append(answer)
    return sorted(found, key=by_id)


def by_id(row: Row) -> tuple[bool, str]:
    """The key to sort by."""
    return row["request_id"] is not None, row["request_id"] or ""


def _out_of_order(policy: Policy, row: Row) -> Iterator[str]:
    """The SELECT compares days also where one is outside its domain; a single request is told of the domain alone."""
    for before, after in policy.vocabulary.request.earlier:
        first, second = (row.get(name) for name in (before, after))
        if first is not None and second is not None and str(first) > str(second):
            yield f"`{before}` must not be after `{after}`"


def _faults(policy: Policy, row: Row) -> Iterator[str]:
    try:
        policy.request(row)
    except InvalidRequest as error:
        yield from (finding.message for finding in error.findings)
