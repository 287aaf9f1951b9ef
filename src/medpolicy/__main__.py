"""The command line as a process: `medpolicy`, or `python -m medpolicy`.

A short command spends most of its time on starting and ending.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn


def run() -> NoReturn:
    """Run one command, and end.

    Modules are exempt from garbage collection, and the interpreter is not finalized: by then all output is written, and
    no command leaves a thread or process behind.
    """
    gc.disable()
    from medpolicy.cli.main import main

    gc.freeze()
    gc.enable()
    status = main()
    if sys.stderr is not None:
        sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    run()
