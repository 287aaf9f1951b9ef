"""What the tests share: the policy, and how many examples hypothesis draws.

`MEDPOLICY_EXAMPLES=5000 pytest` draws that many for each property, other ones each time; without it the draw is short, and
in a build (`CI` is set) always the same.
"""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from project import RULE_FILE

from medpolicy import Policy, load_policy

_EXAMPLES = os.environ.get("MEDPOLICY_EXAMPLES")

settings.register_profile(
    "medpolicy",
    max_examples=int(_EXAMPLES or 100),
    deadline=None,
    derandomize=_EXAMPLES is None and "CI" in os.environ,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("medpolicy")


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load_policy("inotuzumab-ozogamicin")


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """The rule file of the policy as plain JSON."""
    return json.loads(RULE_FILE.read_bytes())
