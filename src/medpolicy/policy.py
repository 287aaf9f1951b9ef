"""A policy: its revisions, and the answers they give."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast

from medpolicy.evaluate.decide import Decider
from medpolicy.evaluate.engine import StockEngine
from medpolicy.language.determination import Determination, Verdict
from medpolicy.language.extra import Extra
from medpolicy.language.request import PriorAuthorizationRequest, facts_of, read_request
from medpolicy.language.revision import Revision
from medpolicy.language.vocabulary import Vocabulary, find_vocabulary
from medpolicy.load import RuleFile
from medpolicy.load.folder import read_rule_files, rules_folder, unknown_revision
from medpolicy.text.diagnostics import log_loaded, report_failure
from medpolicy.text.findings import listed, quoted

if TYPE_CHECKING:
    from medpolicy.columns.frame import ColumnDecider
    from medpolicy.columns.table import TableResult
    from medpolicy.evaluate.compiled import Compiled
    from medpolicy.evaluate.recall import Given, Recall

Engine = Literal["tables", "business-rules"]
ENGINES: tuple[Engine, ...] = ("tables", "business-rules")


class UndecidedRequest(RuntimeError):
    """A request could not be decided because the program failed; the message holds no member's data."""


@dataclass(frozen=True)
class Policy:
    """Every revision of one policy, in the order of their dates. Immutable; threads may share it, and it can be pickled."""

    vocabulary: Vocabulary
    deciders: tuple[Decider, ...]

    @property
    def name(self) -> str:
        """The policy's name, as in its folder."""
        return self.vocabulary.policy

    @property
    def revisions(self) -> tuple[Revision, ...]:
        """The revisions, earliest first."""
        return tuple(decider.revision for decider in self.deciders)

    def revision(self, id: str) -> Revision:
        """The revision with an id. Raises `InvalidPolicy` where there is none."""
        return self._pinned(id).revision

    def request(self, record: Mapping[str, Any] | PriorAuthorizationRequest) -> PriorAuthorizationRequest:
        """The typed request that a mapping holds. Raises `InvalidRequest` with every fault."""
        return read_request(self.vocabulary.request, record)

    def decide(
        self,
        request: Mapping[str, Any] | PriorAuthorizationRequest,
        *,
        revision: str | None = None,
        engine: Engine = "tables",
    ) -> Determination:
        """Decide one request.

        A mapping holds JSON values, and may hold dates, sets and tuples. `revision` pins a revision whatever the date.
        `engine="business-rules"` decides by the stock engine alone; the tables made from it give the same answers faster.
        Raises `InvalidRequest` (with `findings`) for a faulty request, `UndecidedRequest` where the program itself fails.
        """
        if engine not in ENGINES:
            raise ValueError(f"unknown engine {quoted(engine)}; the engines are {listed(ENGINES, last='and')}")
        plain = engine == "tables" and type(request) is dict
        if plain and (recognised := self._recognised(cast(dict[str, Any], request), revision)) is not None:
            return Determination(*recognised)
        known = self.request(request)
        pinned = None if revision is None else self._pinned(revision)
        decided = self._decided(known, pinned, engine)
        if isinstance(decided, str):
            raise UndecidedRequest(f"the request could not be decided ({decided})")
        if plain and decided.revision is not None:
            self._learn(cast(dict[str, Any], request), decided)
        return decided

    def decide_table(self, table: Any, *, revision: str | None = None, extra: Extra = "refuse") -> TableResult:
        """Decide each row of an Arrow or Polars table, in columns.

        `decided` has a row for each record without a fault, in their order, `rejected` the number (from 1), the id and
        the faults of every other. Unknown columns are refused, dropped (`extra="ignore"`) or carried along (`"keep"`).
        Raises `InvalidRequest` where the columns themselves cannot be used, `ValueError` for another word for `extra`.
        """
        from medpolicy.columns.table import decide_table

        return decide_table(self.column_decider(revision), table, extra)

    def column_decider(self, revision: str | None = None) -> ColumnDecider:
        """The policy, or one pinned revision of it, ready to decide frames of requests in columns."""
        from medpolicy.columns.frame import ColumnDecider

        if revision is None:
            return ColumnDecider([self._compiled[decider.digest] for decider in self.deciders])
        return ColumnDecider([self._compiled[self._pinned(revision).digest]], pinned=True)

    def decider_on(self, day: date) -> Decider | None:
        """The revision in effect on a day, or None."""
        return next((decider for decider in self.deciders if decider.revision.in_effect(day)), None)

    def rule_data(self) -> dict[str, Any]:
        """What a rule builder needs, in the shape of `business_rules.export_rule_data`."""
        return self.vocabulary.rule_data()

    def _decided(
        self, request: PriorAuthorizationRequest, pinned: Decider | None, engine: Engine
    ) -> Determination | str:
        """The determination, or the kind of failure: the failure itself may hold values, and does not leave this."""
        try:
            return self._decide(request, pinned, engine)
        except Exception as error:
            report_failure(error)
            return type(error).__name__

    def _decide(self, request: PriorAuthorizationRequest, pinned: Decider | None, engine: Engine) -> Determination:
        facts = facts_of(request)
        day = facts[self.vocabulary.service_day]
        decider = pinned or self.decider_on(day)
        if decider is None:
            return Determination(self._nearest(day).without_revision, facts)
        if engine == "tables":
            return Determination(self._compiled[decider.digest].verdict(facts), facts)
        return Determination(decider.verdict(StockEngine(self.vocabulary, decider.conditions, facts)), facts)

    def _recognised(self, record: dict[str, Any], revision: str | None) -> tuple[Verdict, Given] | None:
        """The verdict on a record of values that were accepted before, or None."""
        if revision is not None:
            recall = self._recalls.get(revision)
        else:
            day = record.get(self.vocabulary.service_day)
            recall = self._by_day.get(day) if type(day) is str else None
        return None if recall is None else recall.verdict(record)

    def _learn(self, record: dict[str, Any], decided: Determination) -> None:
        recall = self._recalls[cast(str, decided.revision)]
        recall.learn(record, decided.facts)
        name = self.vocabulary.service_day
        day = record[name]
        if type(day) is str and self.decider_on(decided.facts[name]) is recall.decider:
            self._by_day[day] = recall

    @cached_property
    def _recalls(self) -> Mapping[str, Recall]:
        from medpolicy.evaluate.recall import Recall

        return {decider.revision.revision: Recall(self._compiled[decider.digest]) for decider in self.deciders}

    @cached_property
    def _by_day(self) -> dict[str, Recall]:
        return {}

    @cached_property
    def _compiled(self) -> Mapping[str, Compiled]:
        from medpolicy.evaluate.compiled import Compiled

        return {decider.digest: Compiled(decider) for decider in self.deciders}

    def _nearest(self, day: date) -> Decider:
        """The last revision that began on or before a day, else the first one."""
        begun = [decider for decider in self.deciders if decider.revision.effective_from <= day]
        return begun[-1] if begun else self.deciders[0]

    def _pinned(self, id: str) -> Decider:
        by_id = {decider.revision.revision: decider for decider in self.deciders}
        if id in by_id:
            return by_id[id]
        raise unknown_revision(self.name, id, list(by_id))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (
            self.name,
            tuple((decider.revision.model_dump_json(by_alias=True), decider.digest) for decider in self.deciders),
        )


def _restore(name: str, revisions: tuple[tuple[str, str], ...]) -> Policy:
    vocabulary = find_vocabulary(name)
    return Policy(
        vocabulary, tuple(Decider(Revision.model_validate_json(text), digest, vocabulary) for text, digest in revisions)
    )


def load_policy(name: str, rules: str | os.PathLike[str] | None = None) -> Policy:
    """Every revision of a policy. Raises `InvalidPolicy` with every fault of its rule files.

    `rules` is a folder with a folder for each policy; without it `MEDPOLICY_RULES` or the installed rules are read.
    """
    vocabulary = find_vocabulary(name)
    policy = policy_of(vocabulary, read_rule_files(name, rules_folder(name, rules)))
    log_loaded(name, *(f"revision {revision.revision}" for revision in policy.revisions))
    return policy


def policy_of(vocabulary: Vocabulary, files: list[RuleFile]) -> Policy:
    """The policy that usable rule files make."""
    deciders = [Decider(file.revision, file.digest, vocabulary) for file in files if file.revision is not None]
    return Policy(vocabulary, tuple(sorted(deciders, key=lambda decider: decider.revision.effective_from)))
