"""Hypothesis strategies for the requests of any policy. This room alone imports hypothesis (the extra `test`).

The values come from the typed variables and from the constants that the policy's own tests name, so that a policy with
other variables or rules needs no strategies of its own.
"""

try:
    import hypothesis  # noqa: F401 - to say at once how to get it
except ImportError:
    raise ImportError("medpolicy.testing needs hypothesis: install it with `pip install 'medpolicy[test]'`") from None

from medpolicy.testing.strategies import near_boundaries, requests

__all__ = ["near_boundaries", "requests"]
