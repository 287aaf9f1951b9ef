"""Which revision decides, and that nothing of a policy or a determination can be changed."""

from __future__ import annotations

import copy
import hashlib
import inspect
import json
import pickle
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from project import APPROVED, CONTINUED, NAME

import medpolicy
from medpolicy import InvalidPolicy, Policy, UndecidedRequest, load_policy
from medpolicy.evaluate.compiled import Compiled
from medpolicy.evaluate.engine import StockEngine
from medpolicy.language.revision import Revision

ENGINES = ("tables", "business-rules")


@pytest.fixture(scope="session")
def two_revisions(tmp_path_factory, document) -> Policy:
    """The policy as it would be with a first revision to the end of 2026 and, after a month without one, a second.

    The second allows 4 cycles, authorizes 6 months and ends with 2100.
    """
    folder = tmp_path_factory.mktemp("rules") / NAME
    folder.mkdir()
    first = document | {"effective_to": "2026-12-31"}
    second = json.loads(json.dumps(document)) | {"revision": "2027-02-01", "effective_from": "2027-02-01"}
    second["effective_to"] = "2100-12-31"
    for pathway in second["pathways"]:
        pathway["actions"][0]["params"] = {"months": 6, "max_total_cycles": 4}
        for criterion in pathway["criteria"]:
            if criterion["id"].endswith("cycle_cap"):
                criterion["conditions"]["all"][0]["value"] = 4
    second["not_in_effect"]["actions"][0]["params"]["text"] = "Ask for the policy of that day."
    for revision in (second, first):
        (folder / f"{revision['revision']}.json").write_text(json.dumps(revision), encoding="utf-8")
    return load_policy(NAME, rules=folder.parent)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("day", "revision"),
    [
        ("1900-01-01", None),
        ("2026-04-01", None),
        ("2026-04-02", "2026-04-02"),
        ("2026-04-03", "2026-04-02"),
        ("2026-12-30", "2026-04-02"),
        ("2026-12-31", "2026-04-02"),
        ("2027-01-01", None),
        ("2027-01-31", None),
        ("2027-02-01", "2027-02-01"),
        ("2100-12-31", "2027-02-01"),
        ("2101-01-01", None),
        ("2199-12-31", None),
    ],
)
def test_the_revision_in_effect_on_the_service_date_decides_its_first_and_last_day_included(
    two_revisions, engine, day, revision
):
    found = two_revisions.decide(APPROVED | {"birth_date": None, "service_start_date": day}, engine=engine)

    assert found.revision == revision
    assert found.decision == ("pended" if revision is None else "approved")
    assert (found.authorization.months if revision else None) == {None: None, "2026-04-02": 12, "2027-02-01": 6}[
        revision
    ]


def test_each_revision_decides_by_its_own_rules(two_revisions):
    five = APPROVED | {"cycles_requested": 5}
    assert two_revisions.decide(five).decision == "approved"
    later = two_revisions.decide(five | {"service_start_date": "2027-02-01"})
    assert (later.decision, later.not_met) == ("denied", ("relapsed_refractory.cycle_cap",))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("day", ["2026-04-01", "2027-01-31"])
def test_where_no_revision_is_in_effect_nothing_else_is_evaluated(two_revisions, engine, day):
    record = CONTINUED | {"service_start_date": day, "plan_document_conflict": True, "birth_date": day}
    found = two_revisions.decide(record, engine=engine)

    assert (found.decision, found.coverage) == ("pended", "unknown")
    assert (found.pathway, found.revision, found.rules_digest, found.authorization) == (None, None, None, None)
    assert found.criteria == found.not_met == found.missing == found.denial_reasons == ()
    assert [(flag.id, flag.kind) for flag in found.review_flags] == [("no_revision_in_effect", "gate")]
    assert found.requires_clinician_review is False


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("day", "said_by"),
    [("2026-04-01", 0), ("2027-01-15", 0), ("2101-01-01", 1)],
    ids=["before the first", "in the gap", "after the last"],
)
def test_where_none_is_in_effect_the_words_are_those_of_the_last_revision_before_or_else_of_the_first(
    two_revisions, engine, day, said_by
):
    revision = two_revisions.revisions[said_by]
    [flag] = two_revisions.decide(APPROVED | {"service_start_date": day}, engine=engine).review_flags
    assert flag.text == revision.not_in_effect.actions[0].params["text"]
    assert flag.citation == "\n".join(revision.passages[cite].where for cite in revision.not_in_effect.cites)


