from __future__ import annotations

import json

from project import ROOT

from cli.running import Run


def test_the_schema_is_printed_as_it_stands_beside_the_rule_files(run: Run) -> None:
    output = run("schema").output
    assert json.loads(output)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert output == (ROOT / "rules" / "inotuzumab-ozogamicin" / "policy.schema.json").read_text("utf-8")
