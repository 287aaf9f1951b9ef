"""A policy: its revisions, and the answers they give."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from medpolicy.evaluate.decide import Decider
from medpolicy.evaluate.engine import StockEngine
from medpolicy.language.determination import Determination
from medpolicy.language.extra import Extra
from medpolicy.language.record import read_json_request
from medpolicy.language.request import PriorAuthorizationRequest, facts_of, read_request
from medpolicy.language.revision import Revision
from medpolicy.language.vocabulary import Vocabulary, find_vocabulary
from medpolicy.load import RuleFile
from medpolicy.load.folder import read_rule_files, rules_folder, unknown_revision
from medpolicy.text.diagnostics import log_loaded, report_failure
from medpolicy.text.findings import Unusable, listed, quoted
from medpolicy.text.json_text import parse_json

if TYPE_CHECKING:
    from medpolicy.columns.frame import ColumnDecider
    from medpolicy.columns.table import TableResult
    from medpolicy.evaluate.compiled import Compiled
    from medpolicy.evaluate.reader import Reader

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
        if engine != "tables" and engine not in ENGINES:
            raise ValueError(f"unknown engine {quoted(engine)}; the engines are {listed(ENGINES, last='and')}")
        failure = None
        try:
            if engine == "tables" and type(request) is dict:
                read = self._readers.get(revision)
                if read is not None and (answer := read(request)) is not None:
                    return answer
            known = self.request(request)
            return self._decide(known, None if revision is None else self._pinned(revision), engine)
        except Unusable:
            raise
        except Exception as error:
            # the failure itself may hold values of the request: it is not even the context of what is raised
            report_failure(error)
            failure = type(error).__name__
        raise UndecidedRequest(f"the request could not be decided ({failure})")

    def decide_json(self, text: bytes, *, revision: str | None = None) -> bytes:
        """Decide one request given as JSON text in UTF-8; the determination as one line of JSON, as `to_json` writes it.

        The text is read strictly: no key twice, no number that is not finite, nothing after the object. Raises as `decide`
        does; the findings of a faulty request have its line and column.
        """
        try:
            record = parse_json(text)
            if type(record) is dict:
                return self.decide(record, revision=revision).to_json()
        except Unusable:
            pass  # read once more, for the places of the faults
        request, _ = read_json_request(self.vocabulary.request, text)
        return self.decide(request, revision=revision).to_json()

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

    def _decide(self, request: PriorAuthorizationRequest, pinned: Decider | None, engine: Engine) -> Determination:
        facts = facts_of(request)
        day = facts[self.vocabulary.service_day]
        decider = pinned or self.decider_on(day)
        if decider is None:
            return Determination(self._nearest(day).without_revision, facts)
        if engine == "tables":
            return Determination(self._compiled[decider.digest].verdict(facts), facts)
        return Determination(decider.verdict(StockEngine(self.vocabulary, decider.conditions, facts)), facts)

    @cached_property
    def _readers(self) -> Mapping[str | None, Reader]:
        """The reader of each revision where it is pinned, and under None the one that picks the revision by the day."""
        from medpolicy.evaluate.reader import reader

        compiled = [self._compiled[decider.digest] for decider in self.deciders]
        pinned: dict[str | None, Reader] = {of.decider.revision.revision: reader(of) for of in compiled}
        read = reader(compiled[-1], on_any_day=lambda day: self._nearest(day).without_revision)
        for of in compiled:  # the latest is asked first
            read = reader(of, elsewhere=read)
        return pinned | {None: read}

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
