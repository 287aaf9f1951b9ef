"""Golden cases: requests with the answers that a revision must give, one a line, each with a sentence that says what it shows.

`case` reads a file of them, `folder` finds the files of a policy, `compare` runs a case, `why` explains an answer, `accept`
rewrites expectations.
"""

from medpolicy.golden.accept import accept
from medpolicy.golden.case import EXPECTED, GoldenCase, answer, read_cases
from medpolicy.golden.compare import Compared, compared, failing
from medpolicy.golden.folder import RevisionCases, cases_beside, golden_cases

__all__ = [
    "EXPECTED",
    "Compared",
    "GoldenCase",
    "RevisionCases",
    "accept",
    "answer",
    "cases_beside",
    "compared",
    "failing",
    "golden_cases",
    "read_cases",
]
