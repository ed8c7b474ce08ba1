"""A policy's name or file → Policy, ``extends`` followed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from auditor.digests import sha256
from auditor.errors import Place, PolicyError, UsageError, did_you_mean
from auditor.kinds import NAME
from auditor.model import Gateway, Policy
from auditor.policy.controls import SPECIAL, make_control, read_property, read_special
from auditor.policy.fields import fail, mapping, text, texts
from auditor.policy.matchers import Equals, read_value
from auditor.policy.merge import merged
from auditor.policy.regions import read_regions
from auditor.textfile import decode
from auditor.yamlfile import Node, parse

if TYPE_CHECKING:
    from auditor.model import Control, Region

SCHEMA: Final = "audit-policy/1"
MAX_BYTES: Final = 4 * 1024 * 1024

KEYS: Final = (
    "schema", "name", "version", "extends", "region", "gateway", "connector", "controls", "regions",
)  # fmt: skip
LATER: Final = ("packs", "warn_days", "exemptions")
"""Keys of the policy language that this version knows and cannot evaluate yet."""


def builtin_folder() -> Path:
    """Where the built-in policies are: beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "policies"
    return installed if installed.is_dir() else package.parent / "policies"


def builtin_names() -> list[str]:
    """The names of the built-in policies."""
    return sorted(path.stem for path in builtin_folder().glob("*.yaml"))


NOT_NAMED: Final = Place(None)


@lru_cache(maxsize=32)
def load_policy(name_or_path: str, folder: Path) -> Policy:
    """A built-in policy by its name, or a policy file.

    Args:
        name_or_path: ``mimecast``, or a path that ends in .yaml or .yml.
        folder: what a relative path is relative to.

    Raises:
        UsageError: there is no such policy.
        PolicyError: it is wrong, with the place.
    """
    return _policy(_document(name_or_path, folder, NOT_NAMED, ()))


def _find(name_or_path: str, folder: Path, place: Place) -> Path:
    if not name_or_path.lower().endswith((".yaml", ".yml")):
        path = builtin_folder() / f"{name_or_path}.yaml"
        if name_or_path in builtin_names():
            return path
        path = folder / name_or_path
    else:
        path = folder / name_or_path
    if path.is_file():
        return path
    message = f"there is no policy {name_or_path!r}"
    hint = f"{did_you_mean(name_or_path, builtin_names())} Or give the path of a .yaml file."
    if place is NOT_NAMED:
        raise UsageError(message, hint=hint)
    raise PolicyError(message, place, hint)


def _document(name_or_path: str, folder: Path, place: Place, chain: tuple[Path, ...]) -> Node:
    """The document of a policy with all that it extends merged in."""
    path = _find(name_or_path, folder, place).resolve()
    if path in chain:
        raise PolicyError(f"{path.name} extends itself, by way of {chain[-1].name}", place)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PolicyError(f"it cannot be read: {error.strerror or error}", Place(path.name)) from error
    if len(data) > MAX_BYTES:
        raise PolicyError("the file is too large to be a policy", Place(path.name))
    node = parse(decode(data, path.name), path.name, PolicyError)
    _check_document(node)
    entries = mapping(node, "a policy")
    if "extends" not in entries:
        return node
    parent = entries["extends"]
    word = text(parent, "extends")
    return merged(_document(word, path.parent, parent.place, (*chain, path)), node)


def _check_document(node: Node) -> None:
    """Each file by itself, before merging, so that every error has its own place."""
    entries = mapping(node, "a policy", (*KEYS, *LATER))
    for key in LATER:
        if key in entries:
            raise PolicyError(
                f"this version cannot evaluate {key!r} yet",
                node.keys[key] if node.keys else node.place,
                "Take it out, or use a version that can.",
            )
    if "schema" not in entries:
        fail(node, "a policy must begin with its schema", f"Write: schema: {SCHEMA}")
    if entries["schema"].value != SCHEMA:
        fail(entries["schema"], f"the schema must be {SCHEMA!r}", "Is this a policy at all?")
    for key in ("name", "version"):
        if key not in entries:
            fail(node, f"a policy needs a {key}")
        text(entries[key], key)
    if "connector" in entries:
        connector = mapping(entries["connector"], "connector", ("name", "properties"))
        if "properties" in connector:
            # Read for its errors: a child's property may lack the matcher that its parent has.
            for name, value in mapping(connector["properties"], "properties").items():
                if "extends" not in entries or not isinstance(value.value, dict):
                    read_property(name, value, _key_place(connector["properties"], name))


