"""Faults of the keys of one object: a slip makes one key unknown and another one missing, and is one fault."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Sequence

from pydantic import BaseModel

from medpolicy.language.revision import All, Any_, Test
from medpolicy.load.values import CONDITION_FORMS, without_passage
from medpolicy.text.findings import Finding, Path, listed, nearest, quoted

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
    path: Path, model: type[BaseModel], given: Collection[str], unknown: Sequence[str], missing: Sequence[str]
) -> Iterator[Finding]:
    """The faults of an object with the keys `given`, of which the model does not know some, while others are missing."""
    if model is Test and not set(given) & set(Test.model_fields):
        yield _no_condition(path, unknown)
        return
    if model in (All, Any_) and (mixed := [key for key in unknown if key in _IN_A_CONDITION]):
        yield _mixed(path, model, mixed[0])
        unknown = [key for key in unknown if key not in mixed]
    keys = [each.alias or name for name, each in model.model_fields.items()]
    keys.sort(key=lambda key: key in _SELDOM)
    slipped, left = slips(unknown, missing, given, keys)
    for key, advice in slipped:
        if key == "note":
            advice = "a test has no note; the group around it may have one"
        yield Finding("unknown-key", f"unknown key {quoted(key)}", (*path, key), advice)
    if left == ["cites"]:
        yield without_passage("the key `cites` is missing", path)
    elif left:
        plural = len(left) > 1
        message = f"the key{'s' if plural else ''} {listed(left, last='and')} {'are' if plural else 'is'} missing"
        yield Finding("missing-key", message, path, None if plural else _HOLDS.get(left[0]))


def slips(
    unknown: Sequence[str], missing: Iterable[str], given: Container[str], names: Sequence[str], what: str = "keys here"
) -> tuple[list[tuple[str, str]], list[str]]:
    """Each unknown name with a help line, and the missing ones that no unknown one stands for."""
    left, slipped = list(missing), []
    for name in unknown:
        meant = nearest(name, left)
        if meant is not None:
            left.remove(meant)
        meant = meant or nearest(name, [each for each in names if each not in given])
        advice = f"did you mean {quoted(meant)}?" if meant else f"the {what} are {listed(names, last='and')}"
        if meant is None and left and len(unknown) == 1:
            advice += f"; {listed(left, last='and')} {'is' if len(left) == 1 else 'are'} missing"
            left = []
        slipped.append((name, advice))
    return slipped, left


def _no_condition(path: Path, unknown: Sequence[str]) -> Finding:
    for key in unknown:
        if (meant := nearest(key, _IN_A_CONDITION)) is not None:
            return Finding("unknown-key", f"unknown key {quoted(key)}", (*path, key), f"did you mean {quoted(meant)}?")
    if unknown:
        return Finding("unknown-key", f"unknown key {quoted(unknown[0])}", (*path, unknown[0]), CONDITION_FORMS)
    return Finding("empty", "a condition is empty", path, CONDITION_FORMS)


def _mixed(path: Path, model: type[BaseModel], key: str) -> Finding:
    group = "all" if model is All else "any"
    if key in ("all", "any"):
        message, advice = "a group has `all` or `any`, not both", "put one of them into the list of the other"
    else:
        message = f"an object with {quoted(group)} is a group, and cannot be a test as well"
        advice = f"put the test into the list of {quoted(group)}"
    return Finding("mixed-group", message, (*path, key), advice)
