from __future__ import annotations

from pathlib import Path

import pytest
from project import ROOT

import medpolicy.check as room

MACHINERY = {"analysis", "changed", "invariants", "questions", "run"}
OTHER_NAMES = {"without_effect": "test-without-effect"}
"""A file whose code would make it the name of a test file."""
CODES = {
    path.stem: OTHER_NAMES.get(path.stem, path.stem.replace("_", "-"))
    for path in Path(room.__file__).parent.glob("*.py")
    if path.stem not in MACHINERY and path.stem != "__init__"
}
PAGES = {path.stem for path in (ROOT / "docs" / "checks").glob("*.md")}
OF_LOADING = {"pathways-overlap", "unread-variable", "uncited-passage", "rule-without-passage", "revisions-overlap"}


@pytest.mark.parametrize(("module", "code"), CODES.items())
def test_a_file_is_a_code_a_page_and_a_test(module: str, code: str) -> None:
    assert f'CODE = "{code}"' in Path(room.__file__).with_name(f"{module}.py").read_text("utf-8")
    assert code in PAGES
    assert Path(__file__).with_name(f"test_{module}.py").exists()


def test_no_page_is_left_over() -> None:
    assert set(CODES.values()) | OF_LOADING | {"not-proven"} == PAGES


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_page_says_what_to_avoid_what_to_prefer_and_why(page: str) -> None:
    text = (ROOT / "docs" / "checks" / f"{page}.md").read_text("utf-8")
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        f"# {page}",
        "## Avoid",
        "## Prefer",
        "## Why",
    ]
