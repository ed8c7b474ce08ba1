"""What cmdlets answer, and what no-language mode refuses."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from psrpcore.types import ErrorCategory, ErrorCategoryInfo, ErrorRecord, NETException

COMMON_PARAMETERS = frozenset(
    [
        "debug",
        "erroraction",
        "errorvariable",
        "outbuffer",
        "outvariable",
        "verbose",
        "warningaction",
        "warningvariable",
    ]
)
FOLLOWERS = {
    "select-object": {"property", "excludeproperty", "expandproperty", "first", "last", "skip"},
    "measure-object": {"property", "average", "sum", "maximum", "minimum"},
}


@dataclass(frozen=True)
class Problem:
    """An error record.

    Attributes:
        message: The message of the exception.
        identifier: The fully qualified error id.
        category: A name of ErrorCategory.
        exception: The type of the exception.
        activity: The cmdlet that the category information names.
    """

    message: str
    identifier: str
    category: str = "NotSpecified"
    exception: str = "System.Exception"
    activity: str = ""

    def record(self) -> ErrorRecord:
        """The record as PSRP sends it."""
        exception = NETException(Message=self.message, HResult=-2146233087)
        names = [name for name in exception.PSTypeNames if name != self.exception]
        exception.PSObject.type_names = [self.exception, *names]
        return ErrorRecord(
            Exception=exception,
            CategoryInfo=ErrorCategoryInfo(
                Category=ErrorCategory[self.category],
                Activity=self.activity,
                Reason=self.exception.rpartition(".")[2],
                TargetName="",
                TargetType="",
            ),
            FullyQualifiedErrorId=self.identifier,
        )


@dataclass(frozen=True)
class Answer:
    """What a cmdlet gives.

    Attributes:
        objects: CLIXML elements, sent byte for byte, each in its own message.
        errors: Error records that do not end the pipeline.
        warnings: Warnings.
        fails: The error record that ends the pipeline, after what is above.
        parameters: Names of parameters that it takes, besides the common ones.
        wants_key: It holds a password, which an old server (PowerShell 2.0) writes only when the
            client has given a key; it asks for one beside the output, and waits.
    """

    objects: Sequence[str] = ()
    errors: Sequence[Problem] = ()
    warnings: Sequence[str] = ()
    fails: Problem | None = None
    parameters: Collection[str] = ("DomainController",)
    wants_key: bool = False


class RefusedError(Exception):
    """A pipeline that does not start.

    Attributes:
        problem: Why.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def no_language() -> Problem:
    """What a script gets."""
    return Problem(
        "The syntax is not supported by this runspace. This can occur if the runspace is in"
        " no-language mode.",
        "ScriptsNotAllowed",
        "ParserError",
        "System.Management.Automation.PSInvalidOperationException",
    )


def unknown_cmdlet(name: str) -> Problem:
    """What a cmdlet gets that does not exist or that the account may not use."""
    return Problem(
        f"The term '{name}' is not recognized as the name of a cmdlet, function, script file, or"
        " operable program. Check the spelling of the name, or if a path was included, verify"
        " that the path is correct and try again.",
        "CommandNotFoundException",
        "ObjectNotFound",
        "System.Management.Automation.CommandNotFoundException",
        activity="",
    )


def unknown_parameter(cmdlet: str, name: str) -> Problem:
    """What a parameter gets that does not exist or that the account may not use."""
    return Problem(
        f"A parameter cannot be found that matches parameter name '{name}'.",
        f"NamedParameterNotFound,{cmdlet}",
        "InvalidArgument",
        "System.Management.Automation.ParameterBindingException",
        activity=cmdlet,
    )


def count_object(count: int, type_name: str) -> str:
    return (
        f'<Obj RefId="0"><TN RefId="0"><T>{type_name}</T><T>System.Object</T></TN>'
        f'<MS><I32 N="Count">{count}</I32></MS></Obj>'
    )


