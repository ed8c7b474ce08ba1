"""``python -m tests.history.stores``: keep a store of this version of the schema for ever.

Writes ``vN.sqlite``, ``vN.sql`` (the same in PostgreSQL, as SQL) and ``vN.json`` (what is in it).
Those of earlier versions are never made again: they are what the versions then really wrote.
"""

from __future__ import annotations

import json
import sys

from auditor.errors import UnreachableError
from auditor.history.migrations import VERSION
from auditor.history.store import open_store
from tests.history.audits import NIGHT, NOW, TOOL, audit_of, compliant, drifted, keep, undecided
from tests.history.postgres import server
from tests.history.stores.contents import FOLDER, contents


def fill(store):
    """One run of each kind, of two audits."""
    keep(store, compliant())
    keep(store, compliant(NOW + NIGHT))
    keep(store, drifted(NOW + 2 * NIGHT), "CONTOSO ")
    keep(store, undecided(NOW + 3 * NIGHT))
    keep(store, compliant(NOW + 9 * NIGHT), at=NOW + 4 * NIGHT, as_of=True)
    error = UnreachableError("ex01.contoso.com cannot be reached")
    store.record_failure(error, "Contoso", now=NOW + 5 * NIGHT, tool=TOOL, machine="ops01")
    keep(store, audit_of(organization="Fabrikam"), "fabrikam")


def main():
    """Write the files; 2 where they are there already."""
    sqlite, sql, said = (FOLDER / f"v{VERSION}.{end}" for end in ("sqlite", "sql", "json"))
    if sqlite.exists():
        print(f"{sqlite.name} is there; a store is kept once for each version", file=sys.stderr)
        return 2
    with open_store(str(sqlite)) as store:
        fill(store)
        found = contents(store)
    said.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    with server() as running:
        database = running.create()
        with open_store(running.url(database)) as store:
            fill(store)
        dump = running.run("pg_dump", "--inserts", "--no-owner", database)
    # Only statements, so that every client can run them.
    lines = [line for line in dump.splitlines() if line and not line.startswith(("--", "\\"))]
    sql.write_text("\n".join(lines) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
