"""The shipped rule file, damaged in every way a hand or a disk may damage it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from project import ROOT
from pydantic import ValidationError

from medpolicy.language.revision import Revision
from medpolicy.load import RuleFile, read_rule_file
from medpolicy.load.shape import shape_faults
from medpolicy.policy import policy_of
from medpolicy.text.findings import MOST_FINDINGS

SHIPPED = (ROOT / "rules" / "inotuzumab-ozogamicin" / "2026-04-02.json").read_text("utf-8")
REQUESTS = [json.loads(path.read_bytes()) for path in sorted((ROOT / "examples").glob("*.json"))]
TOKENS = [found.span() for found in re.finditer(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', SHIPPED)]
PIECES: list[str] = [
    "null", "true", "-1", "6.5", "1e999", "NaN", "//", *'{}[],:"', "\\", '""', '"\\ud800"', "\0", "\ufeff", "é",
]  # fmt: skip
WORDS = ["", " ", "x", "initial", "__class__", "all"]
PLAIN: list[Any] = [None, True, False, 0, 1, -1, 7, 2000, 10**30, 6.0, *WORDS, [], ["x"], [[]], {}, {"all": []}]
CHANCES = st.builds(Random, st.integers(0, 2**64))
LONGEST = 30.0
"""Seconds that nothing here comes near, unless it hangs."""


def read(text: str | bytes) -> RuleFile:
    """A file as read, known to be sound or to say of each fault where it is."""
    begun = time.monotonic()
    written = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    file = read_rule_file(Path("x.json"), written)
    assert time.monotonic() - begun < LONGEST
    assert (file.revision is None) == bool(file.errors)
    assert len(file.findings) <= MOST_FINDINGS + 1
    assert "wrong-shape" not in {finding.code for finding in file.findings}
    lines = written.split(b"\n")
    for finding in file.findings:
        assert finding.file == "x.json"
        assert finding.line is not None
        assert finding.column is not None
        assert 1 <= finding.line <= len(lines)
        assert 1 <= finding.column <= len(lines[finding.line - 1]) + 1
        assert len(str(finding)) < 5000
    return file


def decide_some(file: RuleFile, few: int = 4) -> None:
    """A file that is used decides requests, and by its tables as by the stock engine."""
    if file.revision is not None and file.vocabulary is not None:
        policy = policy_of(file.vocabulary, [file])
        for request in REQUESTS[:: len(REQUESTS) // few]:
            assert policy.decide(request) == policy.decide(request, engine="business-rules")


def damaged_bytes(chance: Random) -> str:
    at = chance.randrange(len(SHIPPED))
    until = min(len(SHIPPED), at + chance.choice([0, 0, 1, 1, 2, 30]))
    again = SHIPPED[at:until] * chance.choice([0, 2])
    put: str = chance.choice(["", chance.choice(PIECES), again])
    return SHIPPED[:at] + put + SHIPPED[until:]


def damaged_tokens(chance: Random) -> str:
    (begin, end), (other, until) = chance.choice(TOKENS), chance.choice(TOKENS)
    put: str = chance.choice(
        ["", SHIPPED[begin:end] * 2, SHIPPED[other:until], SHIPPED[other:until], chance.choice(PIECES)]
    )
    return SHIPPED[:begin] + put + SHIPPED[end:]


def holders(value: Any) -> list[Any]:
    """Every object and list of a value that is not empty."""
    parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [*([value] if parts else []), *(holder for part in parts for holder in holders(part))]


def damaged_values(chance: Random) -> str:
    document = json.loads(SHIPPED)
    for _ in range(chance.choice([1, 1, 2, 5])):
        every = holders(document)
        here, there = chance.choice(every), chance.choice(every)
        step = chance.choice(list(here) if isinstance(here, dict) else range(len(here)))
        other = chance.choice(list(there.values()) if isinstance(there, dict) else there)
        what = chance.choice(["remove", "replace", "replace", "another's", "rename", "twice"])
        if what == "remove":
            del here[step]
        elif what == "replace":
            here[step] = chance.choice(PLAIN)
        elif what == "another's":
            here[step] = json.loads(json.dumps(other))
        elif isinstance(here, dict):
            key = chance.choice(["nmae", step[:-1], step + "s", "note", "all", "id"])
            here[key] = here.pop(step) if what == "rename" else here[step]
        else:
            here.insert(step, here[step])
    return json.dumps(document, indent=2)


@pytest.mark.parametrize("damaged", [damaged_bytes, damaged_tokens, damaged_values])
@given(chance=CHANCES)
def test_a_damaged_file_is_refused_with_the_place_of_each_fault_or_still_decides(
    damaged: Callable[[Random], str], chance: Random
) -> None:
    decide_some(read(damaged(chance)))


@given(chance=CHANCES)
def test_what_the_models_refuse_has_a_finding_and_what_they_take_has_none(chance: Random) -> None:
    text = damaged_values(chance)
    found = list(shape_faults(json.loads(text)))
    try:
        Revision.model_validate_json(text)
    except ValidationError:
        assert found
    else:
        assert not found


@pytest.mark.parametrize("end", range(0, len(SHIPPED), 997))
def test_a_file_cut_anywhere_is_refused_for_being_cut(end: int) -> None:
    (finding,) = read(SHIPPED[:end]).findings
    assert finding.message.startswith(("the text ends", "the text is empty"))
