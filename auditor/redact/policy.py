"""A policy file → the same policy with stand-ins, written anew: comments can hold names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.errors import PolicyError
from auditor.redact.matchers import TEXTS, Matchers, entries
from auditor.redact.properties import redacted_property
from auditor.redact.texts import redacted_text
from auditor.redact.written import written
from auditor.yamlfile import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auditor.model import Json
    from auditor.redact.names import Names
    from auditor.yamlfile import Node

_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_NO_DIGEST: Final = f"sha256:{'0' * 64}"


class PolicyFile(NamedTuple):
    """A policy file: the name that it gets, and its text as it is."""

    name: str
    text: str


class PolicyWriter:
    """Policy files with stand-ins.

    Args:
        matchers: for what is asked of properties.
        names: the mapping.
        digests: of values as they were → of the same with stand-ins.
    """

    def __init__(self, matchers: Matchers, names: Names, digests: Mapping[str, str]) -> None:
        self._matchers = matchers
        self._names = names
        self._digests = digests

    def write(self, file: PolicyFile, parent: str | None) -> str:
        """The new text of a file.

        Args:
            file: the name that it gets, and its text as it is.
            parent: the new name of the file that it extends; None where that is built in.

        Raises:
            PolicyError: it is not YAML, or no policy.
        """
        root = parse(file.text, file.name, PolicyError)
        content = _plain(root)
        if not isinstance(content, dict):
            raise PolicyError("this is no policy", root.place)
        parts: dict[str, Callable[[Json], Json]] = {
            "name": lambda _: file.name.rpartition(".")[0],
            "version": self._matchers.texts,
            "extends": lambda value: parent or value,
            "packs": self._packs,
            "connector": self._connector,
            "controls": self._controls,
            "exemptions": self._exemptions,
            "regions": self._regions,
        }
        # The rest are words of the policy language, and whose hosts the gateway's are.
        return written(
            {key: parts[key](value) if key in parts else value for key, value in content.items()}
        )

    def _packs(self, value: Json) -> Json:
        """Built-in packs by their names; the path of a file would say whose it is."""
        items = value if isinstance(value, list) else []
        return [item for item in items if isinstance(item, str) and _WORD.fullmatch(item)]

    def _connector(self, value: Json) -> Json:
        parts: dict[str, Callable[[Json], Json]] = {
            "name": lambda name: redacted_property("Name", name, self._names),
            "properties": self._matchers.properties,
        }
        return {key: parts[key](item) for key, item in entries(value).items() if key in parts}

    def _controls(self, value: Json) -> Json:
        return {
            control: {
                key: self._matchers.texts(item) if key in TEXTS else item
                for key, item in entries(details).items()
            }
            for control, details in entries(value).items()
        }

    def _regions(self, value: Json) -> Json:
        """Ids, aliases and hosts are the gateway's; a title could say anything."""
        return {
            region: {key: region if key == "title" else item for key, item in parts.items()}
            for region, parts in (
                (region, entries(item)) for region, item in entries(value).items()
            )
        }

    def _exemptions(self, value: Json) -> Json:
        return [
            {**{key: self._exempting(key, part) for key, part in item.items()}, "connector": name}
            for item in map(entries, value if isinstance(value, list) else ())
            for name in self._covered(item.get("connector"))
        ]

    def _covered(self, pattern: Json) -> list[Json]:
        """The connectors that a pattern means: one entry for each, for stand-ins share no part."""
        if not isinstance(pattern, str) or pattern.strip() == "*":
            return [pattern]
        if not set("*?") & set(pattern):
            return [self._names.connector(pattern)]
        wild = re.escape(pattern.strip().lower()).replace(r"\*", ".*").replace(r"\?", ".")
        found: list[Json] = [
            stand_in
            for name, stand_in in self._names.connectors().items()
            if re.fullmatch(f"(?s){wild}", name)
        ]
        return found or [redacted_text(pattern, self._names)]

    def _exempting(self, key: str, value: Json) -> Json:
        if key == "only_if":
            return self._matchers.properties(value)
        if key == "control" and isinstance(value, str) and _IDENTIFIER.fullmatch(value):
            return value
        if key == "evidence":
            # Of a value that is not there, even a digest could be tested with guesses.
            return self._digests.get(str(value), _NO_DIGEST)
        return self._matchers.texts(value)


def _plain(node: Node) -> Json:
    if isinstance(node.value, dict):
        return {key: _plain(item) for key, item in node.value.items()}
    if isinstance(node.value, tuple):
        return [_plain(item) for item in node.value]
    return node.value
