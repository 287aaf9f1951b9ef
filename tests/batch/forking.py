"""A process that runs a batch over and over in children of its own, each killed in its own way: `python -m batch.forking`.

It reads a line of JSON for each run: `{"arguments": [...], "step": 3}` kills the run at that step of replacing files, with
`"after": 0.2, "signal": 9` after so many seconds. It answers with the status, the steps taken, and standard error.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from medpolicy.cli.main import main
from medpolicy.text import replace


def kill_at(step: int, steps: Any) -> None:
    """Kill this process at a step: before or after each call that makes, flushes, moves or removes a file."""

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            reach()
            result = function(*arguments, **options)
            reach()
            return result

        return call

    def reach() -> None:
        steps.seek(0, os.SEEK_END)
        steps.write(b".")
        steps.flush()
        if steps.tell() == step:
            os.kill(os.getpid(), signal.SIGKILL)

    replace.os.fsync, replace.os.replace = counted(os.fsync), counted(os.replace)
    replace.tempfile.NamedTemporaryFile = counted(tempfile.NamedTemporaryFile)  # type: ignore[misc]
    Path.unlink = counted(Path.unlink)  # type: ignore[method-assign]


def run(command: dict[str, Any]) -> dict[str, Any]:
    """Run once in a child, and tell how it ended."""
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as steps:
        child = os.fork()
        if child == 0:
            os.dup2(errors.fileno(), 2)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            if "step" in command:
                kill_at(command["step"], steps)
            os._exit(main(command["arguments"]))
        ended, status = 0, 0
        deadline = time.monotonic() + command.get("after", 1e9)
        while not ended:
            if time.monotonic() >= deadline:
                os.kill(child, command["signal"])
                ended, status = os.waitpid(child, 0)
            else:
                time.sleep(0.005)
                ended, status = os.waitpid(child, os.WNOHANG)
        for each in (errors, steps):
            each.seek(0)
        return {"status": os.waitstatus_to_exitcode(status), "steps": len(steps.read()), "told": errors.read().decode()}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)
