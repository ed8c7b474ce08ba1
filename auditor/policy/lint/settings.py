"""Settings that Exchange does not hold together: a policy that asks for both never passes.

Source: https://learn.microsoft.com/en-us/powershell/module/exchangepowershell/set-sendconnector
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.policy.lint.asked import (
    cannot_be,
    must_be,
    must_be_empty,
    must_be_set,
    tied,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.policy.lint.draft import Draft, Found


def dns_routing_with_smart_hosts(draft: Draft) -> Iterator[Found]:
    """DNSRoutingEnabled must be true, and SmartHosts must hold something.

    Exchange clears the smart hosts when DNS routing is switched on.
    """
    if must_be(draft, "DNSRoutingEnabled", True) and must_be_set(draft, "SmartHosts"):
        yield tied(
            draft,
            "DNSRoutingEnabled",
            "SmartHosts",
            "Exchange clears the smart hosts when DNS routing is switched on",
            "To send through smart hosts: DNSRoutingEnabled: false.",
        )


def dns_routing_with_authentication(draft: Draft) -> Iterator[Found]:
    """DNSRoutingEnabled must be true, and SmartHostAuthMechanism other than None.

    Exchange clears the authentication when DNS routing is switched on.
    """
    authenticates = cannot_be(draft, "SmartHostAuthMechanism", "None", None)
    if must_be(draft, "DNSRoutingEnabled", True) and authenticates:
        yield tied(
            draft,
            "DNSRoutingEnabled",
            "SmartHostAuthMechanism",
            "Exchange clears the authentication when DNS routing is switched on",
            "To authenticate at a smart host: DNSRoutingEnabled: false.",
        )


def no_route_at_all(draft: Draft) -> Iterator[Found]:
    """DNSRoutingEnabled must be false, and SmartHosts must be empty.

    Without DNS routing, Exchange wants a smart host.
    """
    if must_be(draft, "DNSRoutingEnabled", False) and must_be_empty(draft, "SmartHosts"):
        yield tied(
            draft,
            "DNSRoutingEnabled",
            "SmartHosts",
            "without DNS routing Exchange wants a smart host",
            "Ask for smart hosts: SmartHosts: {region: smart_hosts}.",
        )


def required_tls_with_starttls_ignored(draft: Draft) -> Iterator[Found]:
    """RequireTLS must be true, and IgnoreSTARTTLS must be true.

    TLS begins with STARTTLS, so Exchange refuses the two together.
    """
    if must_be(draft, "RequireTLS", True) and must_be(draft, "IgnoreSTARTTLS", True):
        yield tied(
            draft,
            "RequireTLS",
            "IgnoreSTARTTLS",
            "TLS begins with STARTTLS: Exchange refuses the two together",
            "To send over TLS: IgnoreSTARTTLS: false.",
        )


def tls_level_without_tls(draft: Draft) -> Iterator[Found]:
    """TlsAuthLevel must be set, and RequireTLS must be false or IgnoreSTARTTLS true.

    Exchange accepts a TlsAuthLevel only where TLS is required and STARTTLS is not ignored.
    """
    if not must_be_set(draft, "TlsAuthLevel"):
        return
    for name, wrong in (("RequireTLS", False), ("IgnoreSTARTTLS", True)):
        if must_be(draft, name, wrong):
            needed = str(not wrong).lower()
            yield tied(
                draft,
                "TlsAuthLevel",
                name,
                f"Exchange accepts a TlsAuthLevel only while {name} is {needed}",
                f"To have the certificate checked: {name}: {needed}.",
            )


def tls_domain_without_domain_validation(draft: Draft) -> Iterator[Found]:
    """TlsDomain must be set, and TlsAuthLevel must be other than DomainValidation.

    Exchange accepts a TlsDomain with no other level.
    """
    if must_be_set(draft, "TlsDomain") and cannot_be(draft, "TlsAuthLevel", "DomainValidation"):
        yield tied(
            draft,
            "TlsDomain",
            "TlsAuthLevel",
            "Exchange accepts a TlsDomain only with DomainValidation",
            "To have the name in the certificate checked: TlsAuthLevel: DomainValidation.",
        )


def domain_validation_without_tls_domain(draft: Draft) -> Iterator[Found]:
    """TlsAuthLevel must be DomainValidation with smart hosts, and TlsDomain must be empty.

    With smart hosts, Exchange needs the name to look for in the certificate.
    """
    validates = must_be(draft, "TlsAuthLevel", "DomainValidation")
    if validates and must_be_set(draft, "SmartHosts") and must_be_empty(draft, "TlsDomain"):
        yield tied(
            draft,
            "TlsAuthLevel",
            "TlsDomain",
            "with smart hosts Exchange needs the name to look for in the certificate",
            "Say the name (TlsDomain: mail.contoso.com), or ask for TlsAuthLevel: "
            "CertificateValidation.",
        )


def domain_security_without_its_needs(draft: Draft) -> Iterator[Found]:
    """DomainSecureEnabled must be true, and DNSRoutingEnabled false or IgnoreSTARTTLS true.

    Domain security works only with DNS routing and over TLS.
    """
    if not must_be(draft, "DomainSecureEnabled", True):
        return
    for name, wrong in (("DNSRoutingEnabled", False), ("IgnoreSTARTTLS", True)):
        if must_be(draft, name, wrong):
            yield tied(
                draft,
                "DomainSecureEnabled",
                name,
                f"domain security works only while {name} is {str(not wrong).lower()}",
                "Through a mail gateway: DomainSecureEnabled: false. RequireTLS and TlsAuthLevel "
                "protect that way."
                if name == "DNSRoutingEnabled"
                else "For domain security: IgnoreSTARTTLS: false.",
            )
