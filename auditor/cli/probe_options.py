"""What the options of ``audit probe`` ask for, read before anybody is asked anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from auditor.cli.source import path_of, seconds_of
from auditor.errors import UsageError, shortened
from auditor.kinds.hosts import host_name, ip_address, is_port
from auditor.model import Relay

if TYPE_CHECKING:
    from pathlib import Path

    from auditor.cli.settings import Settings

_PROBING = ("ask-relay", "resolver", "ehlo", "port", "gateway-ca", "domain")


class Asked(NamedTuple):
    """What is asked for; None or nothing where nobody says so.

    Attributes:
        port: of TCP.
        ehlo: the name to give.
        relay: whose mail for whom the hosts are asked to take.
        domains: those whose SPF is looked at.
        servers: name servers and their ports.
        authorities: files of authorities that are trusted beside Mozilla's.
        seconds: for everything.
    """

    port: int | None
    ehlo: str | None
    relay: Relay | None
    domains: tuple[str, ...]
    servers: tuple[tuple[str, int], ...]
    authorities: tuple[Path, ...]
    seconds: float


def read_asked(settings: Settings) -> Asked:
    """The options of a probe.

    Raises:
        UsageError: one is wrong.
    """
    authority = path_of(settings, "gateway-ca")
    return Asked(
        port=_port(settings.text("port")),
        ehlo=_ehlo(settings.text("ehlo")),
        relay=_relay(settings.texts("ask-relay")),
        domains=tuple(dict.fromkeys(map(_domain, settings.texts("domain")))),
        servers=read_servers(settings.text("resolver")),
        authorities=(authority,) if authority else (),
        seconds=seconds_of(settings),
    )


def refuse_beside_result(settings: Settings) -> None:
    """Nothing that is for probing goes with what has been probed.

    Raises:
        UsageError: something is given.
    """
    for name in _PROBING:
        if settings.texts(name) or settings.text(name) is not None:
            raise UsageError(
                f"--{name} is for probing, and --result has been probed", hint="Leave one away."
            )


def read_servers(text: str | None) -> tuple[tuple[str, int], ...]:
    """What ``--resolver`` names: ``192.0.2.53``, ``192.0.2.53:5353``, ``[2001:db8::53]:53``.

    Raises:
        UsageError: it is no address.
    """
    if text is None:
        return ()
    host, colon, port = text.rpartition(":")
    if not colon or ip_address(text) is not None:
        host, port = text, "53"
    address = ip_address(host)
    if address is None or not is_port(port):
        raise UsageError(
            f"--resolver cannot be {shortened(text)}",
            hint="Give the address of a name server: --resolver 192.0.2.53",
        )
    return ((address, int(port)),)


def _port(text: str | None) -> int | None:
    if text is not None and not is_port(text):
        raise UsageError(f"--port cannot be {shortened(text)}", hint="For example: --port 25")
    return None if text is None else int(text)


def _ehlo(text: str | None) -> str | None:
    name = None if text is None else host_name(text)
    if text is not None and name is None:
        raise UsageError(
            f"--ehlo cannot be {shortened(text)}", hint="For example: --ehlo mail.contoso.com"
        )
    return name


def _relay(words: tuple[str, ...]) -> Relay | None:
    for word in words:
        local, at, domain = word.rpartition("@")
        is_plain = word.isascii() and word.isprintable() and not set(word) & set(' <>"\\(),:;[]')
        if not (at and local and is_plain and host_name(domain) and len(word) <= 254):
            raise UsageError(
                f"--ask-relay cannot be {shortened(word)}",
                hint="Give two addresses: --ask-relay anna@contoso.com ben@example.com",
            )
    return Relay(*words) if words else None


def _domain(word: str) -> str:
    name = host_name(word)
    if name is None or "." not in name:
        raise UsageError(
            f"--domain cannot be {shortened(word)}", hint="For example: --domain contoso.com"
        )
    return name
