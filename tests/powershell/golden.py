"""The scripts of a handful of plans, to be read: ``python -m tests.powershell.golden`` writes them.

They are in ``tests/golden/remediate/``, with LF, without the mark, and without the fixed functions
(``auditor/remediate/functions.ps1``), of which only the place is kept.
"""

from __future__ import annotations

from auditor.model import ManualStep, Plan
from auditor.remediate.script import Head, remediate_script, rollback_script
from tests.powershell.scripts import (
    FUNCTIONS,
    HEAD,
    ROOT,
    change,
    connector,
    creation,
    text_of,
)

FOLDER = ROOT / "tests/golden/remediate"
MAKERS = {"remediate": remediate_script, "rollback": rollback_script}
OTHER = "11111111-2222-3333-4444-555555555555"
NA = ("us-smtp-outbound-1.mimecast.com", "us-smtp-outbound-2.mimecast.com")
EU = ("eu-smtp-outbound-1.mimecast.com", "eu-smtp-outbound-2.mimecast.com")

CASES: dict[str, tuple[Plan, Head]] = {
    "gateway-first": (
        Plan(
            (
                change(
                    {"DNSRoutingEnabled": True, "SmartHosts": (), "SmartHostAuthMechanism": "None"},
                    {"DNSRoutingEnabled": False, "SmartHosts": NA},
                    on=connector("Outbound Mail to Mimecast"),
                    caution="The gateway must have authorised the addresses that send.",
                ),
                change(
                    {"Enabled": True},
                    {"Enabled": False},
                    on=connector("Internet", OTHER),
                    order=2,
                    caution="From then on mail for every domain goes through the gateway.",
                ),
                change(
                    {"Enabled": True},
                    {"Enabled": False},
                    on=connector("Fax", None, "ForeignConnector"),
                    order=3,
                ),
            ),
            (),
        ),
        HEAD,
    ),
    "creation-with-password": (
        Plan(
            (
                creation(
                    "Outbound to Mimecast",
                    {
                        "Enabled": True,
                        "AddressSpaces": ("SMTP:*;1",),
                        "DNSRoutingEnabled": False,
                        "SmartHosts": NA,
                        "SmartHostAuthMechanism": "BasicAuthRequireTLS",
                        "IsScopedConnector": False,
                        "Port": 587,
                    },
                    credential=True,
                    caution="It sends from the server on which the script runs.",
                ),
            ),
            (ManualStep(None, ("m",), "Have the addresses authorised."),),
        ),
        HEAD._replace(organization=None, region=None, ticket=None, domain_controller=None),
    ),
    "typographic-names": (
        Plan(
            (
                change(
                    {"DNSRoutingEnabled": False, "SmartHosts": EU, "Comment": "It’s ‘new’"},
                    {"SmartHosts": NA, "Comment": "$(Get-Date) `n"},
                    on=connector("Büro ’; Remove-SendConnector *; ‘x\u202e"),
                ),
            ),
            (ManualStep("O'Brien #> \u200e\n\x1b[31m", ("m",), "Look at it."),),
        ),
        HEAD,
    ),
    "sizes-spans-and-nulls": (
        Plan(
            (
                change(
                    {
                        "RequireTLS": False,
                        "IgnoreSTARTTLS": True,
                        "TlsAuthLevel": None,
                        "TlsDomain": None,
                        "MaxMessageSize": "Unlimited",
                        "ConnectionInactivityTimeOut": "1.00:00:00",
                        "SourceTransportServers": ("EX01",),
                        "Fqdn": "mail.contoso.com",
                    },
                    {
                        "RequireTLS": True,
                        "IgnoreSTARTTLS": False,
                        "TlsAuthLevel": "DomainValidation",
                        "TlsDomain": "*.mimecast.com",
                        "MaxMessageSize": 26_214_400,
                        "ConnectionInactivityTimeOut": "00:10:00",
                        "SourceTransportServers": ("EX01", "EX02"),
                        "Fqdn": None,
                    },
                    on=connector("Outbound Mail to Mimecast"),
                ),
            ),
            (),
        ),
        HEAD,
    ),
    "renamed-without-guid": (
        Plan(
            (
                change(
                    {"Name": "Mimecast", "SmartHostAuthMechanism": "BasicAuth"},
                    {"Name": "Outbound Mail to Mimecast", "SmartHostAuthMechanism": "None"},
                    on=connector("Mimecast", None),
                ),
            ),
            (),
        ),
        HEAD,
    ),
}


def shown(data: bytes) -> str:
    """A script as its golden file holds it."""
    return text_of(data).replace(FUNCTIONS, "#@FUNCTIONS@\n")


def main() -> None:
    """Write all of them anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.ps1"):
        old.unlink()
    for name, (plan, head) in CASES.items():
        for kind, make in MAKERS.items():
            text = shown(make(plan, head))
            (FOLDER / f"{name}.{kind}.ps1").write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
