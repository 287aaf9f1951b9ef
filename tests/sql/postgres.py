"""A PostgreSQL server of the tests' own: in a temporary folder, on a free port of the loopback address, gone afterwards."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

GET_IT = "no PostgreSQL server is installed: install its programs `initdb` and `postgres` (Debian: `apt-get install postgresql`)"
_SECONDS = 60
_UNPRIVILEGED = ("postgres", "nobody")
_ATTEMPTS = 5


def programs() -> Path | None:
    """The folder of `initdb` and `postgres`, or None where they are not installed."""
    on_path = shutil.which("initdb")
    found = [Path(os.path.realpath(on_path)).parent] if on_path else []
    found += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True
    )
    return next((folder for folder in found if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


@contextmanager
def server(bin: Path) -> Iterator[dict[str, Any]]:
    """How to connect to a new server, for as long as the context lasts."""
    as_user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="medpolicy-postgres-"))
    try:
        if as_user:
            os.chown(folder, as_user["user"], as_user["group"])
        password = folder / "password"
        password.write_text(secrets.token_hex(16), "utf-8")
        password.chmod(0o644)
        data = folder / "data"
        how = ["--username=medpolicy", "--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--no-locale"]
        _run([bin / "initdb", f"--pgdata={data}", *how, "--no-sync"], folder, as_user)
        process, port = _started(bin, data, folder, as_user)
        known = {"host": "127.0.0.1", "port": port, "user": "medpolicy", "dbname": "postgres"}
        try:
            yield known | {"password": password.read_text("utf-8")}
        finally:
            process.send_signal(signal.SIGINT)  # a fast shutdown
            try:
                process.wait(_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> dict[str, Any]:
    """Whom to run as: `initdb` refuses root."""
    if os.geteuid() != 0:
        return {}
    for name in _UNPRIVILEGED:
        try:
            known = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": known.pw_uid, "group": known.pw_gid, "extra_groups": []}
    raise RuntimeError("there is no unprivileged user to run PostgreSQL as")


def _environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def _run(command: list[Any], folder: Path, as_user: dict[str, Any]) -> None:
    ended = subprocess.run(
        command,
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
        **as_user,
    )
    if ended.returncode:
        raise RuntimeError(f"initdb failed: {ended.stderr}")


def _started(bin: Path, data: Path, folder: Path, as_user: dict[str, Any]) -> tuple[subprocess.Popen[bytes], int]:
    """The server and its port; another program may take a free port first, so that it is tried again."""
    log = folder / "log"
    for _ in range(_ATTEMPTS):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off", "port": port}
        settings = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        with log.open("ab") as output:
            process = subprocess.Popen(
                [bin / "postgres", "-D", data, *settings],
                cwd=folder, env=_environment(), stdout=output, stderr=output, start_new_session=True, **as_user,
            )  # fmt: skip
        if _listens(process, port):
            return process, port
        process.kill()
        process.wait()
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text('utf-8', 'replace')[-2000:]}")


def _listens(process: subprocess.Popen[bytes], port: int) -> bool:
    """Whether the server comes to accept connections (the port may be that of another one: its process must live on)."""
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return process.poll() is None
    return False
