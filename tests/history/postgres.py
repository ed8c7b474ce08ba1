"""A real PostgreSQL of Debian's packages, in a folder of its own, on loopback and a socket.

It refuses to run as root, so there it runs as another user. What is missing is an error.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

USER = "auditor"
PASSWORD = "p@ss/word:1"
_SECONDS = 60


@dataclass(frozen=True)
class Postgres:
    """A server that runs."""

    folder: Path
    port: int
    programs: Path

    def url(self, database, host=None):
        """Over the socket, where no password is asked; or over a host and the port."""
        if host is not None:
            quoted = PASSWORD.replace("@", "%40").replace("/", "%2F").replace(":", "%3A")
            return f"postgresql://{USER}:{quoted}@{host}:{self.port}/{database}"
        return f"postgresql://{USER}@/{database}?host={self.folder}&port={self.port}"

    def create(self):
        """A database of its own; its name."""
        name = f"t{secrets.token_hex(6)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return name

    def run(self, program, *words):
        """What one of its programs prints."""
        command = [str(self.programs / program), "-h", str(self.folder), "-p", str(self.port)]
        done = subprocess.run([*command, "-U", USER, *words], capture_output=True, check=True)
        return done.stdout.decode()


def programs():
    """The folder of initdb and postgres."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    named = shutil.which("initdb")
    if not found and not named:
        raise FileNotFoundError("these tests need PostgreSQL: apt-get install postgresql")
    return found[-1].parent if found else Path(named).resolve().parent


def somebody():
    """How a program is run by another than root, as arguments for subprocess."""
    if os.name != "posix" or os.geteuid() != 0:
        return {}
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    name = next(one for one in ("postgres", "nobody") if one in names)
    return {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}


@contextmanager
def server():
    """A server, from its first start to its end."""
    where = programs()
    # Not below pytest's folder, which others than its owner may not enter.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    who = somebody()
    if who:
        shutil.chown(folder, who["user"], who["group"])
    try:
        port = _free_port()
        _make(where, folder, who)
        process = _start(where, folder, port, who)
        try:
            yield Postgres(folder, port, where)
        finally:
            process.terminate()
            process.wait(_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make(where, folder, who):
    secret = folder / "password"
    secret.write_text(PASSWORD)
    if who:
        shutil.chown(secret, who["user"], who["group"])
    subprocess.run(
        [
            *(str(where / "initdb"), "-D", str(folder / "data"), "-U", USER),
            *("--encoding=UTF8", "--locale=C", "--no-sync", "--auth-local=trust"),
            *("--auth-host=scram-sha-256", f"--pwfile={secret}"),
        ],
        check=True,
        capture_output=True,
        cwd=folder,
        env={"PATH": os.defpath},
        **who,
    )


def _start(where, folder, port, who):
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": folder,
        "fsync": "off",
        "max_connections": 50,
    }
    words = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(where / "postgres"), "-D", str(folder / "data"), *words],
            stdout=log,
            stderr=log,
            cwd=folder,
            env={"PATH": os.defpath},
            **who,
        )
    address = f"host={folder} port={port} user={USER} dbname=postgres"
    end = time.monotonic() + _SECONDS
    while True:
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > end:
                process.kill()
                process.wait()
                raise RuntimeError((folder / "log").read_text()) from error
            time.sleep(0.05)
        else:
            return process


def _free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
