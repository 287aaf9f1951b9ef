"""A rule file becomes a revision, or every fault of it is reported at once.

`text` reads the file, `shape` holds it against the models, `names` against the policy's vocabulary, `whole` looks at all
of it together; each returns findings with paths, which `file` places in the text.
"""

from medpolicy.load.file import RuleFile, read_rule_file
from medpolicy.load.overlap import revisions_overlap

__all__ = ["RuleFile", "read_rule_file", "revisions_overlap"]
