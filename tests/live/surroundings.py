"""Objects of Exchange around its connectors: servers, sites, domains, settings.

Properties are those that are documented and that matter for mail flow. ``changes`` take plain
values of properties, as for connectors.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from tests.live.directory import (
    CONFIGURATION,
    CONFIGURATION_OBJECT,
    DATA,
    DIRECTORY,
    DOMAIN,
    GROUP,
    MANAGEMENT,
    ORGANIZATION,
    PRESENTATION_OBJECT,
    SETTINGS,
    SITE,
    SITES,
    SYSTEM,
    directory_object,
    identifier,
    list_of,
    strings,
    time_span,
    write,
)
from tests.live.values import OBJECT, VALUE, Rich, Scalar


def exchange_server(
    name: str,
    version: str = "Version 15.2 (Build 1544.4)",
    roles: str = "Mailbox",
    site: str = SITE,
    shape: str = "rich",
    **changes: Any,
) -> str:
    """A server.

    Args:
        name: Its name.
        version: Its AdminDisplayVersion.
        roles: "Mailbox", "Edge", "Mailbox, ClientAccess", or with ", HubTransport" (2010).
        site: Its Active Directory site.
        shape: "rich", "mixed" or "plain".
        changes: Values of properties.
    """
    edge = roles == "Edge"
    directory = directory_object(
        name, f"CN=Servers,{GROUP}", ("server", "msExchExchangeServer"), "ms-Exch-Exchange-Server"
    )
    properties = {
        "Name": name,
        "Domain": DOMAIN,
        "Edition": "StandardEvaluation",
        "ExchangeLegacyDN": f"/o=Contoso/ou=First/cn=Configuration/cn=Servers/cn={name}",
        "ExchangeLegacyServerRole": 0,
        "Fqdn": f"{name}.{DOMAIN}",
        "CustomerFeedbackEnabled": False,
        "InternetWebProxy": None,
        "IsHubTransportServer": not edge,
        "IsClientAccessServer": not edge,
        "IsExchange2007OrLater": True,
        "IsEdgeServer": edge,
        "IsMailboxServer": "Mailbox" in roles,
        "IsE14OrLater": True,
        "IsE15OrLater": version.startswith("Version 15"),
        "IsProvisionedServer": False,
        "IsUnifiedMessagingServer": False,
        "IsFrontendTransportServer": not edge and version.startswith("Version 15"),
        "NetworkAddress": strings(f"netbios:{name}", f"ncacn_ip_tcp:{name}.{DOMAIN}"),
        "OrganizationalUnit": f"{DOMAIN}/{name}",
        "AdminDisplayVersion": version,
        "Site": None
        if edge
        else identifier(f"CN={site},{SITES}", f"{DOMAIN}/Configuration/Sites/{site}"),
        "ServerRole": roles,
        "ErrorReportingEnabled": False,
        "CurrentDomainControllers": strings(f"DC01.{DOMAIN}"),
        "IsExchangeTrialEdition": True,
        **directory,
    }
    types = (f"{MANAGEMENT}.ExchangeServer", *PRESENTATION_OBJECT)
    return write(types, properties, changes, shape)


def transport_service(name: str, shape: str = "rich", **changes: Any) -> str:
    """The transport service of a server, or of 2010 its transport server."""
    logs = "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\TransportRoles\\Logs\\Hub"
    directory = directory_object(
        name, f"CN=Servers,{GROUP}", ("server", "msExchExchangeServer"), "ms-Exch-Exchange-Server"
    )
    properties = {
        "Name": name,
        "AntispamAgentsEnabled": False,
        "ConnectivityLogEnabled": True,
        "ConnectivityLogMaxAge": time_span("30.00:00:00"),
        "ConnectivityLogPath": f"{logs}\\Connectivity",
        "DelayNotificationTimeout": time_span("04:00:00"),
        "ExternalDNSAdapterEnabled": True,
        "ExternalDNSAdapterGuid": Scalar("G", str(uuid.UUID(int=0))),
        "ExternalDNSServers": list_of("System.Net.IPAddress", ()),
        "ExternalIPAddress": None,
        "InternalDNSAdapterEnabled": True,
        "InternalDNSServers": list_of("System.Net.IPAddress", ()),
        "IntraOrgConnectorProtocolLoggingLevel": "None",
        "MaxConnectionRatePerMinute": 1200,
        "MessageExpirationTimeout": time_span("2.00:00:00"),
        "MessageTrackingLogEnabled": True,
        "MessageTrackingLogMaxAge": time_span("30.00:00:00"),
        "MessageTrackingLogPath": f"{logs}\\..\\MessageTracking",
        "MessageTrackingLogSubjectLoggingEnabled": True,
        "OutboundConnectionFailureRetryInterval": time_span("00:10:00"),
        "ReceiveProtocolLogPath": f"{logs}\\ProtocolLog\\SmtpReceive",
        "SendProtocolLogMaxAge": time_span("30.00:00:00"),
        "SendProtocolLogPath": f"{logs}\\ProtocolLog\\SmtpSend",
        "TransientFailureRetryCount": 6,
        **directory,
    }
    types = (f"{MANAGEMENT}.TransportServer", *PRESENTATION_OBJECT)
    return write(types, properties, changes, shape)


def accepted_domain(name: str = DOMAIN, shape: str = "rich", **changes: Any) -> str:
    """A domain that the organisation takes mail for."""
    directory = directory_object(
        name,
        f"CN=Accepted Domains,{SETTINGS}",
        ("msExchAcceptedDomain",),
        "ms-Exch-Accepted-Domain",
    )
    domain = {"Address": name, "IncludeSubDomains": False, "Domain": name, "IsStar": False}
    properties = {
        "DomainName": Rich((f"{DATA}.SmtpDomainWithSubdomains", OBJECT), name, domain, blob=330),
        "CatchAllRecipientID": None,
        "DomainType": "Authoritative",
        "MatchSubDomains": False,
        "AddressBookEnabled": True,
        "Default": True,
        "ExternallyManaged": False,
        "OutboundOnly": False,
        "InitialDomain": False,
        **directory,
    }
    types = (f"{SYSTEM}.AcceptedDomain", *CONFIGURATION_OBJECT)
    return write(types, properties, changes, shape)


def transport_config(shape: str = "rich", **changes: Any) -> str:
    """The organisation's transport settings."""
    directory = directory_object(
        "Transport Settings",
        ORGANIZATION,
        ("container", "msExchTransportSettings"),
        "ms-Exch-Transport-Settings",
    )
    properties = {
        "AddressBookPolicyRoutingEnabled": False,
        "ClearCategories": True,
        "ConvertDisclaimerWrapperToEml": False,
        "ExternalDelayDsnEnabled": True,
        "ExternalDsnLanguageDetectionEnabled": True,
        "ExternalDsnSendHtml": True,
        "ExternalPostmasterAddress": None,
        "GenerateCopyOfDSNFor": strings(),
        "InternalSMTPServers": strings(),
        "JournalingReportNdrTo": "<>",
        "MaxReceiveSize": "36 MB (37,748,736 bytes)",
        "MaxRecipientEnvelopeLimit": Rich((f"{DATA}.Unlimited`1[[System.Int32]]", *VALUE), "500"),
        "MaxSendSize": "35 MB (36,700,160 bytes)",
        "Rfc2231EncodingEnabled": False,
        "SafetyNetHoldTime": time_span("2.00:00:00"),
        "ShadowRedundancyEnabled": True,
        "TLSReceiveDomainSecureList": strings(),
        "TLSSendDomainSecureList": strings(),
        "VerifySecureSubmitEnabled": False,
        "VoicemailJournalingEnabled": True,
        "Xexch50Enabled": True,
        **directory,
    }
    types = (f"{SYSTEM}.TransportConfigContainer", *CONFIGURATION_OBJECT)
    return write(types, properties, changes, shape)


