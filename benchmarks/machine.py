"""The facts of the machine and the versions that a figure depends on; never a path or a name of the machine."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = (
    "medpolicy",
    "business-rules",
    "pydantic",
    "pyarrow",
    "polars",
    "numpy",
    "zen-engine",
    "datalogic-py",
    "cel-expr-python",
)


def facts() -> list[str]:
    """Sentences on the processor, the system, Python, and the packages."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    packages = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    return [
        f"{cores} cores ({_processor()}), {memory:.0f} GiB, {platform.system()}, "
        f"{platform.python_implementation()} {platform.python_version()}.",
        f"{packages}.",
    ]


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            found = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    except OSError:
        found = []
    return found[0] if found else platform.machine()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
