"""Files of requests decided: read in pieces, decided in columns on all cores, written whole or not at all."""

from medpolicy.batch.run import Summary, decide_file

__all__ = ["Summary", "decide_file"]
