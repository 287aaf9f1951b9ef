"""How columns and databases hold the values of a kind."""

from __future__ import annotations

from enum import Enum


class Storage(Enum):
    """How columns and databases hold a kind of value: as a message names it, and the type in SQL.

    A number, a boolean or a date is held as `origin + step * index`; a list of text holds a choice for each bit of the index.
    """

    TEXT = "text", "text"
    BOOLEAN = "booleans", "boolean"
    INTEGER = "whole numbers", "int"
    DATE = "dates", "date"
    TEXT_LIST = "lists of text", "array<text>"

    def __init__(self, words: str, sql: str) -> None:
        self.words = words
        self.sql = sql
