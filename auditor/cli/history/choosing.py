"""Which history a command reads, and whose runs in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.cli.histories import history_of, key_of
from auditor.errors import UsageError
from auditor.history.store import open_store

if TYPE_CHECKING:
    from auditor.cli.settings import Settings
    from auditor.history.store import Store

_MOST: Final = 10**6


def open_kept(settings: Settings) -> Store:
    """The history that the options name; it must be there.

    Raises:
        AuditError: none is named, or it cannot be read.
    """
    where = history_of(settings)
    if where is None:
        hint = "For example: --history audits.sqlite, or history: in audit.yaml."
        raise UsageError("no history is named", hint=hint)
    return open_store(where, create=False)


def key_in(store: Store, settings: Settings) -> str:
    """The name of the audit that is asked about; the only one that is kept, if none is named.

    Raises:
        UsageError: there are several, or there is none of that name.
    """
    known = store.audits()
    key = key_of(settings)
    if key is None:
        if len(known) == 1:
            return known[0]
        hint = f"Choose one with --name. Kept: {', '.join(known)}." if known else None
        raise UsageError(f"{len(known) or 'no'} audits are in the history", hint=hint)
    if not store.runs(key, limit=1):
        hint = f"Kept: {', '.join(known)}." if known else "audit check --history keeps the first."
        raise UsageError(f"the history has no runs of {key!r}", hint=hint)
    return key


def count_of(settings: Settings, option: str) -> int | None:
    """A number from 1; None where the option is not given.

    Raises:
        UsageError: it is none.
    """
    text = settings.text(option)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= _MOST):
        raise UsageError(f"--{option} cannot be {text!r}", hint=f"Give a number: --{option} 30")
    return int(text)
