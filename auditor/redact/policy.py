"""The files of a policy → one with stand-ins, written anew: comments can hold names."""

from __future__ import annotations

import re
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Final

from auditor.errors import PolicyError
from auditor.policy import load_builtin_packs, own_files, own_packs
from auditor.policy.controls import SPECIAL
from auditor.policy.documents import SCHEMA
from auditor.policy.exemptions import DEFAULT_CONTROL
from auditor.policy.merge import merged
from auditor.properties import PROPERTIES
from auditor.redact.documents import as_it_is, each, entries, items, plain, written
from auditor.redact.properties import redacted_property
from auditor.yamlfile import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.model import Json, Policy
    from auditor.redact.evidence import Digests
    from auditor.redact.matchers import Matchers

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NO_DIGEST: Final = f"sha256:{'0' * 64}"
_NAME: Final = "policy-1"


class PolicyWriter:
    """A policy with stand-ins.

    Args:
        policy: the effective one.
        matchers: for what is asked of properties, with the mapping.
        digests: of values as they were → of the same with stand-ins.
        pack_files: what the files of its own packs are called now.
    """

    def __init__(
        self, policy: Policy, matchers: Matchers, digests: Digests, pack_files: Sequence[str]
    ) -> None:
        self._policy = policy
        self._matchers = matchers
        self._names = matchers.names
        self._digests = digests
        self._pack_files = dict(zip(own_packs(policy), pack_files, strict=True))
        builtin = (key for pack in load_builtin_packs() for key in pack.controls)
        self._own_controls = {
            key
            for pack in policy.packs
            if Path(pack.file) in self._pack_files
            for key in pack.controls
        }
        self._controls_that_stay = {*SPECIAL, *PROPERTIES, *builtin} - self._own_controls

    def write(self, texts: Sequence[str]) -> str | None:
        """One file that says the same as several; None if all are built-in ones.

        Args:
            texts: of the user's own files, the policy itself first.

        Raises:
            PolicyError: a text is not YAML, or no policy.
        """
        if not texts and not self._pack_files:
            return None
        content = _merged(texts) if texts else _empty()
        parent = _builtin_parent(self._policy)
        content |= {"name": _NAME} | ({"extends": parent} if parent else {})
        if self._policy.packs:
            content["packs"] = None  # also those that an option added
        redacted = each(
            content,
            schema=as_it_is,
            name=as_it_is,
            version=self._matchers.texts,
            extends=as_it_is,
            region=self._default_region,
            packs=self._packs,
            warn_days=as_it_is,
            gateway=self._gateway,
            connector=self._connector,
            controls=self._controls,
            exemptions=self._exemptions,
            regions=self._regions,
        )
        return written(redacted)

    def _default_region(self, _: Json) -> Json:
        region = self._policy.default_region
        return None if region is None else self._names.region(region)

    def _gateway(self, value: Json) -> Json:
        known = self._names.kept.gateways
        return each(
            value,
            name=lambda name: name if name in known else "the gateway",
            domains=lambda found: [self._domain(str(item)) for item in items(found)],
        )

    def _domain(self, text: str) -> Json:
        """A domain of the gateway, which covers all hosts under it as a wildcard does."""
        return (self._names.host(f"*.{text.strip('.')}") or "host.example").removeprefix("*.")

    def _packs(self, _: Json) -> Json:
        """All that are used: built-in ones by their names, own ones by their files' new names."""
        files = [Path(pack.file) for pack in self._policy.packs]
        return [self._pack_files.get(file, file.stem) for file in files]

    def _connector(self, value: Json) -> Json:
        return each(
            value,
            name=lambda name: redacted_property("Name", name, self._names),
            properties=self._matchers.properties,
        )

    def _controls(self, value: Json) -> Json:
        return {
            control: each(
                details,
                ignore=as_it_is,
                severity=as_it_is,
                not_applicable_because=self._matchers.texts,
                why=self._matchers.texts,
                references=self._matchers.texts,
            )
            for control, details in entries(value).items()
        }

    def _regions(self, value: Json) -> Json:
        """Without their aliases and titles."""
        return {
            self._names.region(region): each(
                item,
                smart_hosts=lambda hosts: redacted_property("SmartHosts", hosts, self._names),
                state=as_it_is,
                spf_include=lambda name: self._names.host(str(name)),
            )
            for region, item in entries(value).items()
        }

    def _exemptions(self, value: Json) -> Json:
        return [
            {key: self._exempting(key, part, item) for key, part in item.items()}
            for item in map(entries, items(value))
        ]

    def _exempting(self, key: str, value: Json, exemption: dict[str, Json]) -> Json:
        """One entry of an exemption."""
        if key == "connector":
            return self._exempt_connector(value)
        if key == "control":
            return self._control(str(value))
        if key == "only_if":
            return self._matchers.properties(value)
        word = str(value).strip()
        if key == "evidence":
            # Of a value that is not there, even a digest could be tested with guesses.
            control = str(exemption.get("control", DEFAULT_CONTROL))
            return self._digests.get((control, word), _NO_DIGEST)
        is_date = key in {"starts", "expires"} and _DATE.fullmatch(word)
        return word if is_date else self._matchers.texts(value)

    def _exempt_connector(self, pattern: Json) -> Json:
        if not isinstance(pattern, str):
            return None
        is_wild = not {"*", "?"}.isdisjoint(pattern)
        return self._names.wildcard(pattern) if is_wild else self._names.connector(pattern)

    def _control(self, identifier: str) -> str:
        if identifier in self._controls_that_stay:
            return identifier
        if identifier in self._own_controls:
            return self._names.control(identifier)
        # Of a pack that is not in use: such an exemption covers nothing, and neither does this.
        return next(name for name in PROPERTIES if name not in self._policy.controls)


def _builtin_parent(policy: Policy) -> str | None:
    """The name of the built-in policy that the user's own extend."""
    own = own_files(policy)
    return next((file.stem for file in map(Path, policy.files) if file not in own), None)


def _empty() -> dict[str, Json]:
    """A policy that says nothing of its own."""
    return {"schema": SCHEMA, "version": "1"}


def _merged(texts: Sequence[str]) -> dict[str, Json]:
    """The content of several files, of which each extends the next."""
    root = reduce(merged, [parse(text, _NAME, PolicyError) for text in reversed(texts)])
    content = plain(root)
    if not isinstance(content, dict):
        raise PolicyError("this is no policy", root.place)
    return content