def metadata_object(name: str, parameters: Collection[str]) -> str:
    """The description of a cmdlet (MS-PSRP 2.2.3.22)."""
    entries = "".join(
        f'<En><S N="Key">{escape(parameter)}</S><Obj N="Value" RefId="{number}">'
        '<TNRef RefId="3" /><Props>'
        f'<S N="Name">{escape(parameter)}</S><S N="ParameterType">System.String</S>'
        f'<Obj N="Aliases" RefId="{number + 1}"><TNRef RefId="4" /><LST /></Obj>'
        '<B N="SwitchParameter">false</B><B N="IsDynamic">false</B></Props></Obj></En>'
        for number, parameter in zip(range(10, 10**6, 2), parameters, strict=False)
    )
    # Types are named once, before the first reference to them.
    types = (
        '<TN RefId="3"><T>System.Management.Automation.ParameterMetadata</T>'
        "<T>System.Object</T></TN>",
        '<TN RefId="4"><T>System.Collections.ObjectModel.Collection`1[[System.String]]</T>'
        "<T>System.Object</T></TN>",
    )
    for number, definition in zip((3, 4), types, strict=True):
        entries = entries.replace(f'<TNRef RefId="{number}" />', definition, 1)
    return (
        '<Obj RefId="0"><TN RefId="0">'
        "<T>Selected.System.Management.Automation.CmdletInfo</T>"
        "<T>System.Management.Automation.PSCustomObject</T><T>System.Object</T></TN><MS>"
        f'<S N="Name">{escape(name)}</S><S N="Namespace"></S>'
        '<Obj N="CommandType" RefId="1"><TN RefId="1">'
        "<T>System.Management.Automation.CommandTypes</T><T>System.Enum</T>"
        "<T>System.ValueType</T><T>System.Object</T></TN><ToString>Function</ToString>"
        '<I32>2</I32></Obj><Nil N="HelpUri" />'
        '<Obj N="OutputType" RefId="2"><TN RefId="2"><T>System.Object[]</T><T>System.Array</T>'
        "<T>System.Object</T></TN><LST /></Obj>"
        '<Obj N="Parameters" RefId="3"><TN RefId="5"><T>System.Collections.Hashtable</T>'
        f"<T>System.Object</T></TN><DCT>{entries}</DCT></Obj></MS></Obj>"
    )


def errors_shown(answer: Answer, parameters: Mapping[str, Any]) -> Sequence[Problem]:
    """The errors that do not end a pipeline, as ErrorAction wants them.

    Args:
        answer: What the cmdlet gives.
        parameters: What it was called with.

    Raises:
        RefusedError: There is one, and it is to end the pipeline.
    """
    values = {name.casefold(): value for name, value in parameters.items()}
    action = str(values.get("erroraction", "")).casefold()
    if action in {"stop", "1"} and answer.errors:
        raise RefusedError(answer.errors[0])
    return () if action in {"silentlycontinue", "0", "ignore", "4"} else answer.errors


def bind(
    cmdlet: str, arguments: Sequence[tuple[str | None, Any]], allowed: Collection[str]
) -> dict[str, Any]:
    """Parameters by name; what the cmdlet is not declared to have is refused."""
    names = {name.casefold() for name in allowed} | COMMON_PARAMETERS
    bound = {}
    for name, value in arguments:
        # The only parameter that Exchange's Get cmdlets take by position.
        name = (name or "Identity").lstrip("-").rstrip(":")
        if name.casefold() not in names:
            raise RefusedError(unknown_parameter(cmdlet, name))
        bound[name] = value
    return bound


def follower(command: Any) -> tuple[str, dict[str, Any]]:
    """The name of a command after a pipe, in small letters, and its parameters likewise."""
    name = command.command_text.casefold()
    if name not in FOLLOWERS:
        raise RefusedError(unknown_cmdlet(command.command_text))
    arguments = [(argument or "Property", value) for argument, value in command.parameters]
    bound = bind(command.command_text, arguments, FOLLOWERS[name])
    return name, {key.casefold(): value for key, value in bound.items()}


def followed(objects: Sequence[str], followers: Sequence[tuple[str, dict[str, Any]]]) -> list[str]:
    """Objects after the commands that follow a cmdlet.

    Args:
        objects: What the cmdlet gave.
        followers: Names and parameters as ``follower`` gives them. Select-Object knows First;
            which properties are selected makes no difference here.
    """
    found = list(objects)
    for name, options in followers:
        if name == "measure-object":
            found = [count_object(len(found), "Microsoft.PowerShell.Commands.GenericMeasureInfo")]
        elif "first" in options:
            found = found[: int(options["first"])]
    return found
