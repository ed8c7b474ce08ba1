"""``audit config schema``: the JSON Schema of configuration files, for editors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from auditor.cli.configuration.schema import config_schema
from auditor.cli.output import put

if TYPE_CHECKING:
    from auditor.cli.session import Session
    from auditor.cli.settings import Settings


def run(_: Settings, session: Session) -> int:
    """Print the schema."""
    put(json.dumps(config_schema(), indent=2) + "\n", session)
    return 0