@pytest.mark.parametrize("day", ["1900-01-01", "2026-05-01", "2027-01-15", "2027-02-01"])
@pytest.mark.parametrize("revision", ["2026-04-02", "2027-02-01"])
def test_a_pinned_revision_decides_whatever_the_date(two_revisions, day, revision):
    record = APPROVED | {"birth_date": None, "service_start_date": day}
    for engine in ENGINES:
        found = two_revisions.decide(record, revision=revision, engine=engine)
        assert (found.revision, found.decision) == (revision, "approved")
        assert found.authorization.start == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("revision", "advice"),
    [("2026-04-20", "did you mean `2026-04-02`?"), ("latest", "the revisions are `2026-04-02` and `2027-02-01`")],
)
def test_a_pinned_revision_that_does_not_exist_is_refused(two_revisions, revision, advice):
    with pytest.raises(InvalidPolicy) as refused:
        two_revisions.decide(APPROVED, revision=revision)
    [found] = refused.value.findings
    assert (found.code, found.help) == ("unknown-revision", advice)
    assert found.message == f"unknown revision `{revision}` of `{NAME}`"


def test_the_revisions_stand_in_the_order_of_their_dates(two_revisions):
    assert [revision.revision for revision in two_revisions.revisions] == ["2026-04-02", "2027-02-01"]
    assert two_revisions.revision("2027-02-01").effective_from == date(2027, 2, 1)


# When the program itself fails


@pytest.mark.parametrize(
    ("engine", "broken", "method"),
    [("business-rules", StockEngine, "status"), ("tables", Compiled, "_verdict"), ("tables", Compiled, "codes")],
    ids=["stock", "reader", "model"],
)
def test_a_failure_of_the_program_is_told_without_a_value_of_the_request(monkeypatch, engine, broken, method):
    def fail(*_):
        raise ValueError("the member PA-1001 born 1971-11-08")

    monkeypatch.setattr(broken, method, fail)
    fresh = load_policy(NAME)
    with pytest.raises(UndecidedRequest) as failed:
        fresh.decide(APPROVED if method != "codes" else fresh.request(APPROVED), engine=engine)

    assert str(failed.value) == "the request could not be decided (ValueError)"
    told = "".join(traceback.format_exception(failed.value))
    assert "1971" not in told
    assert "PA-1001" not in told
    assert pickle.loads(pickle.dumps(failed.value)).args == failed.value.args


# Sharing, and changing nothing


def test_threads_may_share_a_policy(policy):
    fresh = load_policy(NAME)
    records = [
        APPROVED | {"request_id": f"PA-{number}", "cycles_requested": number % 9 + 1, "lineage": lineage}
        for number in range(60)
        for lineage in ("b_cell_precursor", "t_cell", None)
    ]
    expected = [policy.decide(record).to_json() for record in records]
    start = threading.Barrier(8)

    def decide_all(_):
        start.wait(timeout=30)
        return [fresh.decide(record).to_json() for record in records]

    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(decide_all, range(8)):
            assert found == expected


def test_a_policy_survives_pickling(policy, two_revisions):
    for loaded in (policy, two_revisions):
        again = pickle.loads(pickle.dumps(loaded))
        for record in (APPROVED, CONTINUED):
            assert again.decide(record) == loaded.decide(record)
            assert again.decide(record).to_json() == loaded.decide(record).to_json()


def test_a_policy_has_a_hash_that_equal_ones_share(policy, two_revisions):
    for loaded in (policy, two_revisions):
        again = pickle.loads(pickle.dumps(loaded))
        assert (again, hash(again), hash(again.revisions)) == (loaded, hash(loaded), hash(loaded.revisions))
    assert len({policy, load_policy(NAME), two_revisions}) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda mapping, key: mapping.__setitem__(key, "x"),
        lambda mapping, key: mapping.__delitem__(key),
        lambda mapping, key: mapping.pop(key),
        lambda mapping, _: mapping.popitem(),
        lambda mapping, _: mapping.clear(),
        lambda mapping, _: mapping.update(),
        lambda mapping, key: mapping.setdefault(key, "x"),
        lambda mapping, _: mapping.__ior__({}),
    ],
    ids=["set", "del", "pop", "popitem", "clear", "update", "setdefault", "or"],
)
def test_the_mappings_of_a_revision_cannot_be_changed(policy, change):
    (revision,) = policy.revisions
    copied = copy.deepcopy(revision)
    for same in (revision, copied, pickle.loads(pickle.dumps(revision))):
        for mapping in (same.passages, same.pathways[0].actions[0].params):
            with pytest.raises(TypeError, match=r"^a rule file does not change once it is read$"):
                change(mapping, next(iter(mapping)))
    assert revision == copied


def fields_of(value):
    properties = [name for name, found in vars(type(value)).items() if isinstance(found, property)]
    return getattr(value, "__dataclass_fields__", None) or getattr(type(value), "model_fields", properties)


