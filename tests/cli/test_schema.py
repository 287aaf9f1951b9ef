from __future__ import annotations

import json

from project import ROOT

from cli.running import Run


def test_an_unknown_policy_is_refused(run: Run) -> None:
    message = run("schema", "--policy", "inotuzumab").refusal
    assert (
        message == "error[unknown-policy]: unknown policy `inotuzumab`\n  help: did you mean `inotuzumab-ozogamicin`?\n"
    )


def test_the_schema_is_printed_as_it_stands_beside_the_rule_files(run: Run) -> None:
    output = run("schema").output
    assert json.loads(output)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert output == (ROOT / "rules" / "inotuzumab-ozogamicin" / "policy.schema.json").read_text("utf-8")
