"""A policy's merged document → Policy."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from auditor.digests import sha256
from auditor.errors import NOWHERE, shortened
from auditor.kinds import NAME
from auditor.kinds.hosts import host_name, ip_address
from auditor.model import Gateway, Policy, Requirement
from auditor.policy.controls import (
    SPECIAL,
    make_control,
    read_property,
    read_special,
)
from auditor.policy.documents import SCHEMA, read_document
from auditor.policy.exemptions import read_exemptions
from auditor.policy.fields import (
    count,
    fail,
    key_place,
    mapping,
    name_of,
    refuse_blank,
    sequence,
    text,
)
from auditor.policy.matchers import MATCHERS, Equals
from auditor.policy.pack_files import load_builtin_packs, load_packs
from auditor.policy.regions import lookup, read_regions, words_of
from auditor.policy.words import STRAYS, hint_for
from auditor.properties import PROPERTIES
from auditor.yamlfile import Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from auditor.errors import Place
    from auditor.model import Control, Exemption, Json, Pack, Region

WARN_DAYS: Final = 30
"""How early the end of an exemption is announced where a policy does not say."""

MOST_DAYS: Final = 3660

_OR_LEAVE_OUT: Final = "Write null for none, or leave it out."
_GATEWAY: Final = {"name": "Mimecast", "domains": "[mimecast.com]"}
_NEEDED: Final = {"gateway": "a gateway", "regions": "regions"}


def load_policy(name_or_path: str, folder: Path, packs: Iterable[tuple[str, Path]] = ()) -> Policy:
    """A built-in policy by its name, or a policy file, with its packs and further ones.

    Args:
        name_or_path: ``mimecast``, or a path.
        folder: what a relative path is relative to.
        packs: names or paths of packs beside those that the policy names, each with the folder
            that it is relative to.

    Raises:
        UsageError: there is no such policy or pack.
        PolicyError: one is wrong, with the place.
    """
    more = tuple((name, where.resolve()) for name, where in packs)
    return _load(name_or_path, folder.resolve(), more)


@lru_cache(maxsize=32)
def _load(name_or_path: str, folder: Path, more: tuple[tuple[str, Path], ...]) -> Policy:
    """The same, kept: a run over many organisations reads its policy once."""
    document = read_document(name_or_path, folder)
    node = document.root
    entries = mapping(node, "a policy")
    for key, phrase in _NEEDED.items():
        if key not in entries:
            fail(node, f"a policy needs {phrase}", "Begin with: extends: mimecast")
    regions = read_regions(entries["regions"])
    connector = mapping(entries["connector"], "connector") if "connector" in entries else {}
    subject = _connector_name(connector)
    controls = {control.id: control for control in _controls(entries, connector, subject)}
    packs = load_packs(entries.get("packs"), document.packs_folder, more)
    policy = Policy(
        name=text(entries["name"], "name"),
        version=text(entries["version"], "version"),
        sha256="",
        gateway=_gateway(entries["gateway"]),
        regions=regions,
        connector_name=subject,
        default_region=_default_region(entries, regions),
        controls=controls,
        files=tuple(map(str, document.files)),
        packs=packs,
        exemptions=_exemptions(entries.get("exemptions"), packs, document.files[0].name),
        warn_days=_warn_days(entries.get("warn_days")),
    )
    return replace(policy, sha256=sha256(_content(policy)))


def _content(policy: Policy) -> dict[str, object]:
    """All that a policy says, without places and comments: what its digest is made of."""
    return {
        "schema": SCHEMA,
        "name": policy.name,
        "version": policy.version,
        "region": policy.default_region,
        "warn_days": policy.warn_days,
        "gateway": {"name": policy.gateway.name, "domains": list(policy.gateway.domains)},
        "connector_name": policy.connector_name,
        "regions": {region.id: _region_content(region) for region in policy.regions.values()},
        "controls": {key: _said(control) for key, control in policy.controls.items()},
        "packs": [
            [
                pack.name,
                pack.version,
                {key: _said(control) for key, control in pack.controls.items()},
            ]
            for pack in policy.packs
        ],
        "exemptions": [_permitted(exemption) for exemption in policy.exemptions],
    }


def _said(control: Control) -> list[object]:
    """All that a control says, without its place."""
    return [
        _asked(control.requirements),
        _asked(control.when),
        control.not_applicable_because,
        control.severity,
        control.title,
        control.why,
        list(control.references),
        control.everywhere,
        control.unconfirmed,
    ]


def _asked(requirements: Iterable[Requirement]) -> list[object]:
    return [[name, matcher.expected()] for name, matcher in requirements]


def _permitted(exemption: Exemption) -> list[object]:
    """All that an exemption says, without its place."""
    return [
        exemption.connector,
        exemption.control,
        exemption.reason,
        exemption.owner,
        exemption.approved_by,
        exemption.ticket,
        None if exemption.starts is None else exemption.starts.isoformat(),
        exemption.expires.isoformat(),
        _asked(exemption.only_if),
        exemption.evidence,
    ]


def _warn_days(node: Node | None) -> int:
    if node is None:
        return WARN_DAYS
    return count(node, f"warn_days is a number of days from 0 to {MOST_DAYS}", WARN_DAYS, MOST_DAYS)


def _exemptions(node: Node | None, packs: Iterable[Pack], file: str) -> tuple[Exemption, ...]:
    """All of them; a control of a pack that only a parent uses is no mistake of the child's."""
    if node is None:
        return ()
    own = tuple(item for item in sequence(node, "exemptions") if item.place.file == file)
    read_exemptions(Node(own, node.place), _Known(packs))
    return read_exemptions(node)


