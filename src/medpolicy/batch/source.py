"""A file of requests, whatever its format."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from medpolicy.columns.chunk import Chunk
from medpolicy.language.extra import Extra
from medpolicy.language.request import PriorAuthorizationRequest, Variable


@dataclass(frozen=True)
class Source(ABC):
    """A file of requests: pieces in their order, each of which can be read on any thread."""

    path: Path
    model: type[PriorAuthorizationRequest]
    given: Mapping[str, Variable]
    extra: Extra

    @property
    @abstractmethod
    def schema(self) -> pa.Schema:
        """The columns of the file. Raises `Unusable` where there are none to read."""

    @abstractmethod
    def pieces(self) -> Iterator[Any]:
        """The pieces of the file."""

    @abstractmethod
    def read(self, piece: Any) -> Chunk:
        """The records of a piece."""

    def read_names(self, names: list[str]) -> list[str]:
        """Those names of columns that are read: the policy's variables, and the others if they are kept."""
        return [name for name in names if name in self.given or self.extra == "keep"]
