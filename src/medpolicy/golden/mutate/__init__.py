"""Mutants of a rule file: slips that the golden cases should notice."""
