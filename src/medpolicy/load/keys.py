"""Faults of the keys of one object: a slip makes one key unknown and another one missing, and is one fault."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from medpolicy.language.condition import All, Any_, Test
from medpolicy.text.findings import Finding, Path, listed, nearest, quoted

CONDITION_FORMS = "a condition is a group `all` or `any`, or a test with `name`, `operator` and `value`"

_IN_A_CONDITION = ("all", "any", "name", "operator", "value")
_SELDOM = ("note", "$schema")
_HOLDS = {
    "effective_to": "it is the last day in effect, or `null` while no end is known",
    "passages": "it maps the document: an entry for each paragraph and list item",
    "informative": "it lists the passages that no rule embodies, such as headings",
    "applies": "it is the condition for the pathway to be looked at",
    "otherwise": "it is the denial of a request that does not meet the conditions",
    "unlisted": "it is the denial of a request that no pathway applies to",
    "not_in_effect": "it is the flag for a day on which no revision is in effect",
}


def key_faults(
    path: Path, model: type[BaseModel], content: Mapping[str, Any], unknown: Sequence[str], missing: Sequence[str]
) -> Iterator[Finding]:
    """The faults of an object of a rule file, with the keys that its model does not know and those that it lacks."""
    if model is Test and not content.keys() & Test.model_fields.keys():
        yield _no_condition(path, unknown)
        return
    if model in (All, Any_) and (mixed := [key for key in unknown if key in _IN_A_CONDITION]):
        yield _mixed_group(path, "all" if model is All else "any", mixed[0])
        unknown = [key for key in unknown if key not in mixed]
    keys = [info.alias or name for name, info in model.model_fields.items()]
    keys.sort(key=lambda key: key in _SELDOM)
    slipped, lacking = slips(unknown, missing, content, keys)
    for key, advice in slipped:
        yield unknown_key(
            (*path, key), "a test has no note; the group around it may have one" if key == "note" else advice
        )
    if lacking == ["cites"]:
        yield without_passage("the key `cites` is missing", path)
    elif lacking:
        plural = len(lacking) > 1
        message = f"the key{'s' if plural else ''} {listed(lacking, last='and')} {'are' if plural else 'is'} missing"
        yield Finding("missing-key", message, path, None if plural else _HOLDS.get(lacking[0]))


def slips(
    unknown: Sequence[str], missing: Iterable[str], given: Container[str], names: Sequence[str], what: str = "keys here"
) -> tuple[list[tuple[str, str]], list[str]]:
    """Each unknown name with a help line, and the missing names that no unknown one stands for."""
    lacking, slipped = list(missing), []
    for name in unknown:
        meant = nearest(name, lacking)
        if meant is not None:
            lacking.remove(meant)
        meant = meant or nearest(name, [known for known in names if known not in given])
        advice = f"did you mean {quoted(meant)}?" if meant else f"the {what} are {listed(names, last='and')}"
        if meant is None and lacking and len(unknown) == 1:
            advice += f"; {listed(lacking, last='and')} {'is' if len(lacking) == 1 else 'are'} missing"
            lacking = []
        slipped.append((name, advice))
    return slipped, lacking


def unknown_key(path: Path, advice: str) -> Finding:
    """For a key that its object does not have; `path` ends with it."""
    return Finding("unknown-key", f"unknown key {quoted(path[-1])}", path, advice)


def without_passage(why: str, path: Path) -> Finding:
    """For a rule that cites nothing."""
    message = f"this rule cites no passage: {why}"
    return Finding("rule-without-passage", message, path, "cite the passage of the document that it embodies")


def _no_condition(path: Path, unknown: Sequence[str]) -> Finding:
    for key in unknown:
        if (meant := nearest(key, _IN_A_CONDITION)) is not None:
            return unknown_key((*path, key), f"did you mean {quoted(meant)}?")
    if unknown:
        return unknown_key((*path, unknown[0]), CONDITION_FORMS)
    return Finding("empty", "a condition is empty", path, CONDITION_FORMS)


def _mixed_group(path: Path, group: str, key: str) -> Finding:
    if key in ("all", "any"):
        message, advice = "a group has `all` or `any`, not both", "put one of them into the list of the other"
    else:
        message = f"an object with {quoted(group)} is a group, and cannot be a test as well"
        advice = f"put the test into the list of {quoted(group)}"
    return Finding("mixed-group", message, (*path, key), advice)
