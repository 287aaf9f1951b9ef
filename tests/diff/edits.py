"""Edits of a rule file of the shipped policy, one fault or one rewriting at a time, each with a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from diff.axes import CHOICES, TREATMENTS

Json = dict[str, Any]
Edit = Callable[[Json], object]

SAME_VALUE = (
    ("equal_to", "not_equal_to", "less_than", "less_than_or_equal_to", "greater_than", "greater_than_or_equal_to"),
    ("is_one_of", "is_none_of"),
    ("is_true", "is_false"),
    ("is_exactly", "contains_all", "is_contained_by", "shares_at_least_one_element_with", "shares_no_elements_with"),
    ("contains", "does_not_contain"),
)
"""Operators that take values of one form; a choice has the first two of the first line."""


def edits(shipped: Json) -> Iterator[tuple[str, Json]]:
    """Every edit, as its name and the rule file after it."""
    for name, edit in [*_of_tests(shipped), *_of_groups(shipped), *_of_rules(shipped), *_of_the_rest(shipped)]:
        document = deepcopy(shipped)
        edit(document)
        yield name, document


def _places(document: Json) -> Iterator[tuple[str, Callable[[Json], tuple[Json, str]]]]:
    """Each condition: the id of its part, and where it stands in a copy of the document."""
    for p, one in enumerate(document["pathways"]):
        yield one["id"], lambda d, p=p: (d["pathways"][p], "applies")
        for c, criterion in enumerate(one["criteria"]):
            yield criterion["id"], lambda d, p=p, c=c: (d["pathways"][p]["criteria"][c], "conditions")
    for f, flag in enumerate(document["review_flags"]):
        yield flag["id"], lambda d, f=f: (d["review_flags"][f], "conditions")


def _parts(condition: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Json]]:
    """A condition and every part of it, with the way there."""
    yield path, condition
    for key in ("all", "any"):
        for place, part in enumerate(condition.get(key, ())):
            yield from _parts(part, (*path, key, place))


def _at(document: Json, place: Callable[[Json], tuple[Json, str]], path: tuple[Any, ...]) -> tuple[Any, Any]:
    """What holds a part of a condition, and under which key."""
    holder, key = place(document)
    for step in path:
        holder, key = holder[key], step
    return holder, key


def _instead(place: Any, path: tuple[Any, ...], part: Json) -> Edit:
    def edit(document: Json) -> None:
        holder, key = _at(document, place, path)
        holder[key] = deepcopy(part)

    return edit


def _of_tests(document: Json) -> Iterator[tuple[str, Edit]]:
    for id, place in _places(document):
        holder, key = place(document)
        for path, part in _parts(holder[key]):
            if "operator" in part:
                for said, other in _other_tests(part):
                    yield f"{id} {path}: {part['name']} {said}", _instead(place, path, other)


def _other_tests(of: Json) -> Iterator[tuple[str, Json]]:
    name, operator, value = of["name"], of["operator"], of["value"]
    for other in _other_values(name, value):
        yield f"{value} to {other}", of | {"value": other}
    among = next(operators for operators in SAME_VALUE if operator in operators)
    for other in among[:2] if isinstance(value, str) else among:
        if other != operator:
            yield f"{operator} to {other}", of | {"operator": other}
    if isinstance(value, str) and operator == "equal_to":
        yield "as a list", of | {"operator": "is_one_of", "value": [value]}
    yield "twice", {"all": [of, of]}
    yield "nested", {"any": [{"all": [of]}]}


def _other_values(name: str, value: Any) -> Iterator[Any]:
    options = TREATMENTS if name == "combination_regimen" else [option for option in CHOICES.get(name, ()) if option]
    if isinstance(value, list):
        yield from ([option for option in value if option != one] for one in value if len(value) > 1)
        yield from ([*value, one] for one in options if one not in value)
    elif isinstance(value, str):
        yield from (option for option in options if option != value)
    elif not isinstance(value, bool):
        yield from (number for number in (value - 1, value + 1, value + 2) if number >= 0)


def _of_groups(document: Json) -> Iterator[tuple[str, Edit]]:
    for id, place in _places(document):
        holder, key = place(document)
        for path, part in _parts(holder[key]):
            group = next((kind for kind in ("all", "any") if kind in part), None)
            if group is None or len(part[group]) < 2:
                continue
            other = "any" if group == "all" else "all"
            yield f"{id} {path}: {other} for {group}", _instead(place, path, {other: part[group]})
            yield f"{id} {path}: reversed", _instead(place, path, {group: part[group][::-1]})
            for n in range(len(part[group])):
                left = [inner for m, inner in enumerate(part[group]) if m != n]
                yield f"{id} {path}: without part {n}", _instead(place, path, {group: left})


def _of_rules(document: Json) -> Iterator[tuple[str, Edit]]:
    for p, one in enumerate(document["pathways"]):
        yield f"{one['id']} dropped", lambda d, p=p: d["pathways"].pop(p)
        yield f"{one['id']} renamed", lambda d, p=p: d["pathways"][p].update(id="another")
        for term, value in (("months", 6), ("max_total_cycles", 7)):
            yield f"{one['id']} {term}", lambda d, p=p, t=term, v=value: _terms(d, p).update({t: v})
        yield f"{one['id']} criteria reversed", lambda d, p=p: d["pathways"][p]["criteria"].reverse()
        for c, criterion in enumerate(one["criteria"]):
            yield f"{criterion['id']} dropped", lambda d, p=p, c=c: d["pathways"][p]["criteria"].pop(c)
            yield f"{criterion['id']} renamed", lambda d, p=p, c=c: d["pathways"][p]["criteria"][c].update(id="another")
            yield (
                f"{criterion['id']} said otherwise",
                lambda d, p=p, c=c: d["pathways"][p]["criteria"][c]["otherwise"][0]["params"].update(reason="No."),
            )
            yield (
                f"{criterion['id']} also in the next pathway",
                lambda d, p=p, c=c: d["pathways"][(p + 1) % 3]["criteria"].append(
                    d["pathways"][p]["criteria"][c] | {"id": "another"}
                ),
            )
    for f, flag in enumerate(document["review_flags"]):
        yield f"{flag['id']} dropped", lambda d, f=f: d["review_flags"].pop(f)
        yield f"{flag['id']} renamed", lambda d, f=f: d["review_flags"][f].update(id="another")
        for kind, holds in (("gate", None), ("note", None), ("hold", "approved"), ("hold", "denied")):
            if (kind, holds) != (flag["kind"], flag.get("holds")):
                yield (
                    f"{flag['id']} as {kind} {holds}",
                    lambda d, f=f, k=kind, h=holds: d["review_flags"][f].update(kind=k, holds=h),
                )


def _terms(document: Json, pathway: int) -> Json:
    terms: Json = document["pathways"][pathway]["actions"][0]["params"]
    return terms


def _of_the_rest(document: Json) -> Iterator[tuple[str, Edit]]:
    yield "unlisted renamed", lambda d: d["unlisted"].update(id="another")
    yield "unlisted said otherwise", lambda d: d["unlisted"]["actions"][0]["params"].update(reason="No.")
    yield "not in effect renamed", lambda d: d["not_in_effect"].update(id="another")
    yield "effective from moved", lambda d: d.update(effective_from="2026-05-01")
    yield "effective to set", lambda d: d.update(effective_to="2026-12-31")
    yield "pathways reversed", lambda d: d["pathways"].reverse()
    yield "flags reversed", lambda d: d["review_flags"].reverse()
    yield "an invariant dropped", lambda d: d["invariants"].pop()
    yield "nothing", lambda d: None
    by_age = {"name": "age_years", "operator": "less_than", "value": 18}
    by_day = {"name": "service_start_date", "operator": "before", "value": "2027-01-01"}
    for said, test in (("age", by_age), ("day of service", by_day)):
        yield (
            f"a criterion on the {said}",
            lambda d, test=test: d["pathways"][1]["criteria"].append(
                d["pathways"][1]["criteria"][0] | {"id": "another", "conditions": {"all": [test]}}
            ),
        )
