"""A status as two formulas: whether it is *met*, and whether it may be."""

from __future__ import annotations

from medpolicy.evaluate.kleene import Algebra, Kleene
from medpolicy.solve.formula import FALSE, TRUE, Formula, every, some

KleeneFormula = Kleene[Formula]

FORMULAS: Algebra[Formula] = Algebra(every, some)
MET: KleeneFormula = Kleene(TRUE, TRUE)
NOT_MET: KleeneFormula = Kleene(FALSE, FALSE)
