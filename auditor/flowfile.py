"""Files of what logs say of mail that left (``audit-mailflow/1``), as a bundle keeps them.

The keys are those of the types in ``auditor.model.mail_flow``. What it comes to may stand beside
them, and is not read: whoever reads such a file judges it.
"""

from __future__ import annotations

from typing import Final

from auditor import typedjson
from auditor.model import MailFlow
from auditor.typedjson import Form

SCHEMA: Final = "audit-mailflow/1"
MOST_BYTES: Final = 256 * 1024 * 1024
_HINT: Final = "Give the logs themselves."
_FORM: Final = Form(MailFlow, SCHEMA, "mail flow", _HINT, MOST_BYTES, 1_000_000)


def written(seen: MailFlow) -> bytes:
    """What was read from logs as a file; the same gives the same bytes."""
    return typedjson.written(_FORM, seen)


def read_mail_flow(data: bytes, file: str) -> MailFlow:
    """What was read from logs, from a file.

    Args:
        data: the whole file.
        file: its name, for messages.

    Raises:
        InputError: it is none, or not a whole one.
    """
    seen: MailFlow = typedjson.read_file(_FORM, data, file)
    return seen
