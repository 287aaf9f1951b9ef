"""What a verdict says, in which order, and with which words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evaluate.contract import LOADED, MAY_BE_MISSING, by_the_contract, revisions
from medpolicy import Policy
from medpolicy.evaluate.decide import Decider
from medpolicy.language.request import facts_of
from medpolicy.testing import near_boundaries, requests

ENGINES = ("tables", "business-rules")


def ids(parts):
    return [part.id for part in parts]


@given(requests(LOADED) | near_boundaries(LOADED))
def test_each_part_of_an_answer_has_the_words_and_the_citation_of_the_file(document, request):
    found = LOADED.decide(request)
    fallbacks = [document["unlisted"], document["not_in_effect"]]
    criteria = [criterion for pathway in document["pathways"] for criterion in pathway["criteria"]]
    rules = {rule["id"]: rule for rule in (*criteria, *document["review_flags"], *fallbacks)}

    def joined(id, words):
        return "\n".join(document["passages"][cite][words] for cite in rules[id]["cites"])

    for criterion in found.criteria:
        assert criterion.text == joined(criterion.id, "says")
    for part in (*found.denial_reasons, *found.review_flags):
        [action] = rules[part.id].get("otherwise") or rules[part.id]["actions"]
        assert [part.text] == list(action["params"].values())
    for part in (*found.criteria, *found.denial_reasons, *found.review_flags):
        assert part.citation == joined(part.id, "where")
    for flag in found.review_flags:
        assert flag.kind == rules[flag.id].get("kind", "gate")


@given(
    revisions(),
    st.lists(requests(LOADED), min_size=1, max_size=4),
    st.sets(st.sampled_from(MAY_BE_MISSING), min_size=4),
)
def test_any_revision_is_decided_as_the_contract_says(revision, drawn, emptied):
    other = Policy(LOADED.vocabulary, (Decider(revision, "sha256:any", LOADED.vocabulary),))

    for request in [request | dict.fromkeys(emptied) for request in drawn]:
        expected = by_the_contract(revision, facts_of(LOADED.request(request)), LOADED)
        for engine in ENGINES:
            found = other.decide(request, revision=revision.revision, engine=engine)
            assert {
                "decision": found.decision,
                "coverage": found.coverage,
                "pathway": found.pathway,
                "criteria": [(criterion.id, criterion.status) for criterion in found.criteria],
                "not_met": list(found.not_met),
                "missing": list(found.missing),
                "denial_reasons": ids(found.denial_reasons),
                "review_flags": ids(found.review_flags),
                "approves": found.authorization is not None,
            } == expected
