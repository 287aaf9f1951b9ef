"""What an operator may see of a run: what was loaded and refused, and where the program failed. Never a member's data.

The logger is `medpolicy`. With `MEDPOLICY_DEBUG=1` a failure's traceback goes to standard error too: files, lines,
functions and code, but neither the messages of exceptions nor local variables, since both may hold values of a request.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from medpolicy.text.findings import Finding
from medpolicy.text.visible import on_one_line, visible

DEBUG_VARIABLE = "MEDPOLICY_DEBUG"

_CAUSE = "\nThe exception above was the direct cause of the next one:\n\n"
_CONTEXT = "\nThe next exception was raised while the one above was handled:\n\n"
_printed: set[str] = set()
"""Each traceback is printed once in a process: what fails on one record may fail on thousands."""


def log_loaded(what: str, *details: str) -> None:
    """Log that a file or a policy can be used."""
    _log("INFO", "loaded %s: %s", what, ", ".join(details))


def log_refused(what: str, findings: Iterable[Finding]) -> None:
    """Log that something is refused: how many findings there are of each code, and nothing else of them."""
    counts = Counter(finding.code for finding in findings)
    _log("WARNING", "refused %s: %s", what, ", ".join(f"{count} {code}" for code, count in counts.items()))


def log_decided(what: str, summary: object, rejected: Counter[str]) -> None:
    """Log how many records a run decided and rejected, and how many have each fault, by its code."""
    _log("INFO", "decided %s: %s", what, summary)
    if rejected:
        faults = ", ".join(f"{count} {code}" for code, count in sorted(rejected.items()))
        _log("WARNING", "rejected records of %s: %s", what, faults)


def report_failure(error: BaseException) -> None:
    """Tell where the program failed: log the exception's type and place, and on demand print the traceback."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno} in {frames[-1].name}" if frames else "an unknown place"
    _log("ERROR", "failed: %s at %s", _type(error), place)
    if os.environ.get(DEBUG_VARIABLE) == "1" and sys.stderr is not None:
        text = "".join(traceback_without_values(error))
        if text not in _printed:
            _printed.add(text)
            sys.stderr.write(visible(text))


def traceback_without_values(error: BaseException, seen: frozenset[int] = frozenset()) -> Iterator[str]:
    """The text of a traceback with those of its causes; of each exception the type alone."""
    import traceback

    seen |= {id(error)}
    cause = error.__cause__
    earlier = cause if cause is not None or error.__suppress_context__ else error.__context__
    if earlier is not None and id(earlier) not in seen:
        yield from traceback_without_values(earlier, seen)
        yield _CAUSE if cause is not None else _CONTEXT
    yield "Traceback (most recent call last):\n"
    yield from traceback.extract_tb(error.__traceback__).format()
    yield f"{_type(error)}\n"


def _type(error: BaseException) -> str:
    type_ = type(error)
    return type_.__qualname__ if type_.__module__ == "builtins" else f"{type_.__module__}.{type_.__qualname__}"


def _log(level: str, message: str, *values: object) -> None:
    """Log a message, unless the program never loaded `logging`: nobody listens then, and loading it takes time."""
    if "logging" not in sys.modules:
        return
    import logging

    logger = logging.getLogger("medpolicy")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.log(logging.getLevelNamesMapping()[level], message, *(on_one_line(str(value)) for value in values))