def test_nothing_of_a_policy_or_a_determination_can_be_set(policy):
    denied = policy.decide(APPROVED | {"lineage": "t_cell", "birth_date": "2026-04-30"})
    approved = policy.decide(APPROVED)
    revision = policy.revisions[0]
    parts = [
        policy,
        policy.vocabulary,
        *policy.deciders,
        revision,
        revision.source,
        revision.pathways[0],
        revision.pathways[0].criteria[0],
        revision.pathways[0].applies,
        revision.pathways[0].actions[0],
        revision.review_flags[0],
        denied,
        denied.verdict,
        denied.criteria[0],
        denied.denial_reasons[0],
        denied.review_flags[0],
        approved.authorization,
        approved.verdict.terms,
        policy.request(APPROVED),
    ]
    for part in parts:
        for name in fields_of(part):
            with pytest.raises((AttributeError, TypeError, ValueError)):
                setattr(part, name, getattr(part, name, None))
            with pytest.raises((AttributeError, TypeError, ValueError)):
                delattr(part, name)


def test_the_facts_of_a_determination_cannot_be_changed(policy):
    found = policy.decide(APPROVED | {"combination_regimen": ["imatinib"]})
    before = found.to_json()
    with pytest.raises(TypeError):
        found.facts["lineage"] = "t_cell"
    found.criteria[3].observed["combination_regimen"].append("other")
    found.criteria[3].observed.clear()
    found.to_dict()["decision"] = "approved"
    assert found.to_json() == before


def test_a_determination_does_not_change_with_the_record_it_came_from(policy):
    record = APPROVED | {"combination_regimen": ["imatinib"]}
    found = policy.decide(record)
    before = found.to_json()
    record["combination_regimen"].append("other")
    record["lineage"] = "t_cell"
    assert found.to_json() == before


# The digest


def canonical(value) -> str:
    """RFC 8785 of a document without decimal numbers: keys in the order of their UTF-16 code units, no blanks."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(key)}:{canonical(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def test_the_digest_is_the_sha_256_of_the_canonical_json_of_the_revision(policy, document, two_revisions):
    expected = "sha256:" + hashlib.sha256(canonical(document).encode()).hexdigest()
    assert policy.decide(APPROVED).rules_digest == expected
    assert two_revisions.decide(APPROVED).rules_digest != expected


def test_the_digest_does_not_depend_on_how_the_file_is_laid_out(tmp_path, policy, document):
    (tmp_path / NAME).mkdir()
    turned = dict(reversed(document.items()))
    (tmp_path / NAME / "r.json").write_text(json.dumps(turned, indent=7, ensure_ascii=True), encoding="utf-8")
    assert load_policy(NAME, rules=tmp_path).decide(APPROVED).rules_digest == policy.decide(APPROVED).rules_digest


def test_the_digest_changes_with_every_word_of_the_rules(tmp_path, policy, document):
    digests = {policy.decide(APPROVED).rules_digest}
    (tmp_path / NAME).mkdir()
    for change in ({"title": "Another title"}, {"effective_to": "2030-01-01"}, {"note": "a remark"}):
        (tmp_path / NAME / "r.json").write_text(json.dumps(document | change), encoding="utf-8")
        digests.add(load_policy(NAME, rules=tmp_path).decide(APPROVED).rules_digest)
    assert len(digests) == 4


# Public names


@pytest.mark.parametrize("name", [name for name in medpolicy.__all__ if name != "__version__"])
def test_a_public_name_says_what_a_caller_needs(name):
    public = getattr(medpolicy, name)
    assert public.__doc__
    assert not public.__doc__.startswith(f"{name}("), "a docstring, not the signature that dataclasses write"
    if inspect.isclass(public):
        for member, value in vars(public).items():
            if not member.startswith("_") and (inspect.isfunction(value) or isinstance(value, property | classmethod)):
                assert inspect.getdoc(value), f"{name}.{member} has no docstring"


def test_the_version_is_that_of_every_determination(policy):
    assert policy.decide(APPROVED).engine_version == medpolicy.__version__


def test_all_public_names_are_listed():
    assert sorted(medpolicy.__all__) == medpolicy.__all__
    assert medpolicy.__version__ == medpolicy.__version__.strip()


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_the_revision_in_effect_follows_its_days(policy, day):
    revision: Revision = policy.revisions[0]
    assert revision.in_effect(day) is (day >= date(2026, 4, 2))
    ended = revision.model_copy(update={"effective_to": day})
    assert ended.in_effect(day) is (day >= date(2026, 4, 2))
    assert ended.in_effect(day + timedelta(days=1)) is False


def test_an_unknown_engine_is_refused_by_name(policy: Policy) -> None:
    with pytest.raises(ValueError, match="unknown engine `nonsense`; the engines are `tables` and `business-rules`"):
        policy.decide({}, engine="nonsense")  # type: ignore[arg-type]
