"""Faults of the keys of one object: a slip makes one key unknown and another one missing, and is one fault."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Sequence

from pydantic import BaseModel

from medpolicy.load.values import CONDITION_FORMS
from medpolicy.revision import All, Any_, Test
from medpolicy.source import Finding, Path, listed, nearest, quoted

_IN_A_CONDITION = ("all", "any", "name", "operator", "value")
_SELDOM = ("note", "$schema")


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
    for key, advice in slips(unknown, missing, given, keys):
        if advice is None:
            yield Finding("missing-key", f"the key {quoted(key)} is missing", path, f"add {quoted(key)}")
        else:
            if key == "note":
                advice = "a test has no note; the group around it may have one"
            yield Finding("unknown-key", f"unknown key {quoted(key)}", (*path, key), advice)


def slips(
    unknown: Iterable[str], missing: Iterable[str], given: Container[str], names: Sequence[str], what: str = "keys here"
) -> Iterator[tuple[str, str | None]]:
    """Each unknown name with a help line, and each missing one, with None, that no unknown one stands for."""
    left, unknown = list(missing), list(unknown)
    for name in unknown:
        meant = nearest(name, left)
        if meant is not None:
            left.remove(meant)
        meant = meant or nearest(name, [each for each in names if each not in given])
        advice = f"did you mean {quoted(meant)}?" if meant else f"the {what} are {listed(names, last='and')}"
        if meant is None and len(unknown) == len(left) == 1:
            advice += f"; {quoted(left.pop())} is missing"
        yield name, advice
    yield from ((name, None) for name in left)


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
