"""Files of the git repository around the current folder, as they were at a commit."""

from __future__ import annotations

import subprocess
from pathlib import Path

from medpolicy.text.findings import Finding, Unusable, quoted


def file_at(ref: str, path: str, name: str, most: int) -> bytes:
    """The content of a file at a commit, or in the index if `ref` is empty; messages call it `name`.

    Raises `Unusable` if there is no git, repository, commit or file of that name, or the file has more than `most` bytes.
    """
    content = file_if_any(ref, path, name, most)
    if content is None and _git("cat-file", "-t", f"{ref}:{path}", name=name) == b"tree\n":
        raise Unusable([Finding("not-a-file", "is a folder, not a file", file=name)])
    if content is None:
        below = Path(path).exists() and not path.startswith(("./", "../"))
        help = f"a path counts from the root of the repository; below this folder it is `./{path}`" if below else None
        raise _fault(name, f"there is no file {quoted(path)} at {quoted(ref) if ref else 'the index'}", help)
    return content


def file_if_any(ref: str, path: str, name: str, most: int) -> bytes | None:
    """The content of a file at a commit, or None if the commit has no such file."""
    if _git("rev-parse", "--git-dir", name=name) is None:
        advice = "`REF:PATH` names a file at a commit; `git status` says what git makes of this folder"
        raise _fault(name, "the current folder is in no git repository", advice)
    revision = f"{ref}^{{commit}}"
    commit = _git("rev-parse", "--verify", "--quiet", "--end-of-options", revision, name=name) if ref else b""
    if commit is None:
        advice = "`git log --oneline` and `git branch --all` list what there is; a clone may lack it: `git fetch`"
        raise _fault(name, f"the git repository has no commit {quoted(ref)}", advice)
    place = f"{commit.decode().strip()}:{path}"
    size = _git("cat-file", "-s", place, name=name)
    if size is not None and int(size) > most:
        raise _fault(name, f"is larger than {most >> 20} MiB", None)
    return None if size is None else _git("cat-file", "blob", place, name=name)


def _git(*arguments: str, name: str) -> bytes | None:
    """What git prints, or None if it fails."""
    try:
        ran = subprocess.run(["git", *arguments], capture_output=True, check=False)
    except OSError:
        raise _fault(name, "`REF:PATH` needs git, which cannot be run here", "install git, or name a file") from None
    return ran.stdout if ran.returncode == 0 else None


def _fault(name: str, message: str, help: str | None) -> Unusable:
    return Unusable([Finding("git", message, help=help, file=name)])
