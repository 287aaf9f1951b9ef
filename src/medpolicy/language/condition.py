"""Conditions of a rule file: tests, and groups of them that hold when all or any of their parts hold."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

Scalar = bool | int | str


class Strict(BaseModel):
    """A part of a rule file: no unknown keys, no conversion, no change after reading."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", defer_build=True)


class Noted(Strict):
    """A part that may say why it is as it is."""

    note: Annotated[str | None, Field(description="why; for readers, never evaluated")] = None


class Test(Strict):
    """One comparison of a variable with a constant."""

    __test__ = False  # pytest would take the name for a test class

    name: str
    operator: str
    value: Scalar | tuple[Scalar, ...]

    @property
    def parts(self) -> tuple[Condition, ...]:
        """None: a test is no group."""
        return ()

    def for_engine(self) -> dict[str, Any]:
        """The test as `business-rules` takes it."""
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        return {"name": self.name, "operator": self.operator, "value": value}


class Group(Noted):
    """Conditions under the key that says how they combine."""

    key: ClassVar[str]

    @property
    def parts(self) -> tuple[Condition, ...]:
        """The conditions in the group."""
        parts: tuple[Condition, ...] = getattr(self, self.key)
        return parts

    def for_engine(self) -> dict[str, Any]:
        """The group as `business-rules` takes it."""
        return {self.key: [part.for_engine() for part in self.parts]}


class All(Group):
    """A group that holds when every part holds."""

    key: ClassVar[str] = "all"
    all: Annotated[tuple[Condition, ...], Field(min_length=1)]


class Any_(Group):
    """A group that holds when one part holds."""

    key: ClassVar[str] = "any"
    any: Annotated[tuple[Condition, ...], Field(min_length=1)]


def condition_form(value: Any) -> str:
    """Which of the three forms of a condition a value has; a test unless it has the key of a group."""
    if isinstance(value, dict):
        return "<all>" if "all" in value else "<any>" if "any" in value else "<test>"
    return "<all>" if isinstance(value, All) else "<any>" if isinstance(value, Any_) else "<test>"


Condition = Annotated[
    Annotated[All, Tag("<all>")] | Annotated[Any_, Tag("<any>")] | Annotated[Test, Tag("<test>")],
    Discriminator(condition_form),
]


for _group in (All, Any_):  # they hold each other, and were read before `Condition` was
    _group.model_rebuild()
