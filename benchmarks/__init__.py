"""How fast the program is, against peers and against limits; run by hand with `python -m benchmarks`, never by the tests."""
