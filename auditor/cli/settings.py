"""Option, environment, configuration file, default: the first layer that says something wins."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from auditor.cli.options import FILES_ONLY
from auditor.cli.setting import Setting
from auditor.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from auditor.cli.argv import Invocation
    from auditor.cli.configuration import Configuration, Extras
    from auditor.cli.options import Option
    from auditor.cli.session import Session

Layer: TypeAlias = "Mapping[str, Setting | None]"

CONFIG_NAME: Final = "audit.yaml"
OPERAND: Final = ""
_DEFAULT: Final = "the default"
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off", ""})
_OF_ONE: Final = ("snapshot", "server", "organization", "save-snapshot")
"""What is of one audit: several cannot have it in common."""


class Settings:
    """The options of one run, each from the first layer that says something.

    Attributes:
        extras: what only a configuration file says; None where there is none.
        several: the settings of each audit, where the configuration file names several and none
            was chosen; else empty.
    """

    def __init__(
        self,
        settings: Mapping[str, Setting],
        extras: Extras | None = None,
        several: tuple[Settings, ...] = (),
    ) -> None:
        self._settings = settings
        self.extras = extras
        self.several = several

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
    def all(self) -> Mapping[str, Setting]:
        """Every setting, by the name of its option."""
        return self._settings

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

    def layer(self, name: str) -> Literal["run", "file", "default"] | None:
        """Who says an option: the command line or a variable, the file, nobody; None: it has none.

        What this run was given, the next one is given only where somebody passes it on.
        """
        found = self._settings.get(name)
        if found is None:
            return None
        if found.said_by.startswith(("--", "AUDIT_")):
            return "run"
        return "default" if found.said_by == _DEFAULT else "file"

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
        UsageError: a value is not allowed, the configuration file is wrong, or it names several
            audits and the command wants one.
    """
    options = invocation.command.options
    shared = [option for option in options if not option.here_only]
    configuration = _configuration(invocation, session) if shared else None
    said = (
        {o.name: _from_command_line(o, invocation, session) for o in options},
        {o.name: _from_environment(o, session) for o in shared},
    )
    if configuration is None:
        return _settings(invocation, said, session)
    names = _chosen(invocation, said, configuration)
    found = tuple(_of_audit(name, invocation, said, configuration, session) for name in names)
    if len(found) == 1:
        return found[0]
    _refuse_shared(said, len(found))
    common = _settings(invocation, (*said, configuration.shared), session)
    return Settings(common.all, configuration.extras, found)


def _chosen(
    invocation: Invocation, said: Sequence[Layer], configuration: Configuration
) -> list[str | None]:
    """The named audits that are run; None stands for a file that names none."""
    audits = configuration.audits
    if not audits or all(option.name != "name" for option in invocation.command.options):
        return [None]
    given = next(filter(None, (layer.get("name") for layer in said)), None)
    if given is not None:
        word = str(given.value)
        if word not in audits:
            raise UsageError(f"there is no audit {word!r}", hint=did_you_mean(word, audits))
        return [word]
    if len(audits) > 1 and not invocation.command.takes_all:
        raise UsageError(
            "the configuration file holds several audits",
            hint=f"Choose one: --name {next(iter(audits))}. Known: {', '.join(audits)}.",
        )
    return list(audits)


def _of_audit(
    name: str | None,
    invocation: Invocation,
    said: Sequence[Layer],
    configuration: Configuration,
    session: Session,
) -> Settings:
    """The settings of a named audit: what it says itself comes before what all say."""
    if name is None:
        return _settings(invocation, (*said, configuration.shared), session, configuration.extras)
    place = configuration.places[name]
    own = {**configuration.audits[name], "name": Setting(name, session.folder, "audits", place)}
    extras = configuration.audit_extras[name].over(configuration.extras)
    return _settings(invocation, (*said, own, configuration.shared), session, extras)


def _refuse_shared(said: Sequence[Layer], audits: int) -> None:
    for layer in said:
        for name in _OF_ONE:
            setting = layer.get(name)
            if setting is not None:
                raise UsageError(
                    f"{setting.said_by} is of one audit, and the configuration file holds {audits}",
                    hint="Choose one with --name.",
                )


def _settings(
    invocation: Invocation,
    said: Sequence[Layer],
    session: Session,
    extras: Extras | None = None,
) -> Settings:
    options = invocation.command.options
    layers = (*said, {o.name: _default(o, session) for o in options})
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
    return Settings(found, extras)


def _other_source(layers: Sequence[Layer]) -> str | None:
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
    return Setting(option.default, session.folder, _DEFAULT)


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


def _configuration(invocation: Invocation, session: Session) -> Configuration | None:
    path = configuration_path(invocation.given.get("config"), session)
    if path is None:
        return None
    # Only here: a run without a configuration file has no need of it.
    from auditor.cli.configuration import read_configuration

    return read_configuration(path)


def glimpse(session: Session, named: str | None, name: str) -> str | None:
    """An option of the configuration file, even where the file is wrong.

    Only for choosing how to say what is wrong.
    """
    path = configuration_path(named, session)
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


def configuration_path(given: object, session: Session) -> Path | None:
    """The configuration file of a run; None where there is none.

    Args:
        given: what ``--config`` says.
        session: the world.
    """
    named = given or session.environ.get("AUDIT_CONFIG")
    if named:
        return session.folder / str(named)
    usual = session.folder / CONFIG_NAME
    return usual if usual.is_file() else None
