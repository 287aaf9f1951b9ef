"""Requests whose values were all accepted before: they are decided by look-ups, without validation.

For each field, the first time the model accepts a value, what it adds to the key of the request is kept under the exact
type of the value. A record with an unknown value takes the long way, which reports its faults or learns its values. Types
are never mixed: `True` is not 1, and neither is 1.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from medpolicy.evaluate.compiled import MOST_REMEMBERED, Compiled
from medpolicy.evaluate.decide import Decider
from medpolicy.language.determination import Verdict
from medpolicy.language.request import PriorAuthorizationRequest, facts_of, read_request

ByType = dict[type, dict[Any, int]]


class Given:
    """The facts of a recognised record, worked out when they are read."""

    __slots__ = ("_model", "_record")

    def __init__(self, model: type[PriorAuthorizationRequest], record: dict[str, Any]) -> None:
        self._model = model
        self._record = record

    def known(self) -> Mapping[str, Any]:
        """The facts, derived ones included; None where missing."""
        return facts_of(read_request(self._model, self._record))


class Recall:
    """The values accepted so far for one revision, with what each adds to the key of a verdict."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._model = compiled.decider.vocabulary.request
        names = self._model.model_fields
        self._values: dict[str, ByType] = {name: {} for name in names}
        self._values["request_id"] = {str: _AnyText()}
        self._pairs: list[tuple[str, str, dict[tuple[Any, Any], int]]] = []
        for combinator, _ in self._model.derived.values():
            self._pairs.append((*combinator.parts, {}))
        self._pairs += [(before, after, {}) for before, after in self._model.earlier]
        fields = self._model.model_fields
        self._defaults = {name: None if info.is_required() else info.default for name, info in fields.items()}
        self._absent: int | None = None

    @property
    def decider(self) -> Decider:
        """The revision that decides."""
        return self._compiled.decider

    def verdict(self, record: dict[str, Any]) -> tuple[Verdict, Given] | None:
        """The verdict on a record with its facts, or None where a value or their combination is new."""
        key = self._absent
        if key is None:
            return None
        given = record.copy()
        try:
            for name, value in record.items():
                if type(value) is list:
                    given[name] = value = tuple(value)
                    key += self._values[name][list][value]
                else:
                    key += self._values[name][type(value)][value]
            get = given.get
            for first, second, known in self._pairs:
                key += known[get(first), get(second)]
            if not record["request_id"].isascii() or not record["request_id"]:
                return None
        except (KeyError, TypeError):
            return None
        found = self._compiled.remembered(key)
        return None if found is None else (found, Given(self._model, given))

    def learn(self, record: dict[str, Any], facts: Mapping[str, Any]) -> None:
        """Keep the values of a record that the model accepted, whose facts are given."""
        part = self._compiled.part
        if self._absent is None:
            self._absent = sum(part(name, value) for name, value in self._defaults.items())
        for name, value in record.items():
            if name != "request_id":
                kept = tuple(value) if type(value) is list else value
                _keep(
                    self._values[name].setdefault(type(value), {}),
                    kept,
                    part(name, facts[name]) - part(name, self._defaults[name]),
                )
        pairs = iter(self._pairs)
        for name in self._model.derived:
            first, second, known = next(pairs)
            _keep(known, (_plain(record, first), _plain(record, second)), part(name, facts[name]))
        for first, second, known in pairs:
            _keep(known, (_plain(record, first), _plain(record, second)), 0)


class _AnyText(dict[Any, int]):
    """Identifiers: any text, which adds nothing to a key."""

    def __missing__(self, _: Any) -> int:
        return 0


def _keep(known: dict[Any, int], value: Any, part: int) -> None:
    try:
        if len(known) >= MOST_REMEMBERED:
            known.clear()
        known[value] = part
    except TypeError:  # a value without a hash is not kept: its record takes the long way
        return


def _plain(record: Mapping[str, Any], name: str) -> Any:
    value = record.get(name)
    return tuple(value) if type(value) is list else value
