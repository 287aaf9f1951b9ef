"""The SELECT and the tables, held against each other."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from medpolicy import Policy
from sql.engines import Engine, Row, decided
from sql.expected import by_id, columns, expected
from sql.rows import class_rows, faulty_rows, random_rows

Answer = dict[str, Any]


def all_rows(policy: Policy, bases: Sequence[Row], random: int, seed: int = 1) -> list[Row]:
    """A row for each class of each variable beside each base, random rows, and every fault, in any order."""
    found: list[Row] = [*class_rows(policy, bases), *random_rows(policy, bases, random, seed)]
    found += faulty_rows(policy, bases[0])
    Random(seed).shuffle(found)
    return found


def differences(
    engine: Engine, policy: Policy, rows: Sequence[Row], revision: str | None = None
) -> tuple[list[tuple[Any, Any]], list[Answer]]:
    """Where they differ, and all answers of the SELECT. An answer's columns and their order count as well."""
    found = sorted(decided(engine, policy, rows, revision), key=by_id)
    wanted = expected(policy, rows, revision)
    differing: list[tuple[Any, Any]] = [(len(found), len(wanted))] if len(found) != len(wanted) else []
    names = columns(policy, revision)
    differing += [(list(answer), names) for answer in found[:1] if list(answer) != names]
    for answer, other in zip(found, wanted, strict=False):
        if answer != other:
            differing.append(
                (
                    {key: (answer.get(key), other[key]) for key in other if answer.get(key) != other[key]},
                    answer["request_id"],
                )
            )
    return differing, found
