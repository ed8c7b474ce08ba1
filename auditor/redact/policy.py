"""The files of a policy → one with stand-ins, written anew: comments can hold names."""

from __future__ import annotations

import json
import re
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Final

from auditor.errors import PolicyError
from auditor.policy import own_files
from auditor.policy.merge import merged
from auditor.redact.matchers import Matchers, entries
from auditor.redact.properties import redacted_property
from auditor.redact.texts import redacted_text
from auditor.yamlfile import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from auditor.model import Json, Policy
    from auditor.yamlfile import Node

_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_NO_DIGEST: Final = f"sha256:{'0' * 64}"
_NAME: Final = "policy-1"


class PolicyWriter:
    """A policy with stand-ins.

    Args:
        policy: the effective one.
        matchers: for what is asked of properties, with the mapping.
        digests: of values as they were → of the same with stand-ins.
    """

    def __init__(self, policy: Policy, matchers: Matchers, digests: Mapping[str, str]) -> None:
        self._policy = policy
        self._matchers = matchers
        self._names = matchers.names
        self._digests = digests

    def write(self, texts: Sequence[str]) -> str | None:
        """One file that says the same as several; None if there are none.

        Args:
            texts: of the user's own files, the policy itself first.

        Raises:
            PolicyError: a text is not YAML, or no policy.
        """
        if not texts:
            return None
        root = reduce(merged, [parse(text, _NAME, PolicyError) for text in reversed(texts)])
        content = _plain(root)
        if not isinstance(content, dict):
            raise PolicyError("this is no policy", root.place)
        parent = _builtin_parent(self._policy)
        content |= {"name": _NAME} | ({"extends": parent} if parent else {})
        redacted = _each(
            content,
            schema=_as_it_is,
            name=_as_it_is,
            version=self._matchers.texts,
            extends=_as_it_is,
            region=self._default_region,
            packs=self._packs,
            warn_days=_as_it_is,
            gateway=self._gateway,
            connector=self._connector,
            controls=self._controls,
            exemptions=self._exemptions,
            regions=self._regions,
        )
        # JSON is YAML.
        return json.dumps(redacted, indent=2, ensure_ascii=False) + "\n"

    def _default_region(self, _: Json) -> Json:
        region = self._policy.default_region
        return None if region is None else self._names.region(region)

    def _gateway(self, value: Json) -> Json:
        known = self._names.kept.gateways
        return _each(
            value,
            name=lambda name: name if name in known else "the gateway",
            domains=lambda found: [self._domain(str(item)) for item in _items(found)],
        )

    def _domain(self, text: str) -> Json:
        """A domain of the gateway, which covers all hosts under it as a wildcard does."""
        return (self._names.host(f"*.{text.strip('.')}") or "host.example").removeprefix("*.")

    def _packs(self, value: Json) -> Json:
        """Built-in packs by their names; the path of a file would say whose it is."""
        return [item for item in _items(value) if isinstance(item, str) and _WORD.fullmatch(item)]

    def _connector(self, value: Json) -> Json:
        return _each(
            value,
            name=lambda name: redacted_property("Name", name, self._names),
            properties=self._matchers.properties,
        )

    def _controls(self, value: Json) -> Json:
        return {
            control: _each(
                details,
                ignore=_as_it_is,
                severity=_as_it_is,
                not_applicable_because=self._matchers.texts,
                why=self._matchers.texts,
                references=self._matchers.texts,
            )
            for control, details in entries(value).items()
        }

    def _regions(self, value: Json) -> Json:
        """Without their aliases and titles."""
        return {
            self._names.region(region): _each(
                item,
                smart_hosts=lambda hosts: redacted_property("SmartHosts", hosts, self._names),
                state=_as_it_is,
            )
            for region, item in entries(value).items()
        }

    def _exemptions(self, value: Json) -> Json:
        return [
            {**{key: self._exempting(key, part) for key, part in item.items()}, "connector": name}
            for item in map(entries, _items(value))
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
            for name, stand_in in self._names.connectors.items()
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


def _builtin_parent(policy: Policy) -> str | None:
    """The name of the built-in policy that the user's own extend."""
    own = own_files(policy)
    return next((file.stem for file in map(Path, policy.files) if file not in own), None)


def _each(value: Json, **parts: Callable[[Json], Json]) -> dict[str, Json]:
    """The entries of a mapping that are known, each made by its part, in their order."""
    found = entries(value)
    return {key: part(found[key]) for key, part in parts.items() if key in found}


def _as_it_is(value: Json) -> Json:
    """A word, or a number, of the policy language."""
    return value


def _items(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list) else ()


def _plain(node: Node) -> Json:
    if isinstance(node.value, dict):
        return {key: _plain(item) for key, item in node.value.items()}
    if isinstance(node.value, tuple):
        return [_plain(item) for item in node.value]
    return node.value
