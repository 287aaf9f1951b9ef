"""Mutants of a rule file that the golden cases should notice."""
