"""Classes of recipients: all in one class take the same way, and every recipient is in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.routing.network import Network


class MailClass(NamedTuple):
    """Recipients, or where their mail came in.

    Attributes:
        kind: ``exact`` (one domain), ``below`` (every domain below one, but for those that have
            classes of their own), ``other`` (every domain that has none), ``typed`` (an address
            that is not SMTP), ``received`` (all that a receive connector takes in).
        name: the domain, the address with its type, or the receive connector.
    """

    kind: Literal["exact", "below", "other", "typed", "received"]
    name: str = ""

    def ladder(self) -> Iterator[str]:
        """The address spaces that would cover it, the most specific first."""
        if self.kind == "typed":
            yield from dict.fromkeys((self.name, f"{self.name.partition(':')[0]}:*"))
            return
        if self.kind == "exact":
            yield self.name
        rest = self.name
        while rest:
            yield f"*.{rest}"
            rest = rest.partition(".")[2]
        yield "*"


OTHER = MailClass("other")


def mail_classes(network: Network) -> Iterator[MailClass]:
    """All classes of an organisation, those of domains in their order.

    Each domain of an address space or an accepted domain, what is below it, every other domain,
    and what is not SMTP. What linked connectors take has no recipients of its own.
    """
    typed = sorted(pattern for pattern in network.patterns if ":" in pattern)
    smtp = network.patterns.difference(typed, {"*"})
    for domain in sorted({pattern.removeprefix("*.") for pattern in smtp}):
        yield MailClass("exact", domain)
        if f"*.{domain}" in smtp:
            yield MailClass("below", domain)
    yield OTHER
    for pattern in typed:
        yield MailClass("typed", pattern)


def _covering(recipient: str, network: Network) -> str:
    """The most specific address space for an address that is no SMTP.

    Of X.400 addresses a space covers all that have its parts, and more; what is not covered falls
    to the space for all of the type.
    Source: https://learn.microsoft.com/exchange/mail-flow/connectors/send-connectors (RFC 1685)
    """
    kind, _, address = recipient.partition(":")
    if recipient in network.offers or kind != "X400":
        return recipient if recipient in network.offers else f"{kind}:*"
    parts = _parts(address)
    spaces = [space for space in network.offers if space.startswith("X400:")]
    fitting = [s for s in spaces if s != "X400:*" and _parts(s.partition(":")[2]) <= parts]
    return max(fitting, key=lambda space: len(_parts(space)), default="X400:*")


def _parts(address: str) -> frozenset[str]:
    return frozenset(part.strip() for part in address.split(";")) - {""}


def class_of(recipient: str, network: Network) -> MailClass:
    """The class of a recipient.

    Args:
        recipient: a domain in lower case and A-labels, an address in brackets, or an address with
            its type (``X400:c=us``).
        network: the organisation.
    """
    if recipient.startswith("["):
        return OTHER
    if ":" in recipient:
        return MailClass("typed", _covering(recipient, network))
    exact = MailClass("exact", recipient)
    patterns = network.patterns
    if recipient in patterns or f"*.{recipient}" in patterns:
        return exact
    covering = next((p for p in exact.ladder() if p != "*" and p in patterns), None)
    return OTHER if covering is None else MailClass("below", covering.removeprefix("*."))
