"""Proofs in several threads of one process: each prover has a context of its own in the solver."""

from __future__ import annotations

import subprocess
import sys

CODE = """
from concurrent.futures import ThreadPoolExecutor
from medpolicy.policy import load_policy
from medpolicy.solve import RevisionFormulas, Solver, Space

policy = load_policy("inotuzumab-ozogamicin")

def answers(_):
    solver = Solver(Space(policy.vocabulary, policy.revisions))
    formulas = solver.revisions[0]
    ids = [*formulas.conditions]
    found = [solver.find(formulas.decided["denied"] & formulas.status(id).possible, limit=60, decided_under=()) for id in ids[:6]]
    return [str(witness.request) for witness in found]

with ThreadPoolExecutor(4) as pool:
    results = list(pool.map(answers, range(8)))
print(len({tuple(result) for result in results}))
"""


def test_questions_in_four_threads_get_the_same_answers_and_do_not_crash() -> None:
    ended = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=300)
    assert (ended.returncode, ended.stdout.strip()) == (0, "1"), ended.stderr
