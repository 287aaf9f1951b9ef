"""One file of golden cases, read strictly: every fault at once, each with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, get_args

from pydantic_core import to_jsonable_python

from medpolicy.language.determination import Coverage, Decision, Determination
from medpolicy.language.fields import Day, WholeNumber
from medpolicy.language.forms import EARLIEST
from medpolicy.language.request import InvalidRequest, PriorAuthorizationRequest, read_request
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.load.file import read_bytes
from medpolicy.load.values import empty, instead, unknown_option, wrong_type
from medpolicy.text.findings import Finding, Unusable, listed, nearest, quoted
from medpolicy.text.findings import Path as JsonPath
from medpolicy.text.json_text import BYTE_ORDER_MARK, Positions, key_position, parse_json

MOST_BYTES = 1 << 26

KEYS = ("shows", "request", "expected")
EXPECTED = ("decision", "coverage", "pathway", "not_met", "missing", "review_flags", "authorization")
"""What a case says of the answer, in this order."""

_LAST = Day(EARLIEST, date.max)
"""The days of an authorization, which may end after the last day on which service can start."""
_COUNT = WholeNumber(0, (1 << 53) - 1)


@dataclass(frozen=True, slots=True, eq=False)
class GoldenCase:
    """A request and the answer expected, in JSON form, with the line of the file (from 1) on which it stands."""

    shows: str
    request: PriorAuthorizationRequest
    expected: Mapping[str, Any]
    record: Mapping[str, Any]
    line: int

    @property
    def id(self) -> str:
        """The id of its request, which no other case of the file has."""
        return self.request.request_id


def answer(determination: Determination) -> dict[str, Any]:
    """What a golden case says of an answer, in JSON form."""
    granted = determination.authorization
    return {
        "decision": determination.decision,
        "coverage": determination.coverage,
        "pathway": determination.pathway,
        "not_met": list(determination.not_met),
        "missing": list(determination.missing),
        "review_flags": [each.id for each in determination.review_flags],
        "authorization": None if granted is None else to_jsonable_python(granted.to_dict()),
    }


def read_cases(path: Path, vocabulary: Vocabulary) -> tuple[GoldenCase, ...]:
    """The cases of a file. Raises `Unusable` with every fault of it; a fault of syntax ends the reading of its line."""
    name = str(path)
    found: list[Finding] = []
    cases: list[GoldenCase] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(read_bytes(path, MOST_BYTES).removeprefix(BYTE_ORDER_MARK).split(b"\n"), start=1):
        if not line.strip():
            continue
        case = _read(line, name, number, vocabulary)
        if isinstance(case, list):
            found += case
            continue
        if case.id in lines:
            message = f"the request id {quoted(case.id)} is also that of line {lines[case.id]}"
            fault = Finding("repeated-id", message, ("request", "request_id"), "each case has an id of its own")
            found.append(Positions(line).locate(fault, name, number - 1))
        lines.setdefault(case.id, number)
        cases.append(case)
    if not cases and not found:
        found.append(Finding("no-cases", "the file has no case", file=name, line=1, column=1))
    if found:
        raise Unusable(found)
    return tuple(cases)


def _read(line: bytes, name: str, number: int, vocabulary: Vocabulary) -> GoldenCase | list[Finding]:
    """The case of one line, or its faults in the order of the text."""
    try:
        content = parse_json(line, name, number - 1)
    except Unusable as error:
        return list(error.findings)
    if not isinstance(content, dict):
        help = f"it has the keys {', '.join(map(quoted, KEYS))}"
        return [Finding("not-a-case", "a case must be an object", help=help, file=name, line=number, column=1)]
    faults = list(_faults(content, vocabulary))
    request = _request(content.get("request"), vocabulary)
    if isinstance(request, list):
        faults += request
    positions = Positions(line)
    if faults or isinstance(request, list):
        at = [
            key_position(each, positions, name, number - 1)
            if each.code == "unknown-key"
            else positions.locate(each, name, number - 1)
            for each in faults
        ]
        return sorted(at, key=lambda each: (each.line or 0, each.column or 0))
    return GoldenCase(content["shows"], request, content["expected"], content["request"], number)


def _request(record: Any, vocabulary: Vocabulary) -> PriorAuthorizationRequest | list[Finding]:
    if not isinstance(record, dict):
        return []
    try:
        return read_request(vocabulary.request, record)
    except InvalidRequest as error:
        return [replace(each, path=("request", *each.path)) for each in error.findings]


def _faults(content: dict[str, Any], vocabulary: Vocabulary) -> Iterator[Finding]:
    yield from _keys((), content, KEYS)
    shows = content.get("shows", "-")
    if not isinstance(shows, str):
        yield wrong_type(("shows",), shows, "text")
    elif not shows.strip():
        yield replace(empty(("shows",)), help="say in one sentence what the case shows")
    if not isinstance(content.get("request", {}), dict):
        yield wrong_type(("request",), content["request"], "an object")
    expected = content.get("expected")
    if isinstance(expected, dict):
        yield from _expectation(expected, vocabulary)
    elif "expected" in content:
        yield wrong_type(("expected",), expected, "an object")


def _expectation(expected: dict[str, Any], vocabulary: Vocabulary) -> Iterator[Finding]:
    yield from _keys(("expected",), expected, EXPECTED)
    for key, check in _CHECKS.items():
        if key in expected:
            yield from check(("expected", key), expected[key])
    if isinstance(expected.get("authorization"), dict):
        yield from _terms(("expected", "authorization"), expected["authorization"], vocabulary)


def _keys(path: JsonPath, content: dict[str, Any], known: tuple[str, ...]) -> Iterator[Finding]:
    """Unknown keys, each with the nearest one that is missing, and the missing ones that no unknown one stands for."""
    left = [key for key in known if key not in content]
    for key in content:
        if key in known:
            continue
        meant = nearest(key, left)
        if meant is not None:
            left.remove(meant)
        advice = f"did you mean {quoted(meant)}?" if meant else f"the keys here are {listed(known, last='and')}"
        yield Finding("unknown-key", f"unknown key {quoted(key)}", (*path, key), advice)
    for key in left:
        yield Finding("missing-key", f"the key {quoted(key)} is missing", path, f"add {quoted(key)}")


def _option(*options: str) -> Callable[[JsonPath, Any], Iterator[Finding]]:
    def check(path: JsonPath, value: Any) -> Iterator[Finding]:
        if not (isinstance(value, str) and value in options):
            yield unknown_option(path, value, options)

    return check


def _id_or_null(path: JsonPath, value: Any) -> Iterator[Finding]:
    if value is not None and not isinstance(value, str):
        yield wrong_type(path, value, "text or `null`")


def _ids(path: JsonPath, value: Any) -> Iterator[Finding]:
    if not isinstance(value, list):
        yield wrong_type(path, value, "a list")
        return
    for place, each in enumerate(value):
        if not isinstance(each, str):
            yield wrong_type((*path, place), each, "text")
        elif each in value[:place]:
            yield Finding("repeated-entry", f"{quoted(each)} is listed twice", (*path, place), "list it once")


def _object_or_null(path: JsonPath, value: Any) -> Iterator[Finding]:
    if value is not None and not isinstance(value, dict):
        yield wrong_type(path, value, "an object or `null`")


def _terms(path: JsonPath, value: dict[str, Any], vocabulary: Vocabulary) -> Iterator[Finding]:
    """Faults of an authorization; without a period its end and its months are null, and an amount may be."""
    terms = ["start", "end", "months"]
    may_be_null = set() if "months" in vocabulary.parameters["approve"].model_fields else {"end", "months"}
    if vocabulary.quantity is not None:
        terms += filter(None, (vocabulary.quantity.name, vocabulary.quantity.cap))
        may_be_null.add(vocabulary.quantity.name)
    yield from _keys(path, value, tuple(terms))
    for key in value.keys() & set(terms):
        if key in may_be_null and value[key] is None:
            continue
        kind = _LAST if key in ("start", "end") else _COUNT
        for problem in kind.problems(value[key]):
            message = f"{quoted(key)} {problem.message}{instead(value[key])}"
            yield Finding("wrong-value", message, (*path, key), problem.help)


_CHECKS: Mapping[str, Callable[[JsonPath, Any], Iterator[Finding]]] = {
    "decision": _option(*get_args(Decision)),
    "coverage": _option(*get_args(Coverage)),
    "pathway": _id_or_null,
    "not_met": _ids,
    "missing": _ids,
    "review_flags": _ids,
    "authorization": _object_or_null,
}
