"""The white lists: what says nothing of whose organisation it is, and stays as it is.

Source of the names of properties: https://learn.microsoft.com/powershell/module/exchange/ (the
pages of the cmdlets that are collected, with the parameters of their Set-), and captures.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.collect.cmdlets import CMDLETS
from auditor.collect.identify import KNOWN_NAMES
from auditor.kinds.hosts import ip_address
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        # No longer number: it could be one to call.
        r"-?[0-9]{1,5}([.,][0-9]{1,3})?",
        r"\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?",
        # Versions: "Version 15.2 (Build 1118.7)", "0.1 (8.0.535.0)", "15.20.1118.007". With a
        # third number to 255, or with zeros before it, the last could be an address.
        r"(version )?(8|14|15)(\.[0-9]{1,2}( \(build [0-9]{1,5}\.[0-9]{1,5}\))?)?",
        r"0\.[0-9]{1,2} \((8|14|15)(\.[0-9]{1,5}){3}\)",
        r"(8|14|15)\.[0-9]{1,2}\.([3-9][0-9]{2}|[1-9][0-9]{3,4})(\.[0-9]{1,5})?",
        # Dates and times: ISO, as cultures print them, and as JSON of Windows PowerShell has them
        r"((19|20)[0-9]{2}([-/.])[01]?[0-9]\3[0-3]?[0-9]"
        r"|[0-3]?[0-9]([-/.])[0-3]?[0-9]\4(19|20)[0-9]{2})"
        r"([T ]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,7})?)?( ?[ap]\.?m\.?)?)?"
        r"(Z|[-+][0-9]{2}:[0-9]{2})?",
        r"/Date\(-?[0-9]{1,15}([-+][0-9]{4})?\)/",
        # Time spans and sizes
        r"-?([0-9]{1,5}\.)?[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?",
        r"-?P([0-9]{1,5}D)?(T([0-9]{1,5}H)?([0-9]{1,5}M)?([0-9.]{1,16}S)?)?",
        r"[0-9]{1,5}([.,][0-9]{1,3})? ?[kmgt]?b( ?\([0-9]{1,3}([., ]?[0-9]{3}){0,5} ?bytes\))?",
        # Security identifiers that every Windows has
        r"S-1-(0|1|2|3|5-[0-9]{1,2}|5-32-[0-9]{3})(-0)?",
    )
)
_BYTES: Final = 4
"""So many numbers in a list may be the bytes of a name."""

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
_COMMANDS: Final = frozenset(cmdlet.name for row in CMDLETS for cmdlet in row.choices)

TWIN: Final = "RedactedTwin"
"""Property that keeps two objects apart whose difference was in what is replaced."""

_EXCHANGE: Final = (
    "ActivityBasedAuthenticationTimeoutEnabled AddressBookEnabled "
    "AddressBookPolicyRoutingEnabled AntispamAgentsEnabled AppsForOfficeEnabled "
    "CatchAllRecipientID ClearCategories ConnectivityLogEnabled ConnectivityLogMaxAge "
    "ConnectivityLogPath ConvertDisclaimerWrapperToEml Cost CurrentDomainControllers "
    "CustomerFeedbackEnabled Default DelayNotificationTimeout Domain DropDirectoryQuota Edition "
    "ElcProcessingDisabled ErrorReportingEnabled ExchangeLegacyDN ExchangeLegacyServerRole "
    "ExternalDelayDsnEnabled ExternalDNSAdapterEnabled ExternalDNSAdapterGuid "
    "ExternalDNSServers ExternalDsnLanguageDetectionEnabled ExternalDsnSendHtml "
    "ExternalIPAddress ExternallyManaged ExternalPostmasterAddress GenerateCopyOfDSNFor "
    "InboundMailEnabled InitialDomain InternalDNSAdapterEnabled InternalDNSServers "
    "InternetWebProxy IntraOrgConnectorProtocolLoggingLevel IPListBlocked IsClientAccessServer "
    "IsE14OrLater IsE15OrLater IsEdgeServer IsExchange2007OrLater IsExchangeTrialEdition "
    "IsFrontendTransportServer IsHubTransportServer IsMailboxServer IsProvisionedServer IsStar "
    "IsUnifiedMessagingServer JournalingReportNdrTo MailTipsLargeAudienceThreshold "
    "MatchSubDomains MaxConcurrentConnections MaxConnectionRatePerMinute "
    "MaxMessagesPerConnection MaxOutboundConnections MaxPerDomainOutboundConnections "
    "MaxReceiveSize MaxRecipientEnvelopeLimit MessageExpirationTimeout "
    "MessageTrackingLogEnabled MessageTrackingLogMaxAge MessageTrackingLogPath "
    "MessageTrackingLogSubjectLoggingEnabled NetworkAddress ObjectVersion OrganizationalUnit "
    "OutboundConnectionFailureRetryInterval OutboundOnly PartnerId PSComputerName "
    "PSShowComputerName PublicFoldersLockedForMigration ReceiveProtocolLogPath RelayDsnRequired "
    "Rfc2231EncodingEnabled RunspaceId SafetyNetHoldTime SendProtocolLogMaxAge "
    "SendProtocolLogPath SerializationData ShadowRedundancyEnabled Site Sites "
    "TLSReceiveDomainSecureList TLSSendDomainSecureList TransientFailureRetryCount "
    "VerifySecureSubmitEnabled VoicemailJournalingEnabled Xexch50Enabled"
)
_PROPERTIES: Final = KNOWN_NAMES.union(_EXCHANGE.lower().split(), {TWIN.lower()})


def is_number(text: str) -> bool:
    """Whether a whole text is a number, a date, a version, a Guid and the like."""
    bare = text.strip()
    # An address can look like a version.
    return ip_address(bare) is None and any(shape.fullmatch(bare) for shape in _SHAPES)


def is_word(text: str) -> bool:
    """Whether a whole text is a well-known word or name, or several such words."""
    bare = text.strip().lower()
    return bare in NAMES or all(part.strip() in _VALUES for part in bare.split(","))


def are_bytes(items: Sequence[object]) -> bool:
    """Whether the items of a list may be the bytes of a certificate, or of any text."""
    return len(items) >= _BYTES and all(str(item).strip(" .…").isdigit() for item in items)


def is_plain_word(word: str) -> bool:
    """Whether a word of a sentence, without its signs, says nothing of the organisation."""
    return word.lower() in _SENTENCE or word in _COMMANDS


def is_documented(name: str) -> bool:
    """Whether a property's name, in any letter case, is Exchange's; others are customers'."""
    return name.lower() in _PROPERTIES
