"""Policies and packs as plain data, and what every part of their redaction does with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from auditor.model import Json
    from auditor.yamlfile import Node


def plain(node: Node) -> Json:
    """A node and all under it, without their places."""
    if isinstance(node.value, dict):
        return {key: plain(item) for key, item in node.value.items()}
    if isinstance(node.value, tuple):
        return [plain(item) for item in node.value]
    return node.value


def written(content: Json) -> str:
    """A document as text: JSON is YAML."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def entries(value: Json) -> dict[str, Json]:
    """A mapping's entries; of anything else none."""
    return value if isinstance(value, dict) else {}


def items(value: Json) -> Sequence[Json]:
    """A list's items; of anything else none."""
    return value if isinstance(value, list) else ()


def each(value: Json, **parts: Callable[[Json], Json]) -> dict[str, Json]:
    """The entries of a mapping that are known, each made by its part, in their order."""
    found = entries(value)
    return {key: part(found[key]) for key, part in parts.items() if key in found}


def as_it_is(value: Json) -> Json:
    """A word, or a number, of the policy language."""
    return value
