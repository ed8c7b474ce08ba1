"""The white list: texts that say nothing of whose organisation it is, and stay as they are."""

from __future__ import annotations

import re
from typing import Final

from auditor.kinds.hosts import ip_address
from auditor.properties import PROPERTIES

NAMES: Final = frozenset(
    {
        *("default-first-site-name", "defaultipsitelink", "first organization"),
        *("intra-organization smtp send connector", "microsoft mta", "microsoft exchange"),
        *("exchange administrative group (fydibohf23spdlt)", "administrative groups"),
        *("exchange routing group (dwbgzmfd01qnbjr)", "routing groups", "connections", "servers"),
        *("services", "configuration", "schema", "sites", "transport settings", "edgesync"),
        *("inter-site transports", "ip", "users", "computers", "domain controllers", "protocols"),
        *("ms-exch-routing-smtp-connector", "smtp receive connectors", "localhost"),
    }
)
"""Names that Exchange and Active Directory give in every organisation, in lower case."""

_VALUES: Final = frozenset(
    {
        *("true", "false", "$true", "$false", "none", "null", "default", "unlimited", "enabled"),
        *("disabled", "new", "unchanged", "changed", "deleted", "verbose", "error", "warning"),
        # Get-AcceptedDomain, Get-ExchangeServer, Get-AdSite, Get-TransportConfig, connectors
        *("authoritative", "internalrelay", "externalrelay", "mailbox", "clientaccess"),
        *("hubtransport", "unifiedmessaging", "edge", "edgetransport", "standard", "enterprise"),
        *("standardevaluation", "enterpriseevaluation", "coexistence", "provisionedserver"),
        *("centraladmin", "cafe", "frontendtransport", "standard evaluation", "xpremises"),
        *("notspecified", "apac", "europe", "northamerica", "downgradednsfailures", "internetwork"),
        *("downgradecustomfailures", "upgradecustomfailures", "internetworkv6", "smtp", "x400"),
        *("x500", "fax", "msmail", "ccmail", "groupwise", "notes", "mobile", "mapi", "utc"),
        *("top", "mailgateway", "msexchconnector", "msexchroutingsmtpconnector", "msexchexchange"),
        *("msexchconfigurationcontainer", "msexchaccepteddomain", "msexchexchangeserver"),
        *(member.lower() for known in PROPERTIES.values() for member in known.kind.members),
    }
)
"""Members of enumerations, in lower case."""

_SHAPES: Final = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        r"[-+]?[0-9]{1,10}([.,][0-9]{1,20})?",
        r"\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?",
        # Versions: "Version 15.2 (Build 1118.7)", "0.1 (8.0.535.0)", "15.20.1118.007"
        r"(version )?[0-9]{1,3}(\.[0-9]{1,6}){1,3}( \((build )?[0-9]{1,6}(\.[0-9]{1,6}){1,3}\))?",
        # Dates and times: ISO, as cultures print them, and as JSON of Windows PowerShell has them
        r"[0-9]{1,4}([-/.])[0-9]{1,2}\1[0-9]{1,4}"
        r"([T ]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,7})?)?( ?[ap]\.?m\.?)?)?"
        r"(Z|[-+][0-9]{2}:[0-9]{2})?",
        r"/Date\(-?[0-9]{1,15}([-+][0-9]{4})?\)/",
        # Time spans and sizes
        r"-?([0-9]{1,8}\.)?[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?",
        r"-?P([0-9]{1,8}D)?(T([0-9]{1,8}H)?([0-9]{1,8}M)?([0-9.]{1,16}S)?)?",
        r"[0-9][0-9.,]{0,30} ?[kmgt]?b( ?\([0-9][0-9., ]{0,40} ?bytes\))?",
        # Security identifiers that every Windows has
        r"S-1-(0|1|2|3|5-[0-9]{1,2}|5-32-[0-9]{3})(-0)?",
    )
)

_ENGLISH: Final = (
    "a about access account administrator after again all allowed already an and answer answered "
    "any are as at authentication available be because been before but by can cannot certificate "
    "closed cmdlet collect collected command completed connect connected connection connections "
    "could count date denied did do does domain dropped during enough error errors exceeded "
    "exchange exist expired failed file first for forbidden found from given gone has have holds "
    "http https in information insufficient internal into invalid is it its kerberos last left "
    "limit long mail many maximum may mid mid-answer missing more must name network no none not "
    "nothing number object objects of off on only operation or organization other out over "
    "parameter password permission permissions permitted please port powershell powershell.exe "
    "property read reached reason received recognized refused remote request required "
    "requested reset resolved response result return returned right rights role run runspace "
    "second seconds send sent server servers service session set shell some started status "
    "stopped such supported syntax taken term terminated than that the them then there these "
    "this time timed timeout to too transport try unauthorized unavailable unable "
    "unknown user valid value verification version very view-only was were what when where which "
    "while with within without wrong you your"
)
_SENTENCE: Final = frozenset(_ENGLISH.split())
_COMMAND: Final = re.compile(r"(?:Get|Search)-[A-Z][A-Za-z]{2,40}")


def is_harmless(text: str) -> bool:
    """Whether a whole text is a number, a date, a well-known word and the like."""
    bare = text.strip().lower()
    return (
        bare in _VALUES
        or bare in NAMES
        # An address can look like a version.
        or (ip_address(bare) is None and any(shape.fullmatch(bare) for shape in _SHAPES))
        or ("," in bare and all(part.strip() in _VALUES for part in bare.split(",")))
    )


def is_plain_word(word: str) -> bool:
    """Whether a word of a sentence says nothing of the organisation."""
    bare = word.strip(".,:;()'\"!?").lower()
    return bare in _SENTENCE or (bare.isascii() and bare.isdigit() and len(bare) < 5)


def is_command(word: str) -> bool:
    """Whether a word is a cmdlet that reads."""
    return _COMMAND.fullmatch(word) is not None
