"""Variables that are worked out from given ones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from types import ModuleType
from typing import Any, ClassVar

from medpolicy.language.fields.bits import SolverNumber
from medpolicy.language.fields.kind import Kind
from medpolicy.language.fields.whole_number import WholeNumber


class Derived(ABC):
    """A whole number worked out from two given variables, its `parts`; it is missing where one of them is.

    It never falls, or never rises, as one part rises and the other stays; and where a part moves by one value, it moves
    by one at the most. All that reasons about it, such as a search for a value of a part, rests on that.
    """

    __slots__ = ()
    rises_with: ClassVar[tuple[bool, bool]]
    """For each part whether the derived variable rises with it; if not, it falls."""
    needs_order: ClassVar[bool] = False
    """Whether it is defined only where the first part does not come after the second."""
    in_c: ClassVar[int | None] = None
    """Its number in the reader in C (`evaluate/_reader.c`), where that can work it out."""

    @property
    @abstractmethod
    def parts(self) -> tuple[str, str]:
        """The names of the given variables that it is worked out from."""

    @abstractmethod
    def kind(self, kinds: Mapping[str, Kind]) -> WholeNumber:
        """Its domain, from the domains of its parts."""

    @abstractmethod
    def value(self, first: Any, second: Any) -> int:
        """Its value, from known values of its two parts."""

    @abstractmethod
    def sql(self, exp: Any, first: Any, second: Any) -> Any:
        """Its value as an expression of `sqlglot.exp`, from the expressions of its parts; null where one of them is."""

    def of(self, facts: Mapping[str, Any]) -> int | None:
        """Its value in a request, or None where a part is missing."""
        first, second = self.parts
        known, other = facts[first], facts[second]
        return None if known is None or other is None else self.value(known, other)

    def column(self, np: ModuleType, kinds: Mapping[str, Kind], first: Any, second: Any) -> Any:
        """The indices of its values, from those of its known parts, in NumPy arrays; some may be outside its domain."""
        kind, (of_first, of_second) = self.kind(kinds), (kinds[part] for part in self.parts)
        pairs, rows = np.unique(first * of_second.size + second, return_inverse=True)
        known = (divmod(pair, of_second.size) for pair in pairs.tolist())
        found = [kind.index(self.value(of_first.value(left), of_second.value(right))) for left, right in known]
        return np.array(found, dtype=np.int64)[rows]

    @abstractmethod
    def solver(self, z3: Any, first: Any, second: Any) -> SolverNumber:
        """The derived value in the solver, from its parts in the solver."""

    def part_for(self, kinds: Mapping[str, Kind], name: str, other: Any, wanted: int) -> tuple[Any, Any] | None:
        """The first and last value of one part that give a derived value, with a known value of the other part."""
        kind, is_first = kinds[name], name == self.parts[0]
        sign = 1 if self.rises_with[not is_first] else -1

        def signed(index: int) -> int:
            value = kind.value(index)
            return sign * (self.value(value, other) if is_first else self.value(other, value))

        low = bisect_left(range(kind.size), sign * wanted, key=signed)
        high = bisect_right(range(kind.size), sign * wanted, lo=low, key=signed) - 1
        return (kind.value(low), kind.value(high)) if low <= high else None
