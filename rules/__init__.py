"""The rule files of each policy, as data: what policy authors edit."""
