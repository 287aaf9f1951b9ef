"""Kleene's pairs over whole numbers as sets of bits, one for each request; for one request alone -1 is true and 0 is false."""

from __future__ import annotations

from medpolicy.evaluate.kleene import Algebra, Kleene
from medpolicy.evaluate.status import Status

BITS: Algebra[int] = Algebra.of(-1, 0)
AS_BITS = {Status.NOT_MET: Kleene(0, 0), Status.UNKNOWN: Kleene(0, -1), Status.MET: Kleene(-1, -1)}
