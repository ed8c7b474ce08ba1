"""The typer application, made of the option table. Loaded for help, errors and completion."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import typer

from auditor.cli.argv import Invocation
from auditor.cli.options import COMMANDS
from auditor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from auditor.cli.options import Command, Option


def parse(arguments: Sequence[str], version: str) -> Invocation | int:
    """What typer makes of a command line: an invocation, or the exit status of help.

    Raises:
        UsageError: the command line is wrong, in typer's words.
    """
    if not arguments:
        # The help, but not a status that a scheduler could take for a good audit.
        parse(["--help"], version)
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
        command = arguments[0] if arguments and arguments[0] in COMMANDS else ""
        help_words = " ".join(word for word in ("audit", command, "--help") if word)
        hint = f"Try: {help_words}"
        if "unexpected extra argument" in message:
            hint = f"Files are given with --snapshot FILE. {hint}"
        raise UsageError(message, hint=hint) from error
    if found:
        return found[0]
    return status if isinstance(status, int) else 0


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

    for command in COMMANDS.values():
        app.command(command.name, help=command.help, epilog=_epilog(command))(
            _callback(command, record)
        )
    return app


def _epilog(command: Command) -> str:
    return (
        f"Example: {command.example}\n\nEvery option can also be set as AUDIT_NAME in the "
        "environment (AUDIT_REGION=na), or by its name in audit.yaml (region: na)."
    )


def _callback(command: Command, record: Callable[[Invocation], None]) -> Callable[..., None]:
    """A function with one parameter an option, as typer wants to see it."""

    def call(**values: Any) -> None:  # noqa: ANN401 - whatever typer gives
        names = {option.key: option.name for option in command.options}
        given = {
            names[key]: value
            for key, value in values.items()
            if value is not None and value is not False and value != []
        }
        record(Invocation(command, given))

    signature = inspect.Signature([_parameter(option) for option in command.options])
    call.__signature__ = signature  # type: ignore[attr-defined]
    call.__annotations__ = {p.name: p.annotation for p in signature.parameters.values()}
    return call


def _parameter(option: Option) -> inspect.Parameter:
    spellings = [f"--{option.name}"] + ([option.short] if option.short else [])
    text = option.help
    if option.choices:
        text += f" One of: {', '.join(option.choices)}."
    if option.default:
        text += f" [default: {option.default}]"
    annotation = {"text": str | None, "list": list[str] | None, "flag": bool}[option.kind]
    default: Any = False if option.kind == "flag" else None
    return inspect.Parameter(
        option.key,
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
