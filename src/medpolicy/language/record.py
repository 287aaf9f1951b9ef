"""One record of JSON text: the request in it, and every fault of it with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from medpolicy.language.determination import KEYS
from medpolicy.language.extra import Extra, check_extra
from medpolicy.language.request import InvalidRequest, PriorAuthorizationRequest, given_names, read_request
from medpolicy.text.findings import Finding, Unusable, quoted
from medpolicy.text.json_text import BYTE_ORDER_MARK, Positions, parse_json, without_repeats
from medpolicy.text.names import may_be_shown

MOST_OF_ONE_VALUE = 20

_A_KEY_TWICE = "a key is given twice, which is not shown: it may be data"


def read_json_record(text: bytes, file: str | None = None, line_offset: int = 0) -> dict[str, Any]:
    """The record of a JSON text, strictly read. Raises `Unusable` with the first fault of syntax.

    `line_offset` is the number of lines of the file before the text.
    """
    try:
        record = parse_json(text, file, line_offset)
    except Unusable as error:
        raise Unusable(_without_names(finding, text) for finding in error.findings) from None
    if not isinstance(record, dict):
        message = "a request must be an object with a key for each fact"
        raise Unusable([Finding("not-a-record", message, file=file, line=line_offset + 1, column=1)])
    return record


def read_json_request(
    model: type[PriorAuthorizationRequest],
    text: bytes,
    file: str | None = None,
    line_offset: int = 0,
    extra: Extra = "refuse",
) -> tuple[PriorAuthorizationRequest, dict[str, Any]]:
    """The request of a JSON text, and the extra keys to keep.

    Raises `InvalidRequest` with every fault, in the order of the text; a fault of syntax ends the reading.
    """
    check_extra(extra)
    text = text.removeprefix(BYTE_ORDER_MARK)
    faults: list[Finding] = []
    try:
        record = read_json_record(text, file, line_offset)
    except Unusable as error:
        despite = _despite_repeats(text) if error.findings[0].code == "duplicate-key" else None
        if despite is None:
            raise InvalidRequest(error.findings) from None
        record = despite
        faults = _repeats(text, file, line_offset)
    known, kept, refused = without_extras(model, record, extra)
    try:
        request = read_request(model, known)
    except InvalidRequest as error:
        refused += error.findings
    if faults or refused:
        raise InvalidRequest(_in_order([*faults, *placed(refused, text, file, line_offset)]))
    return request, kept


def without_extras(
    model: type[PriorAuthorizationRequest], record: dict[str, Any], extra: Extra
) -> tuple[dict[str, Any], dict[str, Any], list[Finding]]:
    """A record's own keys, the extra ones to keep, and a finding for each that cannot be kept."""
    if extra == "refuse":
        return record, {}, []
    names = given_names(model)
    known = {key: value for key, value in record.items() if key in names}
    if extra == "ignore":
        return known, {}, []
    kept = {key: value for key, value in record.items() if key not in names}
    return known, kept, [_reserved(key) for key in kept if key in KEYS]


def placed(findings: Iterable[Finding], text: bytes, file: str | None = None, line_offset: int = 0) -> list[Finding]:
    """A record's findings with their places in its text, in the order of the text.

    A key given twice counts where it stands last, as its value does. Of many faults of one value the first
    `MOST_OF_ONE_VALUE` are placed, and one more finding counts the rest.
    """
    positions = Positions(text.removeprefix(BYTE_ORDER_MARK))
    last = {path[0]: (line, column) for path, line, column in positions.repeated_keys() if len(path) == 1}
    found = []
    for finding in _without_the_many(findings):
        if finding.path and finding.path[0] in last:
            line, column = last[finding.path[0]]
            found.append(replace(finding, file=file, line=line + line_offset, column=column))
        else:
            locate = positions.locate_key if finding.at_key else positions.locate
            found.append(locate(finding, file, line_offset))
    return _in_order(found)


def _without_the_many(findings: Iterable[Finding]) -> Iterator[Finding]:
    entries: dict[str | int, list[Finding]] = {}
    for finding in findings:
        if len(finding.path) > 1:
            entries.setdefault(finding.path[0], []).append(finding)
        else:
            yield finding
    for name, of_one in entries.items():
        yield from of_one[:MOST_OF_ONE_VALUE]
        if more := of_one[MOST_OF_ONE_VALUE:]:
            yield replace(more[0], message=f"{quoted(name)} has {len(more)} more such entries", help=None)


def _repeats(text: bytes, file: str | None, line_offset: int) -> list[Finding]:
    found = []
    for path, line, column in Positions(text).repeated_keys():
        shown = may_be_shown(step for step in path if isinstance(step, str))
        message = f"the key {quoted(path[-1])} is given twice" if shown else _A_KEY_TWICE
        finding = Finding("duplicate-key", message, path if shown else (), "keep one of the two")
        found.append(replace(finding, file=file, line=line + line_offset, column=column))
    return found


def _without_names(finding: Finding, text: bytes) -> Finding:
    """A fault of syntax that does not show a key that may be data."""
    if finding.code != "duplicate-key" or may_be_shown(next(Positions(text).repeated_keys())[0][-1:]):
        return finding
    return replace(finding, message=_A_KEY_TWICE)


def _despite_repeats(text: bytes) -> dict[str, Any] | None:
    """The record of a text with repeated keys, or None where the text has faults of syntax besides."""
    try:
        record = without_repeats(text)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _reserved(key: str) -> Finding:
    message = f"the key {quoted(key)} cannot be kept: a determination has one of that name"
    return Finding("reserved-key", message, (key,), "rename it, or leave it out with `--extra ignore`")


def _in_order(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: (finding.line or 0, finding.column or 0))
