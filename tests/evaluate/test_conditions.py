"""Conditions as trees over class codes: what they say is what the stock engine says of the condition as written."""

from __future__ import annotations

from drawing import asks
from hypothesis import given
from hypothesis import strategies as st
from small import TESTED, WORDS, Json, conditions, criterion, every_request, pathway, revision_of

from medpolicy.evaluate.conditions import Branch, Leaf, Trees, missing_facts
from medpolicy.evaluate.engine import StockEngine
from medpolicy.evaluate.status import Status
from medpolicy.evaluate.tables import tables
from medpolicy.language.condition import Condition

RED, GREEN = (asks("color", "equal_to", option) for option in ("red", "green"))
SMOKER, URGENT = asks("smoker", "is_true", True), asks("urgent", "is_true", True)


def read(*contents: Json) -> list[Condition]:
    return [pathway.applies for pathway in revision_of([a_pathway(content) for content in contents], []).pathways]


def a_pathway(content: Json) -> Json:
    return pathway("p", content, [criterion("c", content)])


def trees(*contents: Json) -> list[Leaf | Branch]:
    known = read(*contents)
    made = Trees(tables(known, WORDS))
    return [made.of(condition) for condition in known]


def test_parts_that_say_the_same_are_one_object() -> None:
    one, other, wrapped = trees(
        {"all": [{"any": [RED, SMOKER]}, URGENT]}, {"any": [RED, SMOKER]}, {"all": [{"any": [{"any": [RED]}, SMOKER]}]}
    )
    assert isinstance(one, Branch)
    assert one.parts[1] is other is wrapped


def test_tests_of_one_variable_become_one_leaf_and_come_first() -> None:
    [tree] = trees({"any": [{"all": [SMOKER, URGENT]}, RED, {"any": [GREEN]}]})
    assert isinstance(tree, Branch)
    assert not tree.holds_when_all
    color, group = tree.parts
    assert isinstance(color, Leaf)
    assert (color.name, color.statuses) == ("color", (Status.UNKNOWN, Status.MET, Status.MET))
    assert isinstance(group, Branch)
    assert [leaf.name for leaf in tree.leaves()] == ["color", "smoker", "urgent"]


def test_a_condition_on_one_variable_is_a_leaf() -> None:
    [tree] = trees({"all": [{"any": [RED]}, GREEN]})
    assert isinstance(tree, Leaf)
    assert set(tree.statuses[1:]) == {Status.NOT_MET}


@given(st.data())
def test_status_and_missing_facts_are_those_of_the_stock_engine(data: st.DataObject) -> None:
    content = data.draw(conditions(data.draw(st.lists(st.sampled_from(TESTED), min_size=2, max_size=3, unique=True))))
    revision = revision_of([a_pathway(content)], [])
    condition = revision.pathways[0].applies
    known = tables([condition], WORDS)
    tree = Trees(known).of(condition)
    for facts in every_request([revision]):
        codes = {name: table.code(facts[name]) for name, table in known.items()}
        engine = StockEngine(WORDS, {"c": condition}, facts)
        assert tree.status(codes) is engine.status("c")
        assert missing_facts(tree, codes, WORDS) == engine.missing("c")
