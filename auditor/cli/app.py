"""The typer application, made of the option table. Loaded for help, errors and completion."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

import typer

from auditor.cli.argv import Invocation
from auditor.cli.commands import COMMANDS, GROUPS, command_of
from auditor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from auditor.cli.commands import Command, Operand
    from auditor.cli.options import Option


_OPERAND: Final = "operand"


def parse(arguments: Sequence[str], version: str) -> Invocation | int:
    """What typer makes of a command line: an invocation, or the exit status of help.

    Raises:
        UsageError: the command line is wrong, in typer's words.
    """
    if not arguments or list(arguments) in [[group] for group in GROUPS]:
        # The help, but not a status that a scheduler could take for a good audit.
        parse([*arguments, "--help"], version)
        return 2
    found: list[Invocation] = []
    app = _application(found.append, version)
    try:
        status = app(args=list(arguments), prog_name="audit", standalone_mode=False)
    except typer.Exit as leaving:
        return leaving.exit_code
    except typer.Abort as error:
        raise UsageError("it was interrupted") from error
    except typer.TyperException as error:
        message = error.format_message().strip().rstrip(".")
        command = command_of(arguments)
        group = arguments[0] if arguments[0] in GROUPS else ""
        known = command.name if command else group
        hint = f"Try: {' '.join(word for word in ('audit', known, '--help') if word)}"
        stray = "unexpected extra argument" in message or "No such command" in message
        if stray and command and _reads_files(command):
            hint = f"Files are given with --snapshot FILE. {hint}"
        raise UsageError(message, hint=hint) from error
    if found:
        return found[0]
    return status if isinstance(status, int) else 0


def _reads_files(command: Command) -> bool:
    return any(option.name == "snapshot" for option in command.options)


def _application(record: Callable[[Invocation], None], version: str) -> typer.Typer:
    app = typer.Typer(
        name="audit",
        help=(
            "Proves whether an Exchange organisation's outbound mail really leaves through its "
            "mail-security gateway, and says what is wrong when it does not."
        ),
        epilog="Example: audit check --region na --snapshot connectors.xml",
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    )

    def show_version(value: bool) -> None:
        if value:
            typer.echo(f"audit {version}")
            raise typer.Exit

    @app.callback()
    def root(
        version: bool = typer.Option(
            False, "--version", help="Show the version.", callback=show_version, is_eager=True
        ),
    ) -> None:
        pass

    groups = {name: _group(name, app) for name in GROUPS}
    leading = {command.words[0] for command in COMMANDS.values() if len(command.words) > 1}
    for command in COMMANDS.values():
        *group, name = command.words
        call, epilog = _callback(command, record), _epilog(command)
        if not group and name in leading:
            groups[name] = home = _group(name, app, command.help)
            home.callback(invoke_without_command=True, help=command.help, epilog=epilog)(
                _unless_another(call)
            )
            continue
        home = groups[group[0]] if group else app
        home.command(name, help=command.help, epilog=epilog)(call)
    return app


def _group(name: str, app: typer.Typer, text: str | None = None) -> typer.Typer:
    """What the words of several commands begin with; with its text where it is one itself."""
    group = typer.Typer(help=text or GROUPS[name], rich_markup_mode=None)
    app.add_typer(group, name=name)
    return group


def _unless_another(call: Callable[..., None]) -> Callable[..., None]:
    """What a word does as a command, unless another word makes it another command."""

    def alone(context: typer.Context, **values: Any) -> None:  # noqa: ANN401 - whatever typer gives
        other = context.invoked_subcommand
        if other is None:
            call(**values)
        elif any(value not in (None, False, []) for value in values.values()):
            raise typer.BadParameter(f"options go behind both words: {context.info_name} {other}")

    parameter = inspect.Parameter(
        "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
    )
    signature = inspect.signature(call)
    signature = signature.replace(parameters=[parameter, *signature.parameters.values()])
    alone.__signature__ = signature  # type: ignore[attr-defined]
    alone.__annotations__ = {p.name: p.annotation for p in signature.parameters.values()}
    return alone


def _epilog(command: Command) -> str:
    example = f"Example: {command.example}"
    if all(option.here_only for option in command.options):
        return example
    return (
        f"{example}\n\nEvery option can also be set as AUDIT_NAME in the environment "
        "(AUDIT_REGION=na), or by its name in audit.yaml (region: na)."
    )


def _callback(command: Command, record: Callable[[Invocation], None]) -> Callable[..., None]:
    """A function with one parameter an option, as typer wants to see it."""

    def call(**values: Any) -> None:  # noqa: ANN401 - whatever typer gives
        names = {_parameter_name(option): option.name for option in command.options}
        if command.operand is not None:
            names[_OPERAND] = command.operand.name
        given = {
            names[key]: [value] if key == _OPERAND and isinstance(value, str) else value
            for key, value in values.items()
            if value is not None and value is not False and value != []
        }
        record(Invocation(command, given))

    operands = [_operand(command.operand)] if command.operand is not None else []
    signature = inspect.Signature([*operands, *map(_parameter, command.options)])
    call.__signature__ = signature  # type: ignore[attr-defined]
    call.__annotations__ = {p.name: p.annotation for p in signature.parameters.values()}
    return call


def _parameter_name(option: Option) -> str:
    """A name that is no word of Python's: ``--from`` has one."""
    return f"given_{option.key}"


def _operand(operand: Operand) -> inspect.Parameter:
    return inspect.Parameter(
        _OPERAND,
        inspect.Parameter.KEYWORD_ONLY,
        default=typer.Argument(
            ... if operand.required else None, help=operand.help, metavar=operand.name
        ),
        annotation=list[str] if operand.many else str,
    )


def _parameter(option: Option) -> inspect.Parameter:
    spellings = [f"--{option.name}"] + ([option.short] if option.short else [])
    text = option.help
    if option.choices:
        text += f" One of: {', '.join(option.choices)}."
    if option.default:
        text += f" [default: {option.default}]"
    annotation = {
        "text": str | None,
        "list": list[str] | None,
        "pair": tuple[str, str] | None,
        "flag": bool,
    }[option.kind]
    default: Any = False if option.kind == "flag" else None
    return inspect.Parameter(
        _parameter_name(option),
        inspect.Parameter.KEYWORD_ONLY,
        default=typer.Option(
            default,
            *spellings,
            help=text,
            metavar=None if option.kind == "flag" else option.metavar or "WORD",
            show_default=False,
        ),
        annotation=annotation,
    )
