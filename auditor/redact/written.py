"""Plain values → YAML. Everything but the outer mappings is JSON, which is YAML."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Json

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


def written(content: Mapping[str, Json], indent: str = "") -> str:
    """A mapping's text, its keys in their order."""
    lines = []
    for key, value in content.items():
        name = f"{indent}{key if _PLAIN.fullmatch(key) else _json(key)}:"
        if isinstance(value, dict) and value:
            lines.append(f"{name}\n{written(value, indent + '  ')}")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            items = "".join(f"{indent}  - {_json(item)}\n" for item in value)
            lines.append(f"{name}\n{items}")
        else:
            lines.append(f"{name} {_json(value)}\n")
    return "".join(lines)


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
