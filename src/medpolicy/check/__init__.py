"""Findings about the logic of a rule file that has no other fault: one kind in each file, named after its code.

(`without_effect` is that of `test-without-effect`: pytest would take the whole name for a test file.)

    logic = checked(file)              # findings about one file, and what became of each invariant
    gaps = gap_between_revisions.find(files)

A module named after a code has `CODE` and `find`, and a page in `docs/checks`. All reasoning is exact, for every possible
request (the extra `prove` brings the solver; without it `checked` raises `Unusable`). A question for a finding is put to
requests drawn once, then to the solver if none of them answers it; an invariant is put to the solver alone. What exceeds
its time limit becomes the finding `not-proven`.
"""

from medpolicy.check import gap_between_revisions
from medpolicy.check.invariants import Proof
from medpolicy.check.run import Logic, checked
from medpolicy.load.shown import Shown

__all__ = ["Logic", "Proof", "Shown", "checked", "gap_between_revisions"]
