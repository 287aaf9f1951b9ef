"""The command line as a process: `medpolicy`, or `python -m medpolicy`.

A short command spends more time on loading and on leaving than on its work.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn


def run() -> NoReturn:
    """Run one command, and end.

    What is loaded stays: nothing of it is looked through for garbage. The interpreter is not taken apart at the end: all
    output has been written by then, and no command leaves a thread or another process behind.
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