class _Known:
    """The ids of all controls that there can be; those of packs that are not used, if asked."""

    def __init__(self, packs: Iterable[Pack]) -> None:
        self._near = {*SPECIAL, *PROPERTIES, *(key for pack in packs for key in pack.controls)}

    def __contains__(self, name: object) -> bool:
        return name in self._near or any(name in pack.controls for pack in load_builtin_packs())


def _gateway(node: Node) -> Gateway:
    entries = mapping(node, "gateway", ("name", "domains"))
    for key, example in _GATEWAY.items():
        if key not in entries:
            fail(node, f"the gateway needs {key}", f"Write: {key}: {example}")
    domains = tuple(_domain(item) for item in sequence(entries["domains"], "domains"))
    if not domains:
        fail(entries["domains"], "the gateway needs at least one domain", "Write: [mimecast.com]")
    return Gateway(text(entries["name"], "the gateway's name"), domains)


def _domain(node: Node) -> str:
    word = text(node, "each of domains")
    domain = host_name(word.strip("."))
    if domain is None or "." not in domain:
        hint = "Write it in full and without a wildcard: mimecast.com"
        if ip_address(word) is not None:
            hint = "It is an address; write what the names of the gateway's hosts end with."
        fail(node, f"{shortened(word)} is not a domain", hint)
    return domain


def _connector_name(connector: Mapping[str, Node]) -> str | None:
    node = connector.get("name")
    if node is None:
        return None
    refuse_blank(node, "the connector's name", _OR_LEAVE_OUT)
    return None if node.value is None else name_of(node, "the connector's name")


def _region_content(region: Region) -> list[Json]:
    """What a region is; its include only where it has one, as before there was any."""
    include = [] if region.spf_include is None else [region.spf_include]
    hosts = list(region.smart_hosts)
    return [region.title, list(region.aliases), hosts, region.state, *include]


def _default_region(entries: Mapping[str, Node], regions: Mapping[str, Region]) -> str | None:
    node = entries.get("region")
    if node is None:
        return None
    refuse_blank(node, "region", _OR_LEAVE_OUT)
    if node.value is None:
        return None
    word = text(node, "region")
    region = lookup(regions, word)
    if region is None:
        fail(node, f"there is no region {shortened(word)}", hint_for(word, words_of(regions)))
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
            _check_name(control, name, value)
            control = _name_control(name, value, place)
        found.append(control)
    return found


def _check_name(control: Control | None, name: str, node: Node) -> None:
    """What a control asks of the name must hold of the one that the policy gives: that is it."""
    if control is None:
        return
    asked = node.value if isinstance(node.value, dict) else {"equals": node}
    for key, part in asked.items():
        if key in MATCHERS and MATCHERS[key](part, "Name", NAME).holds(name) is False:
            message = f"the policy names the connector {shortened(name)}, so Name cannot be another"
            fail(part, message, "Leave one of them out.")


def _name_control(name: str, details: Node | None, place: Place) -> Control:
    """``connector.name`` puts Name under control; its severity and why may be inherited."""
    entries = mapping(details, "Name") if details is not None else {}
    return make_control("Name", (Requirement("Name", Equals(NAME, name)),), entries, place)


def _specials(node: Node | None) -> list[Control | None]:
    """The controls that are no property: there unless the policy ignores them."""
    given = mapping(node, "controls") if node is not None else {}
    if node is not None:
        mapping(node, "controls", SPECIAL, STRAYS)
    return [
        read_special(name, given[name], key_place(node, name))
        if name in given
        else make_control(name, (), {}, NOWHERE)
        for name in SPECIAL
    ]
