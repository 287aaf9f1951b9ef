"""Installed policies, found through entry points: each part of a policy is one, `<policy>.variables` and so on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, PackageNotFoundError, distribution, entry_points

GROUP = "medpolicy.policies"


def known_policies() -> tuple[str, ...]:
    """The names of all installed policies, sorted."""
    return tuple(sorted({entry.name.rpartition(".")[0] for entry in _installed()}))


def parts_of(policy: str) -> Mapping[str, EntryPoint]:
    """The entry points of a policy: `variables`, `actions`, and `rules` where it brings some; none if it is not installed."""
    named = [(entry.name.rpartition("."), entry) for entry in _installed()]
    return {part: entry for (of, _, part), entry in named if of == policy}


@cache
def _installed() -> tuple[EntryPoint, ...]:
    """Our own entry points, and those of other packages."""
    try:
        own: Iterable[EntryPoint] = distribution("medpolicy").entry_points.select(group=GROUP)
    except PackageNotFoundError:
        own = ()
    found = entry_points(group=GROUP)
    return tuple({(entry.name, entry.value): entry for entry in (*own, *found)}.values())