def edge_subscription(
    name: str = "EDGE01", site: str = SITE, shape: str = "rich", **changes: Any
) -> str:
    """An Edge server's subscription to a site."""
    directory = directory_object(
        name, f"CN=Servers,{GROUP}", ("server", "msExchExchangeServer"), "ms-Exch-Exchange-Server"
    )
    properties = {
        "Name": name,
        "Site": identifier(f"CN={site},{SITES}", f"{DOMAIN}/Configuration/Sites/{site}"),
        "Domain": DOMAIN,
        **directory,
    }
    types = ("Microsoft.Exchange.Management.SystemConfigurationTasks.EdgeSubscription", OBJECT)
    return write(types, properties, changes, shape)


def ad_site(name: str = SITE, shape: str = "rich", **changes: Any) -> str:
    """A site of the Active Directory."""
    properties = {
        "HubSiteEnabled": False,
        "InboundMailEnabled": True,
        "PartnerId": -1,
        **directory_object(name, SITES, ("site",), "Site"),
    }
    return write((f"{DIRECTORY}.ADSite", *CONFIGURATION_OBJECT), properties, changes, shape)


def ad_site_link(
    name: str = "DEFAULTIPSITELINK",
    sites: Sequence[str] = (SITE,),
    shape: str = "rich",
    **changes: Any,
) -> str:
    """A link between sites."""
    items = [identifier(f"CN={site},{SITES}") for site in sites]
    parent = f"CN=IP,CN=Inter-Site Transports,{SITES}"
    properties = {
        "Cost": 100,
        "ADCost": 100,
        "ExchangeCost": None,
        "MaxMessageSize": "Unlimited",
        "Sites": list_of(f"{DIRECTORY}.ADObjectId", items),
        **directory_object(name, parent, ("siteLink",), "Site-Link"),
    }
    return write((f"{DIRECTORY}.ADSiteLink", *CONFIGURATION_OBJECT), properties, changes, shape)


def organization_config(name: str = "Contoso", shape: str = "rich", **changes: Any) -> str:
    """The organisation."""
    directory = directory_object(
        name,
        f"CN=Microsoft Exchange,CN=Services,{CONFIGURATION}",
        ("container", "msExchOrganizationContainer"),
        "ms-Exch-Organization-Container",
    )
    properties = {
        "ObjectVersion": 16763,
        "ActivityBasedAuthenticationTimeoutEnabled": True,
        "AppsForOfficeEnabled": True,
        "CustomerFeedbackEnabled": False,
        "ElcProcessingDisabled": False,
        "IPListBlocked": strings(),
        "MailTipsAllTipsEnabled": True,
        "MailTipsLargeAudienceThreshold": Scalar("U32", "25"),
        "PublicFoldersLockedForMigration": False,
        **directory,
    }
    types = (f"{MANAGEMENT}.OrganizationConfig", *PRESENTATION_OBJECT)
    return write(types, properties, changes, shape)
