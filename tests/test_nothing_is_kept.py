"""After a decision nothing of its request is left in the process, whichever way it was decided."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from project import APPROVED, NAME, ROOT

from medpolicy import Determination, load_policy
from medpolicy.text.json_text import parse_json, without_repeats

HEAD = """
import gc, json, pickle, sys
from datetime import date
import medpolicy

POLICY = medpolicy.load_policy(NAME)
RECORD = json.load(open(RECORDS, "rb"))
CANARY, BORN = ["C4", "NARY"], ["1983", "07", "19"]
BACKWARDS = ["YRAN4C", "91-70-3891"]  # which no search for the canaries finds

def record(number):
    made = dict(RECORD)
    made["request_id"] = "%s-%d" % ("".join(CANARY), number)
    made["birth_date"] = "-".join(BORN)
    return made

def held():
    gc.collect()
    waiting, seen, found = gc.get_objects(), set(), []
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, (str, bytes, date)) and any(part in str(value)[::-1] for part in BACKWARDS):
            found.append(type(value).__name__)
        waiting += gc.get_referents(value)
    return found

def decide_all():
    BODY

before = held()
decide_all()
print(json.dumps([before, held()]))
"""
WAYS = {
    "a mapping": "[POLICY.decide(record(number)).to_json() for number in range(50)]",
    "a mapping seen before": "[POLICY.decide(record(1)) for number in range(50)]",
    "a mapping with dates": "POLICY.decide(record(1) | {'birth_date': date(1983, 7, 19)})",
    "a pinned revision": "POLICY.decide(record(1), revision=POLICY.revisions[0].revision)",
    "the stock engine": "POLICY.decide(record(1), engine='business-rules').to_json()",
    "a request model": "POLICY.decide(POLICY.request(record(1)))",
    "a faulty request": """
    for name in ("disease", "cycles_received", "".join(CANARY)):
        try: POLICY.decide(record(1) | {name: "".join(CANARY)})
        except medpolicy.InvalidRequest: pass""",
    "a request on which the program fails": """
    object.__setattr__(POLICY, "deciders", None)
    try: POLICY.decide(record(1))
    except Exception: pass""",
    "the text of a request": """
    for number in range(50):
        POLICY.decide_json(json.dumps(record(number)).encode())
        try: POLICY.decide_json(json.dumps(record(number) | {"disease": "".join(CANARY)}).encode())
        except medpolicy.InvalidRequest: pass""",
    "JSON": """
    from medpolicy.language.record import read_json_request
    for number in range(50):
        request, _ = read_json_request(POLICY.vocabulary.request, json.dumps(record(number)).encode())
        POLICY.decide(request).to_json()""",
    "a determination read back": """
    found = medpolicy.Determination.from_json(POLICY.decide(record(1)).to_json())
    pickle.loads(pickle.dumps(found)).to_dict()""",
    "a table": """
    import pyarrow
    POLICY.decide_table(pyarrow.Table.from_pylist([record(number) for number in range(50)]))""",
    "a table with faults": """
    import pyarrow
    odd = "".join(CANARY)
    rows = [record(number) | {"birth_date": odd, "disease": odd} for number in range(50)]
    POLICY.decide_table(pyarrow.Table.from_pylist(rows))""",
    "batches of Spark": """
    import pyarrow
    from medpolicy.columns.in_place import answer_batches
    rows = [record(number) | {"combination_regimen": None, "again": False} for number in range(50)]
    list(answer_batches(pickle.dumps(POLICY), None, pyarrow.Table.from_pylist(rows).to_batches(), []))""",
    "CSV": """
    from medpolicy.batch import decide_file
    with open("in.csv", "w") as file:
        print("request_id,request_type,service_start_date,birth_date", file=file)
        for number in range(50):
            print(record(number)["request_id"], "initial", "2026-05-01", record(number)["birth_date"], sep=",", file=file)
    decide_file(POLICY, "in.csv", "out.jsonl")""",
    "JSON Lines": """
    from medpolicy.batch import decide_file
    with open("in.jsonl", "w") as file: file.writelines(json.dumps(record(number)) + chr(10) for number in range(50))
    decide_file(POLICY, "in.jsonl", "out.csv")""",
}


@pytest.mark.parametrize("way", WAYS)
def test_nothing_of_a_request_is_left_after_a_decision(way: str, tmp_path: Path) -> None:
    code = HEAD.replace("NAME)", f"{NAME!r})").replace("BODY", WAYS[way].strip())
    code = code.replace("RECORDS", repr(str(ROOT / "examples" / "approved-relapsed-single-agent.json")))
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert ended.stderr == ""
    before, after = json.loads(ended.stdout)
    assert (before, after) == ([], [])


def test_what_is_left_would_be_found(tmp_path: Path) -> None:
    code = HEAD.replace("NAME)", f"{NAME!r})").replace("BODY", "global KEPT; KEPT = [POLICY.decide(record(1))]")
    code = code.replace("RECORDS", repr(str(ROOT / "examples" / "approved-relapsed-single-agent.json")))
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, cwd=tmp_path)
    before, after = json.loads(ended.stdout)
    assert (before, set(after)) == ([], {"str"})


def test_the_readers_of_json_keep_no_value_to_use_again() -> None:
    """What they keep is no object of Python that could be found, but they would give it out again."""

    def twice(read: Any, text: bytes) -> bool:
        return read(text) is read(text)

    text = json.dumps(APPROVED | {"request_id": "C4NARY-1"}).encode()
    determination = load_policy(NAME).decide(json.loads(text)).to_json()
    assert not twice(lambda given: parse_json(given)["request_id"], text)
    assert not twice(lambda given: load_policy(NAME).request(parse_json(given)).request_id, text)
    assert not twice(lambda given: without_repeats(given)["request_id"], text)
    assert not twice(lambda given: Determination.from_json(given).request_id, determination)
