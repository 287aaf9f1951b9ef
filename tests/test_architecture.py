"""Who may import whom, what may be named where, and what a start pays for."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import ROOT

SOURCE = ROOT / "src" / "medpolicy"
CONTENT = ("variables", "actions", "rules")

ROOMS = (
    "_version",
    "text",
    "language",
    "evaluate",
    "load",
    "columns",
    "policy",
    "show",
    "batch",
    "spark",
    "sql",
    "solve",
    "check",
    "diff",
    "golden",
    "testing",
    "cli",
    "__main__",
)
"""The rooms of `src/medpolicy`: a module imports from its own room and from those before it. A new room is added here."""

AT_HOME = {
    "argparse": {"cli"},
    "pyarrow": {"columns", "batch", "spark", "sql", "diff"},
    "numpy": {"columns", "batch", "spark"},
    "polars": {"columns", "batch"},
    "z3": {"solve"},
    "jinja2": {"diff"},
    "markupsafe": {"diff"},
    "sqlglot": {"sql"},
    "pyspark": {"spark"},
    "hypothesis": {"testing"},
    "pytest": {"testing"},
    "jsonschema": set(),
}
"""Packages that few need, and the rooms that may import them."""

OF_CONTENT = {
    "medpolicy.language.fields",
    "medpolicy.language.forms",
    "medpolicy.language.request",
    "medpolicy.language.determination",
}
NAMED_IN_CONTENT_ALONE = re.compile(
    r"inotuzumab|ozogamicin|besponsa|leuk(a)?emia|lymphoma|tenn\b|tennessee|tenncare|bluecross|blueshield|cd22|philadelphia"
    r"|ph_status|hyper.?cvd|blinatumomab|imatinib|_tki|tyrosine|b.cell|lineage|oncolog",
    re.IGNORECASE,
)
OF_ONE_POLICY = re.compile(r"cycle|service_start_date", re.IGNORECASE)
"""What the authorizations of the shipped policy hold, and the day on which they start: another policy has neither."""


def modules(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def imported(module: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            whole = node.module or ""
            yield from (f"{whole}.{name.name}" for name in node.names) if whole == "medpolicy" else [whole]


def room(module: Path) -> str:
    return module.relative_to(SOURCE).with_suffix("").parts[0]


IN_ROOMS = [path for path in modules(SOURCE) if path != SOURCE / "__init__.py"]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("module", modules(SOURCE), ids=named)
def test_no_import_is_relative(module: Path) -> None:
    nodes = ast.walk(ast.parse(module.read_text("utf-8")))
    assert not [node for node in nodes if isinstance(node, ast.ImportFrom) and node.level]


@pytest.mark.parametrize("module", IN_ROOMS, ids=named)
def test_a_module_imports_from_rooms_above_it_alone(module: Path) -> None:
    assert room(module) in ROOMS, "a new room: add it to ROOMS, below what it imports and above what imports it"
    before = ROOMS[: ROOMS.index(room(module)) + 1]
    own = [name.split(".")[1] for name in imported(module) if name.startswith("medpolicy.")]
    assert [name for name in own if name not in before] == []


def test_no_imports_form_a_circle() -> None:
    names = {path: ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts) for path in modules(SOURCE)}
    by_name = {name.removesuffix(".__init__"): path for path, name in names.items()}
    imports: dict[str, set[str]] = {name: set() for name in by_name}
    for name, path in by_name.items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module in by_name:
                inner = {f"{node.module}.{alias.name}" for alias in node.names} & by_name.keys()
                imports[name] |= (inner or {node.module}) - {name}
    while free := {name for name, wanted in imports.items() if not wanted & imports.keys()}:
        imports = {name: wanted for name, wanted in imports.items() if name not in free}
    assert sorted(imports) == [], "these modules import each other, or what does"


KINDS = re.compile(r"isinstance\([^)]*\b(Choice|ChoiceSet|Day|WholeNumber|YesNo|Text|Sum|CompletedYears)\b")


@pytest.mark.parametrize("module", [path for path in IN_ROOMS if "fields" not in path.parts], ids=named)
def test_a_kind_of_field_is_told_by_its_class_among_the_fields_alone(module: Path) -> None:
    assert KINDS.findall(module.read_text("utf-8")) == []


@pytest.mark.parametrize("module", modules(SOURCE), ids=named)
def test_a_file_has_no_more_than_250_lines(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= 250


@pytest.mark.parametrize("module", modules(SOURCE), ids=named)
def test_the_machine_imports_no_content(module: Path) -> None:
    content = tuple(f"medpolicy.{content}" for content in CONTENT)
    assert [name for name in imported(module) if name.startswith(content)] == []


@pytest.mark.parametrize("module", [path for part in CONTENT for path in modules(ROOT / part)], ids=named)
def test_content_imports_the_vocabulary_alone_and_no_other_content(module: Path) -> None:
    assert {name for name in imported(module) if name.startswith("medpolicy")} <= OF_CONTENT


@pytest.mark.parametrize("module", IN_ROOMS, ids=named)
def test_a_heavy_package_is_imported_at_home_alone(module: Path) -> None:
    away = [name for name in imported(module) if room(module) not in AT_HOME.get(name.split(".")[0], {room(module)})]
    assert away == []


@pytest.mark.parametrize("module", modules(SOURCE), ids=named)
def test_the_machine_names_no_drug_disease_or_payer(module: Path) -> None:
    lines = module.read_text("utf-8").splitlines()
    found = [
        f"line {number}: {line.strip()}" for number, line in enumerate(lines, 1) if NAMED_IN_CONTENT_ALONE.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("module", modules(SOURCE), ids=named)
def test_the_machine_names_nothing_that_a_policy_declares(module: Path) -> None:
    lines = module.read_text("utf-8").splitlines()
    assert [
        f"line {number}: {line.strip()}" for number, line in enumerate(lines, 1) if OF_ONE_POLICY.search(line)
    ] == []


@pytest.mark.parametrize(
    "module", [path for folder in (SOURCE, *(ROOT / part for part in CONTENT)) for path in modules(folder)], ids=named
)
def test_nothing_is_asserted_outside_of_tests(module: Path) -> None:
    asserts = [node.lineno for node in ast.walk(ast.parse(module.read_text("utf-8"))) if isinstance(node, ast.Assert)]
    assert asserts == []


def loaded_after(code: str) -> set[str]:
    """The packages that a fresh interpreter has loaded once it has run some code."""
    told = f"import sys\n{code}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    ended = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, timeout=60, check=True, cwd=ROOT
    )
    return set(ended.stdout.splitlines()[-1].split())


def test_a_plain_import_loads_nothing_heavy() -> None:
    assert not loaded_after("import medpolicy") & AT_HOME.keys()


def test_deciding_in_python_loads_nothing_heavy() -> None:
    code = (
        "import json, medpolicy\n"
        "request = json.load(open('examples/denied-frontline-over-six-cycles.json', 'rb'))\n"
        "medpolicy.load_policy('inotuzumab-ozogamicin').decide(request).to_json()"
    )
    assert not loaded_after(code) & AT_HOME.keys()


def test_deciding_on_the_command_line_loads_argparse_and_nothing_heavier() -> None:
    code = (
        "from medpolicy.cli.main import main\n"
        "if main(['decide', 'examples/denied-frontline-over-six-cycles.json']): raise SystemExit(1)\n"
        "print()"
    )
    assert loaded_after(code) & AT_HOME.keys() == {"argparse"}
