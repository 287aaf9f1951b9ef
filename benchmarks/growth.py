"""How cost grows: with rows, with criteria, and in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import medpolicy
from benchmarks.data import Kind, records, requests_table
from benchmarks.files import batch, batch_command, spent, write_parquet
from benchmarks.policies import POLICY, write_rules
from benchmarks.report import Target, micro, section, table, times
from benchmarks.timing import Contender, race

CRITERIA = (10, 100, 1_000)
REQUESTS = 2_000
Record = dict[str, Any]
GIB = 2**30
MOST_MEMORY, MANY = 2 * GIB, 50_000_000


def rows(rounds: int, counts: Sequence[int], kind: Kind, folder: Path) -> list[Target]:
    """Parquet to Parquet over more and more rows."""
    section("Cost by rows", f"`medpolicy batch`, Parquet to Parquet, {kind} requests, median of {rounds} rounds.")
    policy = medpolicy.load_policy(POLICY)
    found = []
    for count in counts:
        source = write_parquet(folder / f"{count}.parquet", count, kind)
        name = f"{count:,}"
        measured = race([Contender(name, partial(batch, policy, source, folder / "answers.parquet"))], rounds)[name]
        found.append(
            (name, f"{measured.wall:.3f}", f"{measured.wall / count * 1e9:,.0f}", f"{measured.cpu / count * 1e9:,.0f}")
        )
        source.unlink()
    table(("rows", "seconds", "ns a row", "ns a row, processor time"), found)
    return []


def criteria(rounds: int, count: int, kind: Kind, folder: Path) -> list[Target]:
    """Larger and larger policies, on the same requests."""
    source, output = write_parquet(folder / "requests.parquet", count, kind), folder / "answers.parquet"
    pool = records(requests_table(REQUESTS * (rounds + 2), kind))
    contenders: list[Contender] = []
    for number in CRITERIA:
        rules = write_rules(folder, number)
        policy = medpolicy.load_policy(POLICY, rules)
        fresh = iter([pool[first : first + REQUESTS] for first in range(0, len(pool), REQUESTS)])
        _decide_next(policy, fresh)
        contenders += [
            Contender(f"load {number}", partial(_ready, rules)),
            Contender(f"one {number}", partial(_decide_next, policy, fresh)),
            Contender(f"rows {number}", partial(batch, policy, source, output)),
        ]
    measured = race(contenders, rounds)
    section(
        "Cost by criteria",
        f"Made-up policies over the same variables with varied constants; processor time, median of {rounds} rounds. "
        f"Loading is from the rule file to the first decision; one request is one never seen before; a row is one of "
        f"{count:,} in a Parquet file.",
    )
    cost = {name: each.cpu for name, each in measured.items()}
    table(
        ("criteria", "loading, s", "one new request, µs", "a row, ns"),
        [
            (
                f"{number:,}",
                f"{cost[f'load {number}']:.2f}",
                micro(cost[f"one {number}"] / REQUESTS),
                f"{cost[f'rows {number}'] / count * 1e9:,.0f}",
            )
            for number in CRITERIA
        ],
    )
    few, most = CRITERIA[0], CRITERIA[-1]
    ratio, loading = cost[f"rows {most}"] / cost[f"rows {few}"], cost[f"load {most}"]
    return [
        Target(f"{most:,} criteria against {few}, per row", "at most 20 times", times(ratio), ratio <= 20),
        Target(f"loading {most:,} criteria", "under 2 s", f"{loading:.2f} s", loading < 2),
    ]


def memory(counts: Sequence[int], kind: Kind, folder: Path) -> list[Target]:
    """The most memory that `medpolicy batch` holds, as a process, over more and more rows."""
    section("Memory", f"`medpolicy batch` as a process, Parquet to Parquet, {kind} requests; peak resident memory.")
    found, targets = [], []
    for count in counts:
        source = write_parquet(folder / f"{count}.parquet", count, kind)
        child = spent(batch_command(source, folder / "answers.parquet"))
        source.unlink()
        found.append((f"{count:,}", f"{child.elapsed:.1f}", f"{child.peak_bytes / GIB:.2f}"))
        if count >= MANY:
            peak = f"{child.peak_bytes / GIB:.2f} GiB"
            targets.append(
                Target(f"peak memory on {count:,} rows", "under 2 GiB", peak, child.peak_bytes < MOST_MEMORY)
            )
    table(("rows", "seconds", "peak, GiB"), found)
    return targets


def _decide_next(policy: medpolicy.Policy, batches: Iterator[list[Record]]) -> None:
    for each in next(batches):
        policy.decide(each).decision  # noqa: B018  # reading is the work


def _ready(rules: Path) -> None:
    policy = medpolicy.load_policy(POLICY, rules)
    policy.decide({"request_id": "PA-1", "request_type": "initial", "service_start_date": "2027-01-01"})
