"""Whatever stops a run, as an error for people: no traceback reaches a user."""

from __future__ import annotations

from pathlib import Path

import auditor
from auditor.errors import AuditError, FaultError, Place, UndecidedError, UsageError

_REPORT_IT = (
    "Please report this line to the issue tracker of connector-auditor, with the output of "
    "audit --version; what was being read stays with you."
)


def failure_of(error: BaseException) -> AuditError:
    """What stopped a run, in words."""
    if isinstance(error, AuditError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return UndecidedError("it was interrupted")
    return _unusable(error) if isinstance(error, OSError) else _fault(error)


def _unusable(error: OSError) -> AuditError:
    """A file or a folder that the system refuses: too long a name, no right to look at it."""
    if error.filename is None:
        return _fault(error)
    why = f"it cannot be used: {error.strerror or error}"
    return UsageError(why, Place(str(error.filename)), "Name another file or folder.")


def _fault(error: BaseException) -> FaultError:
    """The innermost place of ours, and what happened there: enough to find it."""
    where, trace = "", error.__traceback__
    package = Path(auditor.__file__).parent.name
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if package in file.parts:
            where = f" at {file.name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return FaultError(
        f"a fault in this program: {type(error).__name__}{where}: {error}", Place(None), _REPORT_IT
    )
