"""Host names, addresses and smart hosts."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from auditor.kinds.base import Kind, is_type_name, list_reader, read_item, text_of, unexpected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.model import Raw, Unreadable, Value

_ASCII_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_-])?|--", re.ASCII)


@lru_cache(maxsize=4096)
def host_name(text: str) -> str | None:
    """A host name in its one spelling: lower case, no trailing dot, A-labels; else None.

    International names are mapped as UTS 46 and encoded as IDNA 2008 says
    (https://www.unicode.org/reports/tr46/).
    """
    name = text.strip().lower()
    if len(name) > 1 and name.endswith("."):
        name = name[:-1]
    if not name.isascii():
        encoded = _to_ascii(name)
        if encoded is None:
            return None
        name = encoded
    # The last label of a domain name is never a number: 1.2.3.4.5 is neither name nor address.
    numeric = "." in name and name.rpartition(".")[2].isdigit()
    return name if _ASCII_HOST.fullmatch(name) and ".." not in name and not numeric else None


def _to_ascii(name: str) -> str | None:
    import idna  # only international names need it

    try:
        return idna.encode(name, uts46=True).decode("ascii").rstrip(".")
    except (idna.IDNAError, UnicodeError):
        return None


@lru_cache(maxsize=4096)
def ip_address(text: str) -> str | None:
    """An IP address in its one spelling (IPv6 by value); None if it is no address."""
    bare = text.strip()
    if bare.startswith("[") and bare.endswith("]"):
        bare = bare[1:-1]
    if bare[:5].lower() == "ipv6:":
        bare = bare[5:]
    # No address is longer, and a host name never gets as far as ipaddress's exceptions.
    if len(bare) > 64 or not (":" in bare or bare.replace(".", "").isdigit()):
        return None
    try:
        return str(ipaddress.ip_address(bare)).lower()
    except ValueError:
        return None


def is_port(text: str) -> bool:
    """Whether a text is the number of a port of TCP."""
    return text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536


def read_smart_host(raw: Raw) -> str | Unreadable:
    """One smart host: a name, or an address in brackets as Exchange prints it."""
    return read_item("host", raw, _text_of_rich_host, _read_text)


def _read_text(text: str) -> str | Unreadable:
    address = ip_address(text)
    if address is not None:
        return f"[{address}]"
    return host_name(text) or unexpected("host", text)


def _text_of_rich_host(raw: dict[str, Raw]) -> str | None:
    """The host of ``{"Address": …, "IsIPAddress": …, "Domain": …}`` (capture, SmartHost)."""
    if raw.get("IsIPAddress") is True:
        address = raw.get("Address")
        if isinstance(address, dict):
            address = text_of(address) or address.get("IPAddressToString")
        return address if isinstance(address, str) else None
    domain = raw.get("Domain")
    if isinstance(domain, dict):
        domain = text_of(domain) or domain.get("Domain")
    return domain if isinstance(domain, str) else None


def split_blank_free(text: str) -> Sequence[str]:
    """Items of a joined list none of whose items can hold a blank or a separator.

    One sign joins a list: where another stands between, its item cannot be read.
    """
    for separator in "|;,\n":
        if separator in text:
            return text.split(separator)
    return text.split()


def read_host(raw: Raw) -> Value:
    """One host or domain name; a leading ``*.`` is kept."""
    if raw is None:
        return None
    text = text_of(raw)
    if text is not None and is_type_name(text.strip()):
        return unexpected("host name", text)
    if text is not None:
        bare = text.strip()
        if not bare:
            return ""  # empty is neither null nor unreadable
        star = "*." if bare.startswith("*.") else ""
        name = host_name(bare[len(star) :])
        if name is not None:
            return star + name
    return unexpected("host name", raw)


def read_ip_address(raw: Raw) -> Value:
    """One IP address."""
    if raw is None:
        return None
    text = text_of(raw)
    if text is None and isinstance(raw, dict):
        inner = raw.get("IPAddressToString")
        text = inner if isinstance(inner, str) else None
    address = ip_address(text) if text is not None else None
    return address if address is not None else unexpected("IP address", raw)


SMART_HOSTS: Final = Kind(
    "smart hosts",
    list_reader("host", read_smart_host, split_blank_free),
    is_list=True,
    textual=True,
    ignores_case=True,
    example="[us-smtp-outbound-1.mimecast.com]",
)
HOST: Final = Kind(
    "host name", read_host, textual=True, ignores_case=True, example="mail.contoso.com"
)
IP_ADDRESS: Final = Kind(
    "IP address", read_ip_address, textual=True, ignores_case=True, example="192.0.2.1"
)
