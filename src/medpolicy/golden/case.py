"""One file of golden cases, read strictly: every fault at once, each with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainValidator, create_model
from pydantic_core import PydanticCustomError, to_jsonable_python

from medpolicy.language.determination import Coverage, Decision, Determination
from medpolicy.language.fields import Day, Kind, WholeNumber
from medpolicy.language.forms import EARLIEST
from medpolicy.language.request import InvalidRequest, PriorAuthorizationRequest, read_request
from medpolicy.language.revision import Sentence
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.load.controls import with_control_faults
from medpolicy.load.file import first_of, parsed, read_bytes
from medpolicy.load.keys import unknown_key
from medpolicy.load.shape import read_model
from medpolicy.text.findings import MOST_FINDINGS, Finding, Unusable, listed, nearest, quoted
from medpolicy.text.findings import Path as JsonPath
from medpolicy.text.json_text import BYTE_ORDER_MARK, Positions

MOST_BYTES = 1 << 26


def _in_domain(kind: Kind) -> PlainValidator:
    """Accepts the values of a kind as JSON writes them."""

    def check(value: Any) -> Any:
        if problems := kind.problems(value):
            raise PydanticCustomError(
                "wrong_value", "{problem}", {"problem": problems[0].message, "help": problems[0].help}
            )
        return value

    return PlainValidator(check)


_Day = Annotated[Any, _in_domain(Day(EARLIEST, date.max))]  # an authorization may end after the last day of service
_Count = Annotated[Any, _in_domain(WholeNumber(0, (1 << 53) - 1))]


class _Written(BaseModel):
    """A part of a case as a line of the file has it."""

    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)


class Expected(_Written):
    """The answer that a case expects; in lists the order does not matter."""

    decision: Decision
    coverage: Coverage
    pathway: str | None
    not_met: tuple[str, ...]
    missing: tuple[str, ...]
    review_flags: tuple[str, ...]
    authorization: dict[str, Any] | None


class WrittenCase(_Written):
    """One line of a file of cases."""

    shows: Sentence
    request: dict[str, Any]
    expected: Expected


EXPECTED = tuple(Expected.model_fields)
"""What a case says of the answer, in this order."""


@cache
def _case_model(vocabulary: Vocabulary) -> type[WrittenCase]:
    """The model of a policy's cases.

    Where the policy approves without a period, the end and the months of an authorization may be null; an amount always may.
    """
    has_period = "months" in vocabulary.parameters["approve"].model_fields
    terms: dict[str, Any] = {"start": _Day, "end": _Day, "months": _Count}
    if not has_period:
        terms |= {"end": _Day | None, "months": _Count | None}
    if (quantity := vocabulary.quantity) is not None:
        terms[quantity.name] = _Count | None
        terms |= {quantity.cap: _Count} if quantity.cap else {}
    of_policy: dict[str, Any] = {name: (annotation, ...) for name, annotation in terms.items()}
    authorization: Any = create_model("Authorization", __base__=_Written, **of_policy)
    expected: Any = create_model("Expected", __base__=Expected, authorization=(authorization | None, ...))
    return create_model("WrittenCase", __base__=WrittenCase, expected=(expected, ...))


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
        "review_flags": [flag.id for flag in determination.review_flags],
        "authorization": None if granted is None else to_jsonable_python(granted.to_dict()),
    }


def read_cases(path: Path, vocabulary: Vocabulary) -> tuple[GoldenCase, ...]:
    """The cases of a file. Raises `Unusable` with its faults; one of syntax ends the reading of its line."""
    name = str(path)
    found: list[Finding] = []
    cases: list[GoldenCase] = []
    lines: dict[str, int] = {}
    text = read_bytes(path, MOST_BYTES, no_pipe=True).removeprefix(BYTE_ORDER_MARK)
    for number, line in enumerate(text.split(b"\n"), start=1):
        if len(found) > MOST_FINDINGS:
            break
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
        raise Unusable(first_of(found))
    return tuple(cases)


def _read(line: bytes, name: str, number: int, vocabulary: Vocabulary) -> GoldenCase | list[Finding]:
    """The case of one line, or its faults in the order of the text."""
    try:
        content = parsed(line, name, number)
    except Unusable as error:
        return list(error.findings)
    if not isinstance(content, dict):
        help = f"it has the keys {', '.join(map(quoted, WrittenCase.model_fields))}"
        return [Finding("not-a-case", "a case must be an object", help=help, file=name, line=number, column=1)]
    of_shape = read_model(_case_model(vocabulary), line, content, _key_faults)[1]
    faults = list(islice(chain(of_shape, _repeated_entries(content.get("expected"))), MOST_FINDINGS + 1))
    request = _request(content.get("request"), vocabulary)
    faults += request if isinstance(request, list) else []
    faults = [*with_control_faults(faults, content, line)]
    if isinstance(request, PriorAuthorizationRequest) and not faults:
        return GoldenCase(content["shows"], request, content["expected"], content["request"], number)
    positions = Positions(line)
    placed = [(positions.locate_key if fault.at_key else positions.locate)(fault, name, number - 1) for fault in faults]
    return sorted(placed, key=lambda fault: (fault.line or 0, fault.column or 0))


def _request(record: Any, vocabulary: Vocabulary) -> PriorAuthorizationRequest | list[Finding]:
    if not isinstance(record, dict):
        return []
    try:
        return read_request(vocabulary.request, record)
    except InvalidRequest as error:
        return [replace(finding, path=("request", *finding.path)) for finding in error.findings]


def _repeated_entries(expected: Any) -> Iterator[Finding]:
    for key in ("not_met", "missing", "review_flags") if isinstance(expected, dict) else ():
        ids = expected.get(key)
        seen: set[str] = set()
        for index, id in enumerate(ids if isinstance(ids, list) else ()):
            if isinstance(id, str) and id in seen:
                path = ("expected", key, index)
                yield Finding("repeated-entry", f"{quoted(id)} is listed twice", path, "list it once")
            elif isinstance(id, str):
                seen.add(id)


def _key_faults(
    path: JsonPath, model: type[BaseModel], _: Mapping[str, Any], unknown: Sequence[str], missing: Sequence[str]
) -> Iterator[Finding]:
    """Unknown keys, each with the nearest one that is missing, and the missing ones that no unknown one stands for."""
    lacking = list(missing)
    for key in unknown:
        meant = nearest(key, lacking)
        if meant is not None:
            lacking.remove(meant)
        keys = f"the keys here are {listed(model.model_fields, last='and')}"
        yield unknown_key((*path, key), f"did you mean {quoted(meant)}?" if meant else keys)
    for key in lacking:
        yield Finding("missing-key", f"the key {quoted(key)} is missing", path, f"add {quoted(key)}")
