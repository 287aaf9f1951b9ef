"""A rule file becomes a revision, or every fault of it is reported at once.

`shape` reads it by the models, `names` compares it with the policy's vocabulary, `whole` and `overlap` look at its parts
together; each yields findings with paths, for which `file` finds the positions in the text.
"""

from medpolicy.load.file import RuleFile, read_rule_file

__all__ = ["RuleFile", "read_rule_file"]
