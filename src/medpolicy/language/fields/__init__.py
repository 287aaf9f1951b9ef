"""The types of fact, one for each file: its domain, and the operators that compare it with a constant.

The operators are methods of `business_rules` field types, run by the stock engine; they are the only definition of what
an operator means. Unlike the stock types they know missing facts, compare exactly and tell upper from lower case.
"""

from medpolicy.language.fields.bits import SolverNumber
from medpolicy.language.fields.choice import Choice, ChoiceType
from medpolicy.language.fields.choice_set import ChoiceSet, ChoiceSetType
from medpolicy.language.fields.completed_years import CompletedYears
from medpolicy.language.fields.day import DateType, Day, day
from medpolicy.language.fields.derived import Derived
from medpolicy.language.fields.facts import FactType, Missing, operator
from medpolicy.language.fields.helps import missing_help
from medpolicy.language.fields.kind import GivenNumber, Kind, Problem
from medpolicy.language.fields.storage import Storage
from medpolicy.language.fields.sum import Sum
from medpolicy.language.fields.text import Text
from medpolicy.language.fields.whole_number import WholeNumber, WholeNumberType
from medpolicy.language.fields.yes_no import YesNo, YesNoType

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
    "GivenNumber",
    "Kind",
    "Missing",
    "Problem",
    "SolverNumber",
    "Storage",
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
