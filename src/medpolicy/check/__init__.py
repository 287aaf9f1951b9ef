"""What is wrong with the logic of a rule file that has no other fault: one finding in each file, named as its code.

    logic = checked(file)              # findings about one file, and what became of each invariant
    gaps = gap_between_revisions.find(files)

A module named as a code has `CODE` and `find`, and a page in `docs/checks`. All reasoning is exact, for every possible
request (the extra `prove` brings the solver; without it `checked` raises `Unusable`): a question for a finding is put to
requests drawn once, and to the solver where none of these answers it; an invariant is put to the solver alone. What takes
longer than its limit becomes the finding `not-proven`.
"""

from medpolicy.check import gap_between_revisions
from medpolicy.check.run import Logic, checked
from medpolicy.check.verdict import Proof
from medpolicy.load.shown import Shown

__all__ = ["Logic", "Proof", "Shown", "checked", "gap_between_revisions"]
