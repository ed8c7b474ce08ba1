"""Kerberos on this machine: whether it is there at all, and whether there is a ticket."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec

from auditor.errors import UsageError


def require_kerberos(auth: str) -> None:
    """Say so where Kerberos is asked for and cannot be had; Windows brings its own.

    Raises:
        UsageError: the libraries are not installed.
    """
    if auth != "kerberos" or sys.platform == "win32":
        return
    if find_spec("gssapi") is None or find_spec("krb5") is None:
        raise UsageError(
            "Kerberos on this system needs the extra kerberos, which is not installed",
            hint="pip install 'connector-auditor[kerberos]' (on Linux first the system's "
            "libkrb5-dev and a C compiler)",
        )


def has_ticket(username: str) -> bool:
    """Whether an account needs no password: its ticket is in the cache, or its key in a keytab."""
    if sys.platform == "win32" or find_spec("gssapi") is None:
        return False
    gssapi = import_module("gssapi")
    try:
        name = gssapi.Name(username, gssapi.NameType.user)
        credentials = gssapi.Credentials(name=name, usage="initiate")
        # An expired ticket is one that must be replaced, not a reason for a password.
        return credentials.name is not None
    except gssapi.exceptions.GSSError:
        return False
