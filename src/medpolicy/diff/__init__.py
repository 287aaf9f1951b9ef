"""Two revisions of a policy compared: whose answers change, and what else does."""
