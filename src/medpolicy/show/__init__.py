"""A policy and its answers for readers."""
