"""Print the JSON Schema of a policy's rule files, for editors."""

from __future__ import annotations

import argparse

from medpolicy.cli.options import add_policy, policy_name
from medpolicy.cli.output import DONE, write_utf8
from medpolicy.language.vocabulary import find_vocabulary
from medpolicy.load.schema import schema_text


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_policy(parser)


def run(options: argparse.Namespace) -> int:
    """Print the schema as it stands beside the rule files."""
    write_utf8(schema_text(find_vocabulary(policy_name(options))))
    return DONE
