"""The positions in a flat JSON object, which most records are, in a fraction of the time that the scanner takes."""

from __future__ import annotations

import re

from medpolicy.text.scan import Place

_BLANK = r"[ \t\r\n]*+"
_TEXT = r'"[^"\\\x00-\x1f]*+"'
_WORD = r'[^ \t\r\n{}\[\],:"]++'
_ENTRY = re.compile(f"{_BLANK}({_TEXT}|{_WORD})")
_LIST = rf"\[(?:{_BLANK}(?:{_TEXT}|{_WORD}){_BLANK},)*+(?:{_BLANK}(?:{_TEXT}|{_WORD}))?+{_BLANK}\]"
_PAIR = re.compile(rf"{_BLANK}({_TEXT}){_BLANK}:{_BLANK}({_TEXT}|{_WORD}|{_LIST}){_BLANK}([,}}])")
_BEGIN, _END = re.compile(rf"{_BLANK}\{{"), re.compile(rf"{_BLANK}\Z")


def flat_object(text: str) -> Place | None:
    """The places in a JSON text that is an object of plain values and lists of them, without escapes and repeated keys.

    None where it is something else. The text must be JSON but for repeated keys.
    """
    begin = _BEGIN.match(text)
    if begin is None:
        return None
    root, position, mark = Place(begin.end() - 1), begin.end(), ","
    while mark == ",":
        pair = _PAIR.match(text, position)
        if pair is None:
            return None
        key, start = pair[1][1:-1], pair.start(2)
        if key in root.parts:
            return None
        place = root.parts[key] = Place(start, pair.start(1))
        if text[start] == "[":
            for index, entry in enumerate(_ENTRY.finditer(text, start + 1, pair.end(2) - 1)):
                place.parts[index] = Place(entry.start(1))
        position, mark = pair.end(), pair[3]
    return root if _END.match(text, position) else None
