"""One policy in many threads and processes: every one of them gets the answers that a single thread gets."""

from __future__ import annotations

import multiprocessing
import pickle
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pytest
from project import APPROVED, CONTINUED, NAME, ROOT

from medpolicy import Determination, InvalidRequest, Policy, load_policy

THREADS = 8
DISEASES = ("acute_lymphoblastic_leukemia", "lymphoblastic_lymphoma", "other", None, "unheard_of")


def records(first: int, count: int) -> list[dict[str, Any]]:
    """Requests that differ in their ids, birth dates and days, each its own; some are faulty."""
    return [
        (APPROVED if number % 3 else CONTINUED)
        | {
            "request_id": f"R-{number}",
            "birth_date": f"{1920 + number % 100}-{number % 12 + 1:02}-{number % 28 + 1:02}",
            "service_start_date": f"2026-{number % 9 + 4:02}-{number * 7 % 28 + 1:02}",
            "disease": DISEASES[number % len(DISEASES)],
            "cycles_received": number % 8,
        }
        for number in range(first, first + count)
    ]


SEEN = records(0, 60)
FRESH = records(1000, 60)


def answer(policy: Policy, record: dict[str, Any]) -> bytes:
    """The determination, or the faults."""
    try:
        return policy.decide(record).to_json()
    except InvalidRequest as error:
        return str(error).encode()


def answers(policy: Policy, some: list[dict[str, Any]]) -> list[bytes]:
    return [answer(policy, record) for record in some]


def in_threads(work: Callable[[int], Any], threads: int = THREADS) -> list[Any]:
    """What each of some threads got that began together, and switch far more often than they mostly do."""
    together = threading.Barrier(threads)
    interval = sys.getswitchinterval()

    def begun(number: int) -> Any:
        together.wait(timeout=60)
        return work(number)

    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(begun, range(threads)))
    finally:
        sys.setswitchinterval(interval)


@pytest.fixture(scope="module")
def expected() -> dict[str, list[bytes]]:
    """The answers of one thread, by a policy of its own."""
    alone = load_policy(NAME)
    return {"seen": answers(alone, SEEN), "fresh": answers(alone, FRESH)}


def test_some_of_the_requests_are_faulty_and_the_others_get_every_decision(expected: dict[str, list[bytes]]) -> None:
    assert len(set(expected["seen"])) == 49, "the faulty ones have the same faults"
    for part in (b'"decision":"approved"', b'"decision":"denied"', b'"decision":"pended"', b"error[not-allowed]"):
        assert any(part in found for found in expected["seen"]), part


def test_eight_threads_get_the_answers_of_one_on_requests_seen_before(expected: dict[str, list[bytes]]) -> None:
    policy = load_policy(NAME)
    answers(policy, SEEN)
    assert in_threads(lambda _: answers(policy, SEEN * 3)) == [expected["seen"] * 3] * THREADS


def test_eight_threads_get_the_answers_of_one_from_the_first_request_on(expected: dict[str, list[bytes]]) -> None:
    for _ in range(3):
        policy = load_policy(NAME)
        assert in_threads(lambda _, policy=policy: answers(policy, SEEN)) == [expected["seen"]] * THREADS  # type: ignore[misc]


def test_each_of_eight_threads_gets_its_own_answers(expected: dict[str, list[bytes]]) -> None:
    policy, alone = load_policy(NAME), load_policy(NAME)
    of_each = [records(10_000 * number, 40) for number in range(THREADS)]
    found = in_threads(lambda number: answers(policy, of_each[number]))
    assert found == [answers(alone, some) for some in of_each]


def test_eight_threads_decide_tables_on_one_policy() -> None:
    policy, alone = load_policy(NAME), load_policy(NAME)
    tables = [pa.Table.from_pylist(records(10_000 * number, 200)) for number in range(THREADS)]
    found = in_threads(lambda number: policy.decide_table(tables[number]))
    for result, table in zip(found, tables, strict=True):
        wanted = alone.decide_table(table)
        assert (result.decided, result.rejected) == (wanted.decided, wanted.rejected)


