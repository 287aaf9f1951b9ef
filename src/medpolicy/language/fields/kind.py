"""The domain of a variable."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar

from medpolicy.language.fields.facts import FactType


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a value: the rest of a sentence that begins with its name, and a help line."""

    message: str
    help: str | None = None
    step: tuple[int, ...] = ()
    """Where in a list of values the problem is."""


class Kind(ABC):
    """The domain of a variable, and what may be said of a value of it."""

    __slots__ = ()
    type: ClassVar[type[FactType]]

    @property
    @abstractmethod
    def domain(self) -> str:
        """What is allowed, to stand after `must be`."""

    @abstractmethod
    def problems(self, value: Any) -> list[Problem]:
        """What keeps a value out of the domain, as far as it can be told without repeating the value."""

    @abstractmethod
    def from_text(self, cell: str) -> Any:
        """The value that a CSV cell writes; the cell itself where it writes none."""

    def plain(self, value: Any) -> Any:
        """A value of the domain as JSON holds it."""
        return value

    def constant_problems(self, operator: str, constant: Any) -> list[Problem]:
        """What is wrong with the constant of a test that uses `operator`."""
        return self.problems(constant)

    @classmethod
    @cache
    def operators(cls) -> Mapping[str, str]:
        """Each operator's name with the input it takes (`select`, `select_multiple`, `numeric`, `date`, `none`)."""
        return MappingProxyType({each["name"]: each["input_type"] for each in cls.type.get_all_operators()})

    def _refuse(self, help: str | None = None) -> list[Problem]:
        return [Problem(f"must be {self.domain}", help)]
