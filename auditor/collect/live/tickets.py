"""Kerberos on this machine: whether it is there at all, and whether there is a ticket."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from auditor.collect.live.deadline import Deadline, TooLateError
from auditor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOOK_SECONDS: Final = 3.0
"""Looking into the cache may end in asking a domain controller that is silent."""


def require_kerberos(auth: str) -> None:
    """Say so where Kerberos is asked for and cannot be had; Windows brings its own.

    Raises:
        UsageError: the libraries are not installed, or do not load.
    """
    if auth != "kerberos" or sys.platform == "win32":
        return
    if _library("gssapi") is None or _library("krb5") is None:
        raise UsageError(
            "Kerberos on this system needs the extra kerberos, which is not installed",
            hint="python -m pip install 'connector-auditor[kerberos]' (on Linux first the "
            "system's libkrb5-dev, python3-dev and a C compiler)",
        )


def has_ticket(username: str, environ: Mapping[str, str]) -> bool:
    """Whether an account needs no password: its ticket is in the cache, or its key in a keytab.

    Args:
        username: as it was given.
        environ: the environment, where a keytab may be named.
    """
    gssapi = None if sys.platform == "win32" else _library("gssapi")
    if gssapi is None:
        return False
    if environ.get("KRB5_CLIENT_KTNAME"):
        return True

    def look() -> bool:
        name = gssapi.Name(username, gssapi.NameType.user)
        return gssapi.Credentials(name=name, usage="initiate").name is not None

    try:
        return Deadline(_LOOK_SECONDS).bound(look)
    except (TooLateError, gssapi.exceptions.GSSError):
        return False


def _library(name: str) -> Any:  # noqa: ANN401 - it has no types
    """A library of the extra; None where it, or what it is built on, is not there."""
    try:
        return import_module(name)
    except (ImportError, OSError):
        return None
