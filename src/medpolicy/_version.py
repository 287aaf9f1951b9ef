"""The version of the program, which every determination carries as `engine_version`."""

__version__ = "1.0.0"
