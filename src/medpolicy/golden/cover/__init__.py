"""Coverage of a revision's rules by its golden cases: what they show, and requests that would show the rest."""
