"""The position of every value in a JSON text, and its first fault of syntax in an author's words.

`jiter` decides whether a text is JSON; this scanner explains it to people. Offsets count characters from 0.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from medpolicy.text.tokens import Fault, escape_fault, size_fault

CLOSING = {"{": "}", "[": "]"}
_TOKEN = re.compile(
    r"[ \t\r\n]*+(?:"
    r'(?P<text>"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+")'
    r"|(?P<mark>[{}\[\],:])"
    r'|(?P<word>[^ \t\r\n{}\[\],:"]++))'
)
_OPEN_TEXT = re.compile(r'"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+")
_NO_NUMBER = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_COMMENT = re.compile(r"//|/\*|#")
_DAY = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_QUOTES = (
    "'`\N{ACUTE ACCENT}\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT DOUBLE QUOTATION MARK}"
)
_QUOTES += "\N{RIGHT DOUBLE QUOTATION MARK}\N{DOUBLE LOW-9 QUOTATION MARK}\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}"
_WORDS = {"true": "true", "false": "false", "yes": "true", "no": "false", "null": "null", "none": "null"}


@dataclass(slots=True)
class Place:
    """The offsets at which a value and its key (if any) begin, and the places of its parts."""

    start: int
    key_start: int | None = None
    parts: dict[str | int, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Repeat:
    """A key that its object already has: its path, its offset and that of the first one."""

    path: tuple[str | int, ...]
    at: int
    first_at: int


@dataclass(slots=True)
class _Open:
    """An object or list that is not yet closed."""

    place: Place
    mark: str
    step: str | int
    phase: str
    key_start: int | None = None
    key: str = ""
    count: int = 0


class Scan:
    """One pass over a text up to its first `fault`: `root` (None for an empty text) and `repeats`."""

    def __init__(self, text: str, deepest: int | None = None, first_line: int = 1) -> None:
        self.text = text
        self._first_line = first_line
        self.repeats: list[Repeat] = []
        self._deepest = deepest
        self._open = [_Open(Place(0), "", 0, "value")]
        self._last = 0
        """The end of the token before."""
        self._last_is_text = False
        self.fault: Fault | None = self._read()

    @property
    def root(self) -> Place | None:
        """The place of the whole value."""
        return self._open[0].place.parts.get(0)

    def _read(self) -> Fault | None:
        text, position = self.text, 0
        while (token := _TOKEN.match(text, position)) is not None:
            kind = token.lastgroup or ""
            at, position = token.span(kind)
            fault = self._take(kind, token[kind], at)
            if fault is not None:
                return fault
            self._last, self._last_is_text = position, kind == "text"
        at = len(text) - len(text[position:].lstrip(" \t\r\n"))
        return self._open_text(at) if at < len(text) else self._end()

    def _take(self, kind: str, token: str, at: int) -> Fault | None:
        inner = self._open[-1]
        phase = inner.phase
        if kind == "text" and "\\" in token and (fault := escape_fault(token, at)) is not None:
            return fault
        if kind == "word" and (fault := self._word_fault(token, at, phase)) is not None:
            return fault
        if "value" in phase and (kind != "mark" or token in CLOSING):
            return self._take_value(inner, token, at)
        if "key" in phase and kind == "text":
            self._take_key(inner, token, at)
        elif phase == "colon" and token == ":":
            inner.phase = "value"
        elif phase == "next" and token == ",":
            inner.phase = "key" if inner.mark == "{" else "value"
        elif phase.startswith(("first", "next")) and token == CLOSING[inner.mark]:
            self._open.pop()
        else:
            return self._unexpected(kind, token, at, phase)
        return None

    def _take_key(self, inner: _Open, token: str, at: int) -> None:
        key = json.loads(token) if "\\" in token else token[1:-1]
        inner.phase, inner.key, inner.key_start = "colon", key, at
        if (earlier := inner.place.parts.get(key)) is not None:
            path = (*(holder.step for holder in self._open[2:]), key)
            self.repeats.append(Repeat(path, at, earlier.key_start or 0))

    def _take_value(self, inner: _Open, token: str, at: int) -> Fault | None:
        step = inner.key if inner.mark == "{" else inner.count
        place = inner.place.parts[step] = Place(at, inner.key_start)
        inner.phase, inner.count = "next" if inner.mark else "end", inner.count + 1
        if token in CLOSING:
            self._open.append(_Open(place, token, step, "first key" if token == "{" else "first value"))
            if self._deepest is not None and len(self._open) - 1 > self._deepest:
                message = f"brackets are nested deeper than {self._deepest} levels"
                return Fault(at, message, "flatten them", "nesting")
        return None

    def _end(self) -> Fault | None:
        inner = self._open[-1]
        if not inner.mark:
            return None if self.root is not None else Fault(0, "the text is empty")
        ends = {"colon": "the text ends after a key", "value": "the text ends where a value should stand"}
        if inner.mark == "{" and inner.phase in ends:
            return Fault(len(self.text), ends[inner.phase], "is the file complete?")
        message = f"the text ends before the {self._opened(inner)} is closed"
        return Fault(len(self.text), message, "is the file complete, or is a bracket missing?")

    def _open_text(self, at: int) -> Fault:
        """Why a string that begins here does not end."""
        token = _OPEN_TEXT.match(self.text, at)
        end = len(self.text) if token is None else token.end()
        if token is not None and "\\" in token[0] and (fault := escape_fault(token[0], at)) is not None:
            return fault
        found = self.text[end : end + 1]
        if not found or (found == "\\" and end + 1 == len(self.text)):
            return Fault(at, "the text ends inside the string that begins here", "is the file complete?")
        if found in "\r\n\\":
            advice = "is its closing quote missing? a line break inside a string is written `\\n`"
            return Fault(at, "the string that begins here is not closed on its line", advice)
        if found == "\t":
            return Fault(end, "a tab stands inside a string", "write it as `\\t`, or as a blank")
        return Fault(end, f"the control character U+{ord(found):04X} stands inside a string", "remove it")

    def _word_fault(self, word: str, at: int, phase: str) -> Fault | None:
        """What is wrong with a run of characters outside of strings, or None for a value of JSON."""
        if word in ("true", "false", "null") and "key" not in phase:
            return None
        if _NUMBER.fullmatch(word) and "key" not in phase:
            return size_fault(word, at)
        if comment := _COMMENT.search(word):
            advice = "remove it; in a rule file a `note` says why"
            return Fault(at + comment.start(), "JSON has no comments", advice)
        if word[0] in ";=":
            return Fault(at, f"`{word[0]}` is no sign of JSON", "a comma stands between entries, a colon after a key")
        if self._last_is_text and self._last == at:
            return self._stray_quote(at)
        odd = next((index for index, char in enumerate(word) if not char.isprintable() or char.isspace()), None)
        if odd is not None:
            return Fault(
                at + odd, f"the unusual character U+{ord(word[odd]):04X} stands outside of a string", "remove it"
            )
        if word[0] in _QUOTES:
            return Fault(at, "a string stands in straight double quotes", 'write it as `"…"`')
        if "key" in phase:
            return Fault(at, "a key must stand in double quotes")
        if _NO_NUMBER.fullmatch(word):
            return Fault(at, "`NaN` and `Infinity` are not numbers of JSON")
        if right := _WORDS.get(word.casefold()):
            return Fault(at, "a word stands here that JSON does not have", f"write `{right}`")
        if len(self._open) > 1 and at + len(word) == len(self.text):
            return Fault(at, "the text ends inside the word that begins here", "is the file complete?")
        if _DAY.fullmatch(word):
            return Fault(at, "a date must stand in double quotes", 'write it as `"YYYY-MM-DD"`')
        if word[0] in "+-.0123456789":
            advice = "no plus sign, no zeros before it, digits on both sides of the point"
            return Fault(at, "a number is not written as JSON writes it", advice)
        return Fault(at, "text must stand in double quotes", 'write it as `"…"`')

    def _unexpected(self, kind: str, token: str, at: int, phase: str) -> Fault:
        """A fault for a sound token in the wrong place."""
        inner = self._open[-1]
        if phase == "end":
            advice = "is there a bracket too many?" if token in ("}", "]") else "one file holds one document"
            return Fault(at, "text follows after the end of the document", advice)
        closing = CLOSING.get(inner.mark, "")
        if token == closing and phase in ("key", "value") and self.text[self._last - 1] == ",":
            return Fault(self._last - 1, "a comma stands before a closing bracket", "remove the comma")
        if kind == "text" and self._last_is_text and self._last == at:
            return self._stray_quote(at)
        if phase == "colon":
            return Fault(self._last, "a colon is missing after a key")
        if phase == "next" and token not in ("}", "]", ":"):
            return Fault(self._last, f"a comma is missing here, or the `{closing}` to the {self._opened(inner)}")
        if phase == "value" and inner.mark == "{":
            return Fault(at, "a value is missing after a key")
        wanted = {"key": "a key", "value": "a value", "next": "a comma"}[phase.removeprefix("first ")]
        message = f"`{token}` stands where {wanted} should"
        if (token in CLOSING and wanted == "a key") or (token in ("}", "]", ":") and wanted == "a comma"):
            return Fault(at, message, f"the {self._opened(inner)} is not closed yet")
        return Fault(at, message, "is there a comma too many?" if token == "," else None)

    def _stray_quote(self, at: int) -> Fault:
        advice = 'is a quote missing before? a quote inside a string is written `\\"`'
        return Fault(at, "text follows directly after a closing quote", advice)

    def _opened(self, inner: _Open) -> str:
        line = self.text.count("\n", 0, inner.place.start) + self._first_line
        return f"`{inner.mark}` of line {line}"
