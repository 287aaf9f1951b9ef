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

_KEYS = (b'"policy"', b'"pathways"')


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a file of golden cases."""
    if file_path.suffix != ".jsonl" or file_path.parent.name != "cases" or not _beside_rules(file_path.parent.parent):
        return None
    collector: pytest.Collector = GoldenCases.from_parent(parent, path=file_path)
    return collector


def _beside_rules(folder: Path) -> bool:
    """Whether a folder has a rule file, as far as a look at its text tells."""
    return any(all(key in path.read_bytes() for key in _KEYS) for path in folder.glob("*.json"))


class GoldenCases(pytest.File):
    """A file of golden cases, each a test; the file cannot be collected where it, or its rule file, has a fault."""

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each case, named by the sentence that says what the case shows."""
        from medpolicy.golden import cases_beside
        from medpolicy.source import Unusable

        try:
            revision = cases_beside(_shown(self.path))
        except Unusable as error:
            raise self.CollectError("\n".join(map(str, error.findings))) from None
        names = [" ".join(case.shows.split()) for case in revision.cases]
        for case, name in zip(revision.cases, names, strict=True):
            unique = name if names.count(name) == 1 else f"{name} [{case.id}]"
            yield GoldenTest.from_parent(self, name=unique, revision=revision, case=case)


class GoldenTest(pytest.Item):
    """One golden case."""

    def __init__(self, *, revision: RevisionCases, case: GoldenCase, **given: Any) -> None:
        super().__init__(**given)
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
        head = f"{revision.path}:{result.case.line}: {result.case.id}, not as expected"
        super().__init__("\n".join([head, *(f"  {line}" for line in result.lines())]))


def _shown(path: Path) -> Path:
    """A path as a person would write it: below the current folder where it is."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
