"""How findings are written, and the nearest of some options."""

from __future__ import annotations

import pickle

import pytest

from medpolicy.text.findings import Finding, Unusable, did_you_mean, listed, nearest, quoted

OPTIONS = ("ph_status", "cd22_status", "b_cell_precursor", "t_cell", "frontline.b-cell", "Other")


def test_a_finding_is_said_in_the_form_of_a_compiler() -> None:
    finding = Finding(
        "unknown-variable", "unknown variable `x`", ("a", 0, "b.c", "d"), "did you mean `y`?", "error", "f.json", 4, 2
    )
    assert str(finding) == (
        "f.json:4:2: error[unknown-variable]: unknown variable `x`\n"
        '  at $.a[0]["b.c"].d\n'
        "  help: did you mean `y`?"
    )  # fmt: skip
    assert finding.to_dict() == {
        "code": "unknown-variable",
        "severity": "error",
        "message": "unknown variable `x`",
        "help": "did you mean `y`?",
        "path": '$.a[0]["b.c"].d',
        "file": "f.json",
        "line": 4,
        "column": 2,
    }


def test_what_is_not_known_of_a_finding_is_left_out() -> None:
    assert str(Finding("x", "y")) == "error[x]: y"
    assert Finding("x", "y", severity="warning").to_dict() == {"code": "x", "severity": "warning", "message": "y"}


@pytest.mark.parametrize("key", ['a"b', "a'b", "a\nb", "a\\b", "", "ü", "a" * 100, "\x1b[31m"])
def test_the_path_of_an_odd_key_stays_on_one_line(key: str) -> None:
    shown = Finding("x", "y", (key, 0)).json_path
    assert shown.startswith('$["')
    assert shown.endswith('"][0]')
    assert shown.isprintable()


def test_findings_survive_a_pickle() -> None:
    error = Unusable([Finding("x", "y", ("a", 0))])
    assert pickle.loads(pickle.dumps(error)).findings == error.findings
    assert str(error) == "error[x]: y\n  at $.a[0]"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a", "`a`"),
        ("", "``"),
        (5, "`5`"),
        ("a\nb\x1b[31m\u202e", "`a\ufffdb\ufffd[31m\ufffd`"),
        ("x" * 60, f"`{'x' * 60}`"),
        ("x" * 61, f"`{'x' * 60}…`"),
        ("\ud800", "`\ufffd`"),
    ],
)
def test_an_authors_text_is_shown_on_one_line_without_signs_to_a_terminal(text: object, shown: str) -> None:
    assert quoted(text) == shown


def test_options_are_listed_as_in_a_sentence() -> None:
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed("abc", "and")] == [
        "",
        "`a`",
        "`a` or `b`",
        "`a`, `b` and `c`",
    ]


@pytest.mark.parametrize(
    ("option", "texts"),
    [
        ("ph_status", ["ph_statsu", "PH-Status ", "ph status"]),
        ("b_cell_precursor", ["b_cell"]),
        ("t_cell", ["tcell"]),
        ("frontline.b-cell", ["frontline.b_cell"]),
        ("Other", ["other"]),
        (None, ["weight", "", "o", "x" * 101, 5, None, ["ph_status"]]),
    ],
)
def test_the_nearest_option_is_what_a_slip_of_the_hand_meant(option: str | None, texts: list[object]) -> None:
    for text in texts:
        assert nearest(text, OPTIONS) == option, text
        assert did_you_mean(text, OPTIONS) == (None if option is None else f"did you mean `{option}`?")


def test_of_too_many_options_none_is_the_nearest() -> None:
    assert nearest("option-1", [f"option-{number}" for number in range(1000)]) == "option-1"
    assert nearest("option-1", [f"option-{number}" for number in range(1001)]) is None