def _key_place(node: Node, key: str) -> Place:
    return node.keys.get(key, node.place) if node.keys else node.place


def _policy(node: Node) -> Policy:
    entries = mapping(node, "a policy")
    for key in ("gateway", "regions"):
        if key not in entries:
            fail(node, f"a policy needs {key}", "Begin with: extends: mimecast")
    regions = read_regions(entries["regions"])
    gateway = _gateway(entries["gateway"])
    connector = mapping(entries["connector"], "connector") if "connector" in entries else {}
    name = _connector_name(connector)
    controls = _controls(entries, connector, name)
    region = _default_region(entries, regions)
    title, version = text(entries["name"], "name"), text(entries["version"], "version")
    return Policy(
        name=title,
        version=version,
        sha256=sha256(_effective(title, version, gateway, regions, controls, name, region)),
        gateway=gateway,
        regions=regions,
        connector_name=name,
        default_region=region,
        controls=controls,
    )


def _gateway(node: Node) -> Gateway:
    entries = mapping(node, "gateway", ("name", "domains"))
    for key in ("name", "domains"):
        if key not in entries:
            fail(node, f"the gateway needs {key}")
    domains = tuple(d.lower().rstrip(".") for d in texts(entries["domains"], "domains"))
    return Gateway(text(entries["name"], "the gateway's name"), domains)


def _connector_name(connector: dict[str, Node]) -> str | None:
    if "name" not in connector or connector["name"].value is None:
        return None
    value = read_value(connector["name"], "connector name", NAME)
    return str(value) if text(connector["name"], "the connector's name") else None


def _default_region(entries: dict[str, Node], regions: dict[str, Region]) -> str | None:
    if "region" not in entries or entries["region"].value is None:
        return None
    node = entries["region"]
    word = text(node, "region").lower()
    for region in regions.values():
        if word == region.id or word in region.aliases:
            return region.id
    words = [known for r in regions.values() for known in (r.id, *r.aliases)]
    fail(node, f"there is no region {word!r}", did_you_mean(word, words))


def _controls(
    entries: dict[str, Node], connector: dict[str, Node], name: str | None
) -> dict[str, Control]:
    """All controls in the order of the report: presence, properties, the other connectors."""
    specials = _specials(entries)
    found = [specials.get(SPECIAL[0])]
    properties = connector.get("properties")
    named = name is not None
    if properties is not None:
        for key, value in mapping(properties, "properties").items():
            control = read_property(key, value, _key_place(properties, key))
            if key == "Name" and named and control is None:
                control = _name_control(name, value, _key_place(properties, key))
                named = False
            found.append(control)
    if named:
        node = connector["name"]
        found.insert(1, _name_control(name, None, node.place))
    found.extend(specials.get(special) for special in SPECIAL[1:])
    return {control.id: control for control in found if control is not None}


def _name_control(name: str | None, details: Node | None, place: Place) -> Control:
    """``connector.name`` puts Name under control; its severity and why may be inherited."""
    entries = mapping(details, "Name") if details is not None else {}
    return make_control("Name", "Name", Equals(NAME, name), entries, place)


def _specials(entries: dict[str, Node]) -> dict[str, Control | None]:
    """The controls that are no property: there unless the policy ignores them."""
    node = entries.get("controls")
    given = mapping(node, "controls") if node is not None else {}
    for key in given:
        read_special(key, given[key], _key_place(node, key) if node else NOT_NAMED)
    return {
        special: read_special(special, given[special], _key_place(node, special))
        if node is not None and special in given
        else make_control(special, None, None, {}, NOT_NAMED)
        for special in SPECIAL
    }


def _effective(
    name: str,
    version: str,
    gateway: Gateway,
    regions: dict[str, Region],
    controls: dict[str, Control],
    connector_name: str | None,
    default_region: str | None,
) -> dict[str, object]:
    """All that a policy says, without places: what its digest is made of."""
    return {
        "schema": SCHEMA,
        "name": name,
        "version": version,
        "region": default_region,
        "gateway": {"name": gateway.name, "domains": list(gateway.domains)},
        "connector_name": connector_name,
        "regions": {
            r.id: [r.title, list(r.aliases), list(r.smart_hosts), r.state] for r in regions.values()
        },
        "controls": {
            c.id: [
                c.matcher.expected() if c.matcher else None, c.severity, c.why, list(c.references),
            ]
            for c in controls.values()
        },
    }  # fmt: skip