def test_eight_threads_read_one_determination() -> None:
    for _ in range(20):
        found = load_policy(NAME).decide(APPROVED)
        told = in_threads(lambda _, found=found: (found.to_json(), found.criteria, found.facts))  # type: ignore[misc]
        assert told == [(found.to_json(), found.criteria, found.facts)] * THREADS
        assert Determination.from_json(found.to_json()) == found


def test_eight_threads_load_the_policy_at_once(expected: dict[str, list[bytes]]) -> None:
    assert in_threads(lambda _: answers(load_policy(NAME), SEEN[:10])) == [expected["seen"][:10]] * THREADS


CHECKED = """
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from medpolicy.check import checked
from medpolicy.load import read_rule_file

def told(_):
    logic = checked(read_rule_file(Path(PATH)), limit=60)
    return [str(finding) for finding in logic.findings], [(proof.id, proof.verdict) for proof in logic.proofs]

with ThreadPoolExecutor(2) as pool:
    first, *others = pool.map(told, range(4))
print(len(first[1]) > 3, all(other == first for other in others))
"""


def test_two_threads_that_check_one_file_find_the_same() -> None:
    path = str(ROOT / "rules" / NAME / "2026-04-02.json")
    code = CHECKED.replace("PATH", repr(path))
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode, ended.stdout.strip()) == (0, "True True"), ended.stderr


# Processes

METHODS = multiprocessing.get_all_start_methods()
_policy: Policy | None = None


def begin(policy: Policy | None) -> None:
    """In a new process: use a policy that came pickled, or the one of the process that it was forked from."""
    global _policy
    _policy = policy or _policy


def decided(some: list[dict[str, Any]]) -> list[bytes]:
    if _policy is None:
        raise AssertionError("no policy")
    return answers(_policy, some)


def returned(policy: Policy) -> tuple[Policy, Determination]:
    """A policy and an answer, pickled both ways."""
    return policy, policy.decide(APPROVED)


@pytest.mark.parametrize("method", METHODS)
def test_processes_get_the_answers_of_one(method: str, expected: dict[str, list[bytes]]) -> None:
    policy = load_policy(NAME)
    answers(policy, SEEN)
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, context, begin, (policy,)) as pool:
        assert list(pool.map(decided, [SEEN, FRESH, SEEN], timeout=120)) == [
            expected["seen"],
            expected["fresh"],
            expected["seen"],
        ]
        again, found = pool.submit(returned, policy).result(timeout=120)
    assert (again, hash(again)) == (policy, hash(policy))
    assert found == policy.decide(APPROVED)
    assert found.to_json() == policy.decide(APPROVED).to_json()


@pytest.mark.skipif("fork" not in METHODS, reason="this system does not fork")
@pytest.mark.parametrize("used", [True, False])
def test_a_forked_process_goes_on_with_the_policy_of_its_parent(used: bool, expected: dict[str, list[bytes]]) -> None:
    policy = load_policy(NAME)
    answers(policy, SEEN[:20] if used else [])
    begin(policy)
    with ProcessPoolExecutor(2, multiprocessing.get_context("fork"), begin, (None,)) as pool:
        assert list(pool.map(decided, [SEEN, FRESH], timeout=120)) == [expected["seen"], expected["fresh"]]
    assert answers(policy, FRESH) == expected["fresh"], "the parent goes on too"


def test_a_pickled_policy_holds_its_rules_and_no_request() -> None:
    policy = load_policy(NAME)
    unused = pickle.dumps(policy)
    answers(policy, SEEN + FRESH)
    assert pickle.dumps(policy) == unused


def test_in_a_python_without_a_global_lock_no_module_brings_it_back() -> None:
    load_policy(NAME).decide(APPROVED)
    locked = getattr(sys, "_is_gil_enabled", lambda: True)()
    assert locked is not bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
