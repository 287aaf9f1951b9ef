"""Golden cases: read, run, accepted, and as tests of pytest."""
