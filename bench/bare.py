"""The cmdlets of an audit with bare pypsrp: ``bare.py PORT ACCOUNT bare|mended|raw``.

This is what the project is measured against, so it imports nothing but pypsrp.
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict

from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.serializer import Serializer
from pypsrp.shell import CommandState
from pypsrp.wsman import WSMan

CMDLETS = (
    "Get-SendConnector",
    "Get-ForeignConnector",
    "Get-DeliveryAgentConnector",
    "Get-ExchangeServer",
    "Get-TransportService",
    "Get-AcceptedDomain",
    "Get-TransportConfig",
    "Get-EdgeSubscription",
    "Get-AdSite",
    "Get-AdSiteLink",
    "Get-OrganizationConfig",
)


class _Mended(Serializer):
    """pypsrp's decoder, without KeyError: what it has passed over is None, or of no type."""

    def _clear(self) -> None:
        super()._clear()
        self.obj = defaultdict(lambda: None)
        self.tn = defaultdict(list)


def ask(port: int, account: str, password: str, how: str) -> dict[str, int | None]:
    """Every cmdlet in one session, which is closed.

    Args:
        port: on this machine.
        account: as whom.
        password: its password.
        how: "bare" invokes, as pypsrp's documentation has it; "mended" does, with a decoder that
            does not fail; "raw" sends the same requests, and throws away what comes back.

    Returns:
        How many objects each cmdlet gave; raw: bytes. None where pypsrp's decoder
        fails: what else the cmdlet has to say is then not fetched.
    """
    one = _fetch if how == "raw" else _invoke
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
        if how == "mended":
            pool._serializer = pool._fragmenter.serializer = _Mended()
        return {name: one(PowerShell(pool).add_cmdlet(name)) for name in CMDLETS}


def _invoke(pipeline: PowerShell) -> int | None:
    try:
        return len(pipeline.invoke())
    except KeyError:
        # It does not note the objects that it leaves as XML, and then meets a reference to one.
        return None


def _fetch(pipeline: PowerShell) -> int:
    pipeline.begin_invoke()
    state, size, shell = CommandState.RUNNING, 0, pipeline.runspace_pool.shell
    while state != CommandState.DONE:
        state, _, streams = shell.receive("stdout", command_id=pipeline.id)
        size += len(streams["stdout"])
    return size


if __name__ == "__main__":
    ask(int(sys.argv[1]), sys.argv[2], os.environ["AUDIT_PASSWORD"], sys.argv[3])
