"""One request at a time: medpolicy against rule engines, a hand-written function, and the mere reading of the keys."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import medpolicy
from benchmarks import peer_cel, peer_datalogic, peer_python, peer_stock, peer_zen
from benchmarks.agreement import agree
from benchmarks.data import SCHEMA, Kind, records, requests_table
from benchmarks.lowered import Lowered
from benchmarks.policies import POLICY
from benchmarks.report import Target, micro, section, table, times
from benchmarks.timing import Contender, Measured, race

REQUESTS = 1_000
FEW = 100
"""Of a slow contender, so many requests a round."""

Record = dict[str, Any]

FRESH, FRESH_IN_PYTHON = "decide(mapping), fresh requests", "the same without the reader in C"
UNIFORM = "decide(mapping), fresh uniform requests"
SEEN = "decide(mapping), requests seen before"
BRIEF, BRIEF_IN_PYTHON = (
    "the same, its decision alone read",
    "the same without the reader in C, its decision alone read",
)
NEW = "decide(mapping), new policy object"
JSON, REFERENCE, BARE = "decide_json(bytes)", 'decide(mapping, engine="business-rules")', "business-rules, bare"
BEFORE = 100_000
"""Distinct requests decided before the rounds."""
ENGINES = ("datalogic-py", "zen-engine", "CEL")
HAND, KEYS = "hand-written function", "19 look-ups of keys"
REASONS = "decision, all ids of reasons; validated"


def run(rounds: int, kind: Kind) -> list[Target]:
    """Measure, print, and tell the targets."""
    policy = medpolicy.load_policy(POLICY)
    requests = records(requests_table(REQUESTS, kind))
    mixed = [*requests[: REQUESTS // 2], *records(requests_table(REQUESTS // 2, "uniform"))]
    contenders = [*_ours(policy, requests, kind, rounds), *_peers(policy, requests, mixed)]
    found = race(contenders, rounds)
    each = {name: measured.cpu / _count(name) for name, measured in found.items()}
    stock = each[REFERENCE]
    section(
        "One request",
        f"{REQUESTS:,} {kind} requests in each of {rounds} rounds, all contenders in turns; processor time of one request, "
        f"median of the rounds. Fresh requests come once, after {BEFORE:,} others. Before that all peers gave the decisions of medpolicy on {REQUESTS:,} requests, half of "
        "them uniform, and its ids where they give ids. A peer's request is prepared for it unmeasured (days as numbers, "
        "the regimen as one text), and is not validated.",
    )
    table(
        ("contender", "gives", "µs", "stock engine's time / this"),
        [(name, found[name].says, micro(seconds), times(stock / seconds)) for name, seconds in each.items()],
    )
    return _targets(each, found)


def _ours(policy: medpolicy.Policy, requests: list[Record], kind: Kind, rounds: int) -> list[Contender]:
    decide, in_python = policy.decide, _without_c(policy).decide
    few, texts = requests[:FEW], [json.dumps(request).encode() for request in requests]
    new: list[Any] = [decide]
    for request in records(requests_table(BEFORE, kind, first=20_000_000)):
        decide(request)
        in_python(request)

    def renew() -> None:
        new[0] = pickle.loads(pickle.dumps(policy)).decide  # our own bytes
        new[0](requests[-1])

    return [
        _stream(FRESH, decide, kind, rounds, 10_000_000),
        _stream(FRESH_IN_PYTHON, in_python, kind, rounds, 10_000_000),
        _stream(UNIFORM, decide, "uniform", rounds, 10_000_000),
        Contender(SEEN, lambda: _read_all(decide, requests), REASONS),
        Contender(BRIEF, lambda: [decide(request).decision for request in requests], REASONS),
        Contender(BRIEF_IN_PYTHON, lambda: [in_python(request).decision for request in requests], REASONS),
        Contender(NEW, lambda: _read_all(new[0], requests), REASONS, renew),
        Contender(JSON, lambda: list(map(policy.decide_json, texts)), "the whole determination, from JSON to JSON"),
        Contender(
            REFERENCE,
            lambda: _read_all(lambda request: decide(request, engine="business-rules"), few),
            "the same by the stock engine: " + REASONS,
        ),
    ]


def _without_c(policy: medpolicy.Policy) -> medpolicy.Policy:
    """The same policy, which reads requests in Python."""
    os.environ["MEDPOLICY_WITHOUT_C"] = "1"
    copied: medpolicy.Policy = pickle.loads(pickle.dumps(policy))  # our own bytes
    copied.decide(
        {"request_id": "R-1", "request_type": "initial", "service_start_date": "2026-05-01"}
    )  # makes its readers
    del os.environ["MEDPOLICY_WITHOUT_C"]
    return copied


def _stream(name: str, decide: Any, kind: Kind, rounds: int, first: int) -> Contender:
    """Requests of which none was seen before, a new thousand in each round."""
    pool = records(requests_table(REQUESTS * (rounds + 1), kind, first=first))
    batches: Iterator[list[Record]] = iter([pool[first : first + REQUESTS] for first in range(0, len(pool), REQUESTS)])
    current: list[list[Record]] = [[]]

    def next_batch() -> None:
        current[0] = next(batches)

    return Contender(name, lambda: _read_all(decide, current[0]), REASONS, next_batch)


def _peers(policy: medpolicy.Policy, requests: list[Record], mixed: list[Record]) -> Iterator[Contender]:
    lowered = Lowered(policy)
    wanted = [(each.decision, sorted(each.not_met)) for each in map(policy.decide, mixed)]

    def peer(name: str, says: str, answer: Callable[[Any], Any], prepare: Callable[[Record], Any]) -> Contender:
        agree(name, wanted, [prepare(each) for each in mixed], answer)
        inputs = [prepare(each) for each in requests][: _count(name)]
        return Contender(name, lambda: [answer(each) for each in inputs], says)

    yield peer(BARE, "decision", peer_stock.decision(policy), lambda each: peer_stock.prepared(policy, each))
    for name, module in zip(ENGINES, (peer_datalogic, peer_zen, peer_cel), strict=True):

        def prepare(each: Record, module: Any = module) -> Record:
            prepared: Record = module.prepared(lowered, each)
            return prepared

        yield peer(f"{name}, bare", "decision", module.decision(lowered), prepare)
        ids = "decision, ids of criteria not met"
        yield peer(name, ids, module.decision_and_reasons(lowered), prepare)
    yield peer(HAND, "decision, ids of criteria not met", peer_python.decide, dict)
    names = SCHEMA.names
    yield Contender(KEYS, lambda: [list(map(each.get, names)) for each in requests], "the values")


def _read_all(decide: Any, requests: list[Record]) -> None:
    """Decide and read the decision and the ids of all reasons."""
    for each in requests:
        answer = decide(each)
        answer.decision, answer.coverage, answer.pathway, answer.not_met, answer.missing  # noqa: B018  # reading is the work
        [reason.id for reason in answer.denial_reasons]
        [flag.id for flag in answer.review_flags]


def _count(name: str) -> int:
    return FEW if name in (REFERENCE, BARE) else REQUESTS


def _targets(each: dict[str, float], found: dict[str, Measured]) -> list[Target]:
    engines = {name: each[f"{name}, bare"] for name in ENGINES}
    fastest = min(engines, key=lambda name: engines[name])
    against = [
        ("fresh requests", FRESH, 3.5 / 3),
        ("fresh requests, without the reader in C", FRESH_IN_PYTHON, 2.0),
        ("requests seen before, the decision read", BRIEF, 0.5),
        ("the same without the reader in C", BRIEF_IN_PYTHON, 1.2),
    ]
    shares = {name: each[name] / engines[fastest] for _, name, _ in against}
    gain, written = each[REFERENCE] / each[SEEN], each[REFERENCE] / each[JSON]
    return [
        *(
            Target(
                f"`policy.decide`, validated, with reasons: {said}",
                f"at most {most:.2f} of the time of the fastest rule engine's bare decision",
                f"{times(shares[name])} of {fastest}'s",
                shares[name] <= most,
            )
            for said, name, most in against
        ),
        Target("the same against the stock engine", "30 times as fast", times(gain), gain >= 30),
        Target(
            "from JSON to the whole determination as JSON", "10 times the stock engine", times(written), written >= 10
        ),
    ]
