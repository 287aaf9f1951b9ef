"""The forms in which a request may give a value, as strict pydantic annotations; nothing else is converted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema
from pydantic_core import core_schema as schema

from medpolicy.language.fields.day import Day

EARLIEST = date(1900, 1, 1)
LATEST = date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class SetForm:
    """A set: a list, in Python also a tuple or a set; repeats count once."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        strict = handler(source)
        of_list, of_set, of_tuple = (
            schema.chain_schema([form(strict["items_schema"], strict=True), schema.frozenset_schema(strict=False)])
            for form in (schema.list_schema, schema.set_schema, schema.tuple_variable_schema)
        )
        return schema.union_schema([of_list, strict, of_set, of_tuple], mode="left_to_right")


@dataclass(frozen=True, slots=True)
class NoForm:
    """Yes or no; not given, or given as missing, it is no."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        missing = schema.chain_schema([schema.none_schema(), schema.no_info_plain_validator_function(lambda _: False)])
        return schema.union_schema([schema.bool_schema(strict=True), missing], mode="left_to_right")


Date = Annotated[date, Day(EARLIEST, LATEST)]
Set = SetForm()
NoUnlessGiven = Annotated[bool, NoForm()]
