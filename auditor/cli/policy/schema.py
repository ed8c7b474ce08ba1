"""``audit policy schema``: the JSON Schema of policies and packs, for editors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from auditor.cli.output import put
from auditor.policy.schema import pack_schema, policy_schema

if TYPE_CHECKING:
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings


def run(settings: Settings, session: Session) -> int:
    """Print a schema."""
    schema = pack_schema() if settings.flag("packs") else policy_schema()
    put(json.dumps(schema, indent=2) + "\n", session)
    return 0
