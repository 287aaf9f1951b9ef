"""A revision on its tables says what the stock engine says, and requests that no test tells apart share their verdict."""

from __future__ import annotations

from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st
from small import EXAMPLES, WORDS, documents, every_request, revision

from evaluate.contract import LOADED, conditions, kleene
from medpolicy.evaluate.compiled import CodedStatuses, Compiled
from medpolicy.evaluate.decide import Decider
from medpolicy.evaluate.engine import StockEngine
from medpolicy.language.request import facts_of
from medpolicy.testing import requests


@given(conditions, st.lists(requests(LOADED), min_size=1, max_size=3))
def test_any_condition_means_to_the_tables_what_it_means_to_kleene(condition, drawn):
    [pathway, *_] = LOADED.revisions[0].pathways
    only = pathway.model_copy(update={"applies": condition})
    one = LOADED.revisions[0].model_copy(update={"pathways": (only,), "review_flags": ()})
    compiled = Compiled(Decider(one, "sha256:any", LOADED.vocabulary))
    for request in drawn:
        facts = facts_of(LOADED.request(request))
        coded = CodedStatuses(compiled, compiled.codes(facts))
        assert (coded.status(only.id).word, set(coded.missing(only.id))) == kleene(condition, facts, LOADED)


@settings(EXAMPLES)
@given(documents(), st.randoms(use_true_random=False))
def test_the_verdict_is_that_of_the_stock_engine_and_one_for_all_requests_with_the_same_codes(document, random):
    decider = Decider(revision(document), "", WORDS)
    compiled = Compiled(decider)
    every = list(islice(every_request([decider.revision]), 5000))
    shared = {}
    for facts in random.sample(every, min(len(every), 20)):
        found = compiled.verdict(facts)
        assert found == decider.verdict(StockEngine(WORDS, decider.conditions, facts))
        assert shared.setdefault(tuple(compiled.codes(facts).items()), found) is found
