"""Which history the options name, and the name that an audit is kept under there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.cli.instant import length_of
from auditor.errors import UsageError

if TYPE_CHECKING:
    from datetime import timedelta

    from auditor.cli.settings import Settings

_PASSWORD: Final = re.compile(r"://[^/@]*:[^/@]+@")


def history_of(settings: Settings) -> str | None:
    """Where the history is: a path or an address; None where none is asked for.

    Raises:
        UsageError: there is a password where others can read it.
    """
    word = settings.text("history")
    if word is None or "://" not in word:
        return None if word is None else str(settings.folder("history") / word)
    with settings.said_by("history"):
        if _PASSWORD.search(word) and settings.all["history"].said_by != "AUDIT_HISTORY":
            raise UsageError(
                "a password must not stand in --history",
                hint="Set AUDIT_HISTORY or PGPASSWORD in the environment, or use ~/.pgpass.",
            )
    return word


def key_of(settings: Settings, organization: str | None = None) -> str | None:
    """The name that an audit is kept under: its own, else the organization's.

    Args:
        settings: the options.
        organization: what the data say.
    """
    return settings.text("name") or settings.text("organization") or organization


def age_of(settings: Settings, option: str) -> timedelta | None:
    """An age in words: ``400d``, ``52w``, ``5y`` of 365 days; None where the option is not given.

    Raises:
        UsageError: it is none.
    """
    hint = f"Write days, weeks or years: --{option} 400d, 52w or 5y."
    return length_of(settings, option, "dwy", hint)
