"""Mail that left, read from Exchange's own logs: message tracking, and SMTP protocol of sending.

The one room that knows DuckDB. It is an extra, so nothing of it is imported before
``require_engine`` was called.
"""

from __future__ import annotations

from importlib.util import find_spec

from auditor.errors import UsageError


def require_engine() -> None:
    """That the engine is there.

    Raises:
        UsageError: it is not; says how to install it.
    """
    if find_spec("duckdb") is None:
        raise UsageError(
            "reading logs of mail flow needs DuckDB, which is not installed",
            hint="Install it: python -m pip install 'connector-auditor[mailflow]'",
        )
