"""How well the golden cases of a revision would notice a change of its rules."""
