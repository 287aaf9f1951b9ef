"""The typed facts that rules may ask for: one module for each policy."""
