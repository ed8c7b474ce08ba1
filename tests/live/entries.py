"""Entries of the administrator audit log as CLIXML for the endpoint.

Their properties: https://learn.microsoft.com/exchange/policy-and-compliance/admin-audit-logging/
log-structure and https://learn.microsoft.com/powershell/module/exchange/search-adminauditlog. A
parameter prints as its name only.
"""

from __future__ import annotations

from typing import Any

from tests.live.answers import Answer
from tests.live.directory import DATA, DOMAIN, list_of, write
from tests.live.values import OBJECT, Rich, Scalar

CALLER = f"{DOMAIN}/Users/Anna Quzzle"
CREDENTIAL = {"AuthenticationCredential": "relay-account Winter!"}
PARAMETERS = ("Cmdlets", "DomainController", "EndDate", "ResultSize", "StartDate", "StartIndex")
TYPES = (
    "Microsoft.Exchange.Management.SystemConfigurationTasks.AdminAuditLogEvent",
    f"{DATA}.ConfigurableObject",
    OBJECT,
)


def entry(
    cmdlet: str = "Set-SendConnector",
    connector: str = "Outbound Mail to Mimecast",
    parameters: dict[str, str] | None = None,
    run: Scalar | None = None,
    shape: str = "rich",
    **changes: Any,
) -> str:
    """One entry: by default a change of the gateway's connector, in the morning of 22 November.

    Args:
        cmdlet: The cmdlet that was run.
        connector: What it changed.
        parameters: What it was given besides its Identity.
        run: When.
        shape: "rich", "mixed" or "plain".
        changes: Values of properties.
    """
    given = {"Identity": connector, **({"Port": "587"} if parameters is None else parameters)}
    properties = {
        "ObjectModified": connector,
        "CmdletName": cmdlet,
        "CmdletParameters": list_of(f"{DATA}.X", [_parameter(*one) for one in given.items()]),
        "ModifiedProperties": list_of(f"{DATA}.X", []),
        "Caller": CALLER,
        "ExternalAccess": None,
        "Succeeded": True,
        "Error": None,
        "RunDate": run or run_date(),
        "OriginatingServer": "EX01 (15.02.1544.004)",
        "Identity": "RgAAAAD",
        "IsValid": True,
        "ObjectState": "New",
    }
    return write(TYPES, properties, changes, shape)


def run_date(day: int = 22) -> Scalar:
    """A moment: 08:30 UTC on a day in November, in the zone of the server."""
    return Scalar("DT", f"2026-11-{day}T03:30:00.1234567-05:00", f"11/{day}/2026 8:30:00 AM")


def log(*entries: str, **options: Any) -> dict[str, Answer]:
    """What Search-AdminAuditLog answers, by its name."""
    return {"Search-AdminAuditLog": Answer(entries, parameters=PARAMETERS, **options)}


def _parameter(name: str, value: str) -> Rich:
    return Rich(
        (f"{DATA}.AdminAuditLogCmdletParameter", OBJECT), name, {"Name": name, "Value": value}
    )
