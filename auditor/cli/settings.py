"""Option, environment, configuration file, default: the first layer that says something wins."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from auditor.cli.commands import COMMANDS
from auditor.cli.options import FILES_ONLY
from auditor.errors import NOWHERE, Place, UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from auditor.cli.argv import Invocation
    from auditor.cli.options import Option
    from auditor.cli.session import Session
    from auditor.yamlfile import Node

CONFIG_NAME: Final = "audit.yaml"
OPERAND: Final = ""
_NEVER_HERE: Final = "A password comes from AUDIT_PASSWORD, the system keyring or a prompt only."
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off", ""})


@dataclass(frozen=True, slots=True)
class Setting:
    """A value, the folder that paths in it are relative to, and who said it."""

    value: str | bool | tuple[str, ...]
    folder: Path
    said_by: str
    place: Place = NOWHERE


class Settings:
    """The options of one run, each from the first layer that says something."""

    def __init__(self, settings: Mapping[str, Setting]) -> None:
        self._settings = settings

    def text(self, name: str) -> str | None:
        """The value of an option that takes one."""
        found = self._settings.get(name)
        return str(found.value) if found is not None else None

    def flag(self, name: str) -> bool:
        """Whether a flag is set."""
        found = self._settings.get(name)
        return found is not None and found.value is True

    def texts(self, name: str) -> tuple[str, ...]:
        """The values of an option that may be repeated."""
        found = self._settings.get(name)
        return found.value if found is not None and isinstance(found.value, tuple) else ()

    @property
    def operands(self) -> tuple[str, ...]:
        """What was given without an option."""
        return self.texts(OPERAND)

    def folder(self, name: str) -> Path:
        """What paths in an option are relative to: where it was said."""
        found = self._settings.get(name)
        return found.folder if found is not None else Path()

    def is_typed(self, name: str) -> bool:
        """Whether the command line gives an option."""
        found = self._settings.get(name)
        return found is not None and found.said_by.startswith("--")

    @contextmanager
    def said_by(self, name: str) -> Iterator[None]:
        """Usage errors in here are about an option: say which layer gave it, and where."""
        try:
            yield
        except UsageError as error:
            found = self._settings.get(name)
            if found is None or self.is_typed(name):
                raise
            message = f"{found.said_by}: {error.message}"
            raise UsageError(message, found.place, error.hint) from error


def resolve(invocation: Invocation, session: Session) -> Settings:
    """All settings of a run.

    Raises:
        UsageError: a value is not allowed, or the configuration file is wrong.
    """
    options = invocation.command.options
    shared = [option for option in options if not option.here_only]
    configured = _configuration(invocation, session) if shared else {}
    layers = (
        {o.name: _from_command_line(o, invocation, session) for o in options},
        {o.name: _from_environment(o, session) for o in shared},
        {o.name: configured.get(o.name) for o in shared},
        {o.name: _default(o, session) for o in options},
    )
    unused = _other_source(layers)
    found: dict[str, Setting] = {}
    for option in options:
        setting = next(filter(None, (layer.get(option.name) for layer in layers)), None)
        if setting is not None and option.name != unused:
            _check_choice(option, setting)
            found[option.name] = setting
    operand = invocation.command.operand
    if operand is not None:
        words = invocation.given.get(operand.name)
        given = tuple(words) if isinstance(words, list) else ()
        found[OPERAND] = Setting(given, session.folder, operand.name)
    return Settings(found)


def _other_source(layers: Sequence[Mapping[str, Setting | None]]) -> str | None:
    """The source that is not used: the first layer that names one decides which it is.

    Raises:
        UsageError: one layer names both.
    """
    for layer in layers:
        snapshot, server = layer.get("snapshot"), layer.get("server")
        if snapshot and server:
            raise UsageError(
                f"{snapshot.said_by} and {server.said_by} exclude each other",
                server.place,
                "Read an export, or ask a server.",
            )
        if snapshot or server:
            return "server" if snapshot else "snapshot"
    return None


def _default(option: Option, session: Session) -> Setting | None:
    if option.default is None:
        return None
    return Setting(option.default, session.folder, "the default")


def _from_command_line(option: Option, invocation: Invocation, session: Session) -> Setting | None:
    given = invocation.given.get(option.name)
    if given is None:
        return None
    value = tuple(given) if isinstance(given, list) else given
    if value == "" or (isinstance(value, tuple) and "" in value):
        raise UsageError(f"--{option.name} is given without a value")
    return Setting(value, session.folder, f"--{option.name}")


def _from_environment(option: Option, session: Session) -> Setting | None:
    text = session.environ.get(option.variable)
    if not text:
        return None
    value: str | bool | tuple[str, ...] = text
    if option.kind == "flag":
        word = text.strip().lower()
        if word not in _TRUE | _FALSE:
            raise UsageError(
                f"{option.variable} cannot be {text!r}", hint="Set it to true or false."
            )
        value = word in _TRUE
    elif option.kind == "list":
        value = tuple(part.strip() for part in text.split(",") if part.strip())
    return Setting(value, session.folder, option.variable)


def _check_choice(option: Option, setting: Setting) -> None:
    if option.choices and setting.value not in option.choices:
        if option.name == "format" and setting.value in FILES_ONLY and len(option.choices) > 2:
            hint = f"Write it to a file: --output {setting.value}=report.{setting.value}"
            why = f"{setting.said_by} cannot be {setting.value!r}: it goes to files only"
            raise UsageError(why, setting.place, hint)
        raise UsageError(
            f"{setting.said_by} cannot be {setting.value!r}",
            setting.place,
            did_you_mean(str(setting.value), option.choices),
        )


def _configuration(invocation: Invocation, session: Session) -> dict[str, Setting]:
    path = _configuration_path(invocation.given.get("config"), session)
    if path is None:
        return {}
    # Only here: a run without a configuration file has no need of it.
    from auditor.textfile import decode
    from auditor.yamlfile import parse

    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"the configuration file cannot be read: {error.strerror or error}", Place(str(path))
        ) from error
    node = parse(decode(data, path.name, UsageError), path.name, UsageError)
    return _settings_of(node, path.resolve().parent)


def glimpse(session: Session, named: str | None, name: str) -> str | None:
    """An option of the configuration file, even where the file is wrong.

    Only for choosing how to say what is wrong.
    """
    path = _configuration_path(named, session)
    if path is None:
        return None
    from auditor.textfile import decode
    from auditor.yamlfile import parse

    text = ""
    try:
        text = decode(path.read_bytes(), path.name, UsageError)
        node = parse(text, path.name, UsageError)
        value = node.value.get(name) if isinstance(node.value, dict) else None
        return value.value if value is not None and isinstance(value.value, str) else None
    except (OSError, ValueError, UsageError):
        found = re.search(rf"(?m)^[\"']?{re.escape(name)}[\"']?:\s*[\"']?([\w-]+)", text)
        return found[1] if found else None


def _configuration_path(given: object, session: Session) -> Path | None:
    named = given or session.environ.get("AUDIT_CONFIG")
    if named:
        return session.folder / str(named)
    usual = session.folder / CONFIG_NAME
    return usual if usual.is_file() else None


def _settings_of(node: Node, folder: Path) -> dict[str, Setting]:
    if node.value is None:
        return {}
    if not isinstance(node.value, dict):
        raise UsageError("the configuration must be keys and values", node.place)
    # One file serves all commands: each takes from it what it knows.
    options = [option for command in COMMANDS.values() for option in command.options]
    known = {o.name: o for o in options if o.name != "config" and not o.here_only}
    found: dict[str, Setting] = {}
    for key, value in node.value.items():
        place = node.keys[key] if node.keys else node.place
        if key not in known:
            hint = _NEVER_HERE if key == "password" else did_you_mean(key, known)
            raise UsageError(f"there is no option {key!r}", place, hint)
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
