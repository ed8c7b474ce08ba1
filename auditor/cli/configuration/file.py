"""The configuration file as values, each with its place: options and what no option says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.cli.commands import COMMANDS
from auditor.cli.configuration.extras import KEYS, Extras, read_extras
from auditor.cli.setting import Setting
from auditor.errors import Place, PolicyError, UsageError, did_you_mean, shortened
from auditor.policy.fields import mapping, name_of
from auditor.textfile import decode
from auditor.yamlfile import parse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from auditor.cli.options import Option
    from auditor.yamlfile import Node

SCHEMA: Final = "audit-config/1"
NOT_OF_ONE: Final = frozenset({"config", "name"})
"""What chooses a file or an audit cannot stand in an audit."""


class Configuration(NamedTuple):
    """What a configuration file says.

    Attributes:
        shared: options for every audit.
        extras: what no option says, likewise.
        audits: the options of each named audit, in the order of the file.
        audit_extras: what no option says, of each.
        places: where each named audit begins.
    """

    shared: Mapping[str, Setting] = {}
    extras: Extras = Extras()
    audits: Mapping[str, Mapping[str, Setting]] = {}
    audit_extras: Mapping[str, Extras] = {}
    places: Mapping[str, Place] = {}


def read_configuration(path: Path) -> Configuration:
    """The configuration of a file.

    Raises:
        UsageError: it cannot be read, or something in it is wrong; with the place.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"the configuration file cannot be read: {error.strerror or error}", Place(str(path))
        ) from error
    node = parse(decode(data, path.name, UsageError), path.name, UsageError)
    try:
        return _configuration(node, path.resolve().parent)
    except PolicyError as error:
        raise UsageError(error.message, error.place, error.hint) from error


def known_options() -> dict[str, Option]:
    """The options that a configuration file can have: one file serves all commands."""
    options = [option for command in COMMANDS.values() for option in command.options]
    return {o.name: o for o in options if o.name != "config" and not o.here_only}


def _configuration(node: Node, folder: Path) -> Configuration:
    if node.value is None:
        return Configuration()
    if not isinstance(node.value, dict):
        raise UsageError("the configuration must be keys and values", node.place)
    schema = node.value.get("schema")
    if schema is not None and schema.value != SCHEMA:
        message = f"schema cannot be {schema.describe()}"
        raise UsageError(message, schema.place, f"This version reads {SCHEMA}.")
    audits = _audits(node.value.get("audits"))
    options = known_options()
    shared = _settings(node, folder, options, ("schema", "audits", *KEYS))
    own = {name: option for name, option in options.items() if name not in NOT_OF_ONE}
    return Configuration(
        shared,
        read_extras(node.value, folder),
        {name: _settings(audit, folder, own, KEYS) for name, audit in audits.items()},
        {name: read_extras(_entries(audit), folder) for name, audit in audits.items()},
        {name: audit.place for name, audit in audits.items()},
    )


def _entries(node: Node) -> dict[str, Node]:
    return node.value if isinstance(node.value, dict) else {}


def _audits(node: Node | None) -> dict[str, Node]:
    """The named audits; names that differ in letter case alone would share a history."""
    if node is None or node.value is None:
        return {}
    found = mapping(node, "audits")
    seen: dict[str, str] = {}
    for name, audit in found.items():
        place = (node.keys or {}).get(name, node.place)
        plain = name_of(type(node)(name, place), "the name of an audit").lower()
        if plain in seen:
            raise UsageError(f"two audits are named {shortened(name)}", place, "Rename one.")
        seen[plain] = name
        if not isinstance(audit.value, dict):
            mapping(audit, f"the audit {shortened(name)}")
    return found


def _settings(
    node: Node, folder: Path, known: Mapping[str, Option], others: tuple[str, ...]
) -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    for key, value in _entries(node).items():
        if key in others:
            continue
        if key not in known:
            place = (node.keys or {}).get(key, node.place)
            raise UsageError(
                f"there is no option {key!r}", place, did_you_mean(key, [*known, *others])
            )
        if value.value is not None:
            found[key] = Setting(_value(known[key], value), folder, f"{key!r}", value.place)
    return found


def _value(option: Option, node: Node) -> str | bool | tuple[str, ...]:
    value = node.value
    if option.kind == "flag":
        if isinstance(value, bool):
            return value
        message = f"{option.name!r} must be true or false, not {node.describe()}"
        raise UsageError(message, node.place, "Write true or false.")
    if option.kind == "list":
        items = value if isinstance(value, tuple) else (node,)
        return tuple(_text(option, item) for item in items)
    return _text(option, node)


def _text(option: Option, node: Node) -> str:
    if option.metavar == "SECONDS" and type(node.value) in {int, float}:
        return str(node.value)
    if not isinstance(node.value, str) or not node.value:
        raise UsageError(
            f"{option.name!r} must be text, not {node.describe()}", node.place, "Put it in quotes."
        )
    if "\0" in node.value:
        raise UsageError(f"{option.name!r} holds a NUL character", node.place)
    return node.value
