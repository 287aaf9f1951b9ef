"""The golden cases of policies as tests of pytest: `pytest rules/` runs every `cases/*.jsonl` beside rule files.

It stands outside of the package and imports it only where there are such files, so that it costs other runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from medpolicy.golden import Compared, GoldenCase, RevisionCases

_KEYS = tuple(
    f'"{key}"'.encode()
    for key in ("policy", "revision", "effective_from", "passages", "pathways", "review_flags", "not_in_effect")
)
_ENOUGH = 3
"""Keys by which a rule file is known: a typo in some of them is a fault to tell, and not a reason to pass its cases over."""
_MOST_BYTES = 1 << 26


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a file of golden cases."""
    if file_path.suffix != ".jsonl" or file_path.parent.name != "cases" or not _beside_rules(file_path.parent.parent):
        return None
    collector: pytest.Collector = GoldenCases.from_parent(parent, path=file_path)
    return collector


def _beside_rules(folder: Path) -> bool:
    """Whether a folder has a rule file or the schema of one, as far as a look at its text tells."""
    return any(sum(key in text for key in _KEYS) >= _ENOUGH for text in map(_text, folder.glob("*.json")))


def _text(path: Path) -> bytes:
    """The bytes of a file without zeros (so that UTF-16 is known too), or none where it cannot be read as a file."""
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).replace(b"\0", b"")
    except OSError:
        return b""


class GoldenCases(pytest.File):
    """A file of golden cases, each a test; the file cannot be collected where it, or its rule file, has a fault."""

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each case, named by its id and the sentence that says what it shows."""
        from medpolicy.golden import cases_beside
        from medpolicy.text.findings import Unusable

        try:
            revision = cases_beside(_shown(self.path))
        except Unusable as error:
            raise self.CollectError("\n".join(map(str, error.findings))) from None
        for case in revision.cases:
            name = _name(case)
            # The whole id, for pytest to take it apart as it does when it reads one back (`--last-failed`).
            nodeid = f"{self.nodeid}::{name}"
            yield GoldenTest.from_parent(self, name=name, nodeid=nodeid, revision=revision, case=case)


class GoldenTest(pytest.Item):
    """One golden case."""

    def __init__(self, *, revision: RevisionCases, case: GoldenCase, **given: Any) -> None:
        super().__init__(**given)
        self.extra_keyword_matches.add(case.shows)
        self._revision = revision
        self._case = case

    def runtest(self) -> None:
        """Decide the request, and compare."""
        from medpolicy.golden import compared

        result = compared(self._revision, self._case)
        if not result.passed:
            raise NotAsExpected(self._revision, result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The differences instead of a traceback."""
        if isinstance(excinfo.value, NotAsExpected):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the case stands, and what it shows."""
        return self.path, self._case.line - 1, f"{self._case.id}: {self._case.shows}"


class NotAsExpected(AssertionError):
    """A golden case is answered differently."""

    def __init__(self, revision: RevisionCases, result: Compared) -> None:
        from medpolicy.text.visible import on_one_line

        head = f"{revision.path}:{result.case.line}: {result.case.id}, not as expected"
        super().__init__("\n".join(map(on_one_line, [head, *(f"  {line}" for line in result.lines())])))


def _name(case: GoldenCase) -> str:
    """`id[sentence]`, in the form of a test with parameters: pytest lets `file::id` choose it."""
    id, shows = (" ".join(text.split()).replace("::", ":") for text in (case.id, case.shows))
    return f"{id}[{shows}]"


def _shown(path: Path) -> Path:
    """A path as a person would write it: below the current folder where it is."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
