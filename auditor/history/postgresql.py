"""A history in PostgreSQL: where several machines write one."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

import sqlalchemy as sa

from auditor.errors import UsageError
from auditor.history.tables import DOCUMENTS, RUNS

SCHEMES: Final = ("postgresql://", "postgres://")
_EXAMPLE: Final = "For example: postgresql://auditor@db.contoso.com/audits"
_SECONDS: Final = 15
_LOCK: Final = 0x61756469745F68  # the letters audit_h: nobody else takes this number by chance


def postgresql_engine(url: str) -> tuple[sa.Engine, str]:
    """An engine for a history, and the address as it may be shown: without its password.

    The password may as well be in PGPASSWORD or the password file, which libpq reads:
    https://www.postgresql.org/docs/current/libpq-pgpass.html

    Raises:
        UsageError: the address is wrong, or psycopg is not installed.
    """
    if find_spec("psycopg") is None:
        raise UsageError(
            "a history in PostgreSQL needs the library psycopg, which is not installed",
            hint="Install it with: python -m pip install 'connector-auditor[postgresql]'",
        )
    try:
        address = sa.make_url(url).set(drivername="postgresql+psycopg")
    except (sa.exc.ArgumentError, ValueError):
        # Not from the error: it may show the password.
        raise UsageError("the address of the history cannot be read", hint=_EXAMPLE) from None
    if "@" in (address.host or "") or not address.database:
        hint = f"A sign such as @, : or / in a password is written as %40, %3A, %2F. {_EXAMPLE}"
        raise UsageError("the address of the history has no database, or a stray @", hint=hint)
    if "connect_timeout" not in address.query:
        address = address.update_query_dict({"connect_timeout": str(_SECONDS)})
    try:
        # Pre-ping: between two uses the server may have been restarted.
        engine = sa.create_engine(address, pool_size=1, max_overflow=0, pool_pre_ping=True)
    except sa.exc.SQLAlchemyError:
        raise UsageError("the address of the history cannot be read", hint=_EXAMPLE) from None
    return engine, _shown(address)


def _shown(address: sa.URL) -> str:
    """The address without what opens it, also where that stands among the parameters."""
    return address.set(drivername="postgresql", password=None, query={}).render_as_string()


def lock(connection: sa.Connection, *, alone: bool) -> None:
    """Until the transaction ends, nobody migrates or prunes beside it; alone: nobody writes."""
    name = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    connection.execute(sa.text(f"SELECT {name}(:number)"), {"number": _LOCK})


def give_back(engine: sa.Engine) -> None:
    """Let the server use the room of what was removed for other rows.

    Raises:
        sa.exc.SQLAlchemyError: the role may not do it.
    """
    with engine.connect() as connection:
        free = connection.execution_options(isolation_level="AUTOCOMMIT")
        free.exec_driver_sql(f"VACUUM {RUNS.name}, {DOCUMENTS.name}")
