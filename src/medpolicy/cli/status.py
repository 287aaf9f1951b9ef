"""What the end of a command means to the shell."""

DONE = 0
FOUND = 1
"""The command ran and found what it looks for: faults, rejected records, changed decisions."""
UNUSABLE = 2
"""The call, its input, or a rule file that it needs cannot be used."""
INTERRUPTED = 130
BROKEN_PIPE = 141
