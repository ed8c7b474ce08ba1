"""The cmdlets of an audit with bare pypsrp: ``bare.py PORT ACCOUNT decoded|raw``.

This is what the project is measured against, so it imports nothing but pypsrp.
"""

from __future__ import annotations

import os
import sys

from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.shell import CommandState
from pypsrp.wsman import WSMan

CMDLETS = (
    "Get-SendConnector",
    "Get-ExchangeServer",
    "Get-TransportService",
    "Get-AcceptedDomain",
    "Get-TransportConfig",
    "Get-EdgeSubscription",
    "Get-AdSite",
    "Get-AdSiteLink",
    "Get-ForeignConnector",
    "Get-DeliveryAgentConnector",
    "Get-OrganizationConfig",
)


def ask(port: int, account: str, password: str, *, decoded: bool) -> dict[str, int | None]:
    """Every cmdlet in one session, which is closed.

    Args:
        port: on this machine.
        account: as whom.
        password: its password.
        decoded: invoke, as pypsrp's documentation has it. Otherwise the same requests are sent,
            and what comes back is thrown away as bytes.

    Returns:
        How many objects each cmdlet gave, or, not decoded, bytes. None where pypsrp's decoder
        fails: what else the cmdlet has to say is then not fetched.
    """
    one = _invoke if decoded else _fetch
    with (
        WSMan(
            "localhost",
            port=port,
            path="PowerShell/",
            ssl=False,
            auth="basic",
            encryption="never",
            username=account,
            password=password,
        ) as wsman,
        RunspacePool(wsman, configuration_name="Microsoft.Exchange") as pool,
    ):
        return {name: one(PowerShell(pool).add_cmdlet(name)) for name in CMDLETS}


def _invoke(pipeline: PowerShell) -> int | None:
    try:
        return len(pipeline.invoke())
    except KeyError:
        # Its deserialiser knows a reference only in the object that it was made in.
        return None


def _fetch(pipeline: PowerShell) -> int:
    pipeline.begin_invoke()
    state, size, shell = CommandState.RUNNING, 0, pipeline.runspace_pool.shell
    while state != CommandState.DONE:
        state, _, streams = shell.receive("stdout", command_id=pipeline.id)
        size += len(streams["stdout"])
    return size


if __name__ == "__main__":
    ask(
        int(sys.argv[1]),
        sys.argv[2],
        os.environ["AUDIT_PASSWORD"],
        decoded=sys.argv[3] == "decoded",
    )
