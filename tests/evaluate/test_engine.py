"""The reference engine: the status of any condition, and what it waits for, as Kleene's logic has them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evaluate.contract import LOADED, conditions, kleene
from medpolicy.evaluate.engine import StockEngine
from medpolicy.evaluate.status import Status
from medpolicy.language.request import facts_of
from medpolicy.testing import requests


@given(conditions, st.lists(requests(LOADED), min_size=1, max_size=3))
def test_any_condition_means_to_the_stock_engine_what_it_means_to_kleene(condition, drawn):
    for request in drawn:
        facts = facts_of(LOADED.request(request))
        status, waiting = kleene(condition, facts, LOADED)
        engine = StockEngine(LOADED.vocabulary, {"it": condition}, facts)
        assert (engine.status("it").word, engine.missing("it")) == (status, waiting)
        assert engine.evaluate(condition) is engine.status("it")
        assert engine.holds(condition) is (engine.status("it") is Status.MET)
