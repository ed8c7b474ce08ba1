"""A policy's merged document → Policy."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.digests import sha256
from auditor.errors import NOWHERE, did_you_mean
from auditor.kinds import NAME
from auditor.kinds.hosts import host_name
from auditor.model import Gateway, Policy
from auditor.policy.controls import SPECIAL, make_control, read_property, read_special
from auditor.policy.documents import SCHEMA, read_document
from auditor.policy.fields import fail, key_place, mapping, sequence, text, texts
from auditor.policy.matchers import Equals, read_value
from auditor.policy.regions import lookup, read_regions, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from auditor.errors import Place
    from auditor.model import Control, Region
    from auditor.yamlfile import Node


def load_policy(name_or_path: str, folder: Path) -> Policy:
    """A built-in policy by its name, or a policy file.

    Args:
        name_or_path: ``mimecast``, or a path.
        folder: what a relative path is relative to.

    Raises:
        UsageError: there is no such policy.
        PolicyError: it is wrong, with the place.
    """
    return _load(name_or_path, folder.resolve())


@lru_cache(maxsize=32)
def _load(name_or_path: str, folder: Path) -> Policy:
    """The same, kept: a run over many organisations reads its policy once."""
    node, files = read_document(name_or_path, folder)
    entries = mapping(node, "a policy")
    for key in ("gateway", "regions"):
        if key not in entries:
            fail(node, f"a policy needs {key}", "Begin with: extends: mimecast")
    name, version = text(entries["name"], "name"), text(entries["version"], "version")
    regions, gateway = read_regions(entries["regions"]), _gateway(entries["gateway"])
    connector = mapping(entries["connector"], "connector") if "connector" in entries else {}
    subject, region = _connector_name(connector), _default_region(entries, regions)
    controls = {control.id: control for control in _controls(entries, connector, subject)}
    content: dict[str, object] = {
        "schema": SCHEMA,
        "name": name,
        "version": version,
        "region": region,
        "gateway": {"name": gateway.name, "domains": list(gateway.domains)},
        "connector_name": subject,
        "regions": {
            r.id: [r.title, list(r.aliases), list(r.smart_hosts), r.state] for r in regions.values()
        },
        "controls": {key: _said(control) for key, control in controls.items()},
    }
    return Policy(
        name=name,
        version=version,
        sha256=sha256(content),
        gateway=gateway,
        regions=regions,
        connector_name=subject,
        default_region=region,
        controls=controls,
        files=tuple(map(str, files)),
    )


def _said(control: Control) -> list[object]:
    """All that a control says, without its place: what the policy's digest is made of."""
    expected = control.matcher.expected() if control.matcher else None
    return [expected, control.severity, control.why, list(control.references)]


def _gateway(node: Node) -> Gateway:
    entries = mapping(node, "gateway", ("name", "domains"))
    for key in ("name", "domains"):
        if key not in entries:
            fail(node, f"the gateway needs {key}")
    node = entries["domains"]
    domains = []
    for item, word in zip(sequence(node, "domains"), texts(node, "domains"), strict=True):
        domain = host_name(word.strip("."))
        if domain is None:
            fail(item, f"{word!r} is not a domain", "Write it without a wildcard: mimecast.com")
        domains.append(domain)
    return Gateway(text(entries["name"], "the gateway's name"), tuple(domains))


def _connector_name(connector: Mapping[str, Node]) -> str | None:
    node = connector.get("name")
    if node is None or node.value is None:
        return None
    text(node, "the connector's name")
    return str(read_value(node, "the connector's name", NAME))


def _default_region(entries: Mapping[str, Node], regions: Mapping[str, Region]) -> str | None:
    node = entries.get("region")
    if node is None or node.value is None:
        return None
    word = text(node, "region")
    region = lookup(regions, word)
    if region is None:
        fail(node, f"there is no region {word!r}", did_you_mean(word, words_of(regions)))
    return region.id


def _controls(
    entries: Mapping[str, Node], connector: Mapping[str, Node], name: str | None
) -> Iterable[Control]:
    """All controls in the order of the report: presence, properties, the other connectors."""
    first, *others = _specials(entries.get("controls"))
    found = [first, *_property_controls(connector, name), *others]
    return [control for control in found if control is not None]


def _property_controls(connector: Mapping[str, Node], name: str | None) -> list[Control | None]:
    node = connector.get("properties")
    properties = mapping(node, "properties") if node is not None else {}
    found: list[Control | None] = []
    if name is not None and "Name" not in properties:
        found.append(_name_control(name, None, connector["name"].place))
    for key, value in properties.items():
        place = key_place(node, key)
        control = read_property(key, value, place)
        ignored = isinstance(value.value, dict) and "ignore" in value.value
        if key == "Name" and name is not None and not ignored:
            if control is not None and control.matcher and not control.matcher.holds(name):
                fail(value, f"the policy names the connector {name!r}, so Name cannot be another")
            control = control or _name_control(name, value, place)
        found.append(control)
    return found


def _name_control(name: str, details: Node | None, place: Place) -> Control:
    """``connector.name`` puts Name under control; its severity and why may be inherited."""
    entries = mapping(details, "Name") if details is not None else {}
    return make_control("Name", "Name", Equals(NAME, name), entries, place)


def _specials(node: Node | None) -> list[Control | None]:
    """The controls that are no property: there unless the policy ignores them."""
    given = mapping(node, "controls", SPECIAL) if node is not None else {}
    return [
        read_special(name, given[name], key_place(node, name))
        if name in given
        else make_control(name, None, None, {}, NOWHERE)
        for name in SPECIAL
    ]
