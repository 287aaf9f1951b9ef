"""The types of fact, one for each file: its domain, and the operators that compare it with a constant.

The operators are methods of `business_rules` field types, run by the stock engine; they are the only definition of what
an operator means. Unlike the stock types they know missing facts, compare exactly and tell upper from lower case.
"""

from medpolicy.fields.choice import Choice, ChoiceType
from medpolicy.fields.choice_set import ChoiceSet, ChoiceSetType
from medpolicy.fields.day import DateType, Day, day
from medpolicy.fields.derived import CompletedYears, Derived, Sum
from medpolicy.fields.facts import FactType, Missing, operator
from medpolicy.fields.helps import missing_help
from medpolicy.fields.kind import Kind, Problem
from medpolicy.fields.text import Text
from medpolicy.fields.whole_number import WholeNumber, WholeNumberType
from medpolicy.fields.yes_no import YesNo, YesNoType

__all__ = [
    "Choice",
    "ChoiceSet",
    "ChoiceSetType",
    "ChoiceType",
    "CompletedYears",
    "DateType",
    "Day",
    "Derived",
    "FactType",
    "Kind",
    "Missing",
    "Problem",
    "Sum",
    "Text",
    "WholeNumber",
    "WholeNumberType",
    "YesNo",
    "YesNoType",
    "day",
    "missing_help",
    "operator",
]
