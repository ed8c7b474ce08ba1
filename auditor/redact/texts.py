"""Any text → the same with stand-ins for its names, or one stand-in for the whole.

Nothing passes that is not known to be harmless: what is not recognised becomes ``text-N``.
Messages are taken apart into words, and other texts into the names that they are made of.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.kinds.base import is_cut, is_type_name
from auditor.kinds.hosts import host_name, ip_address
from auditor.redact.words import NAMES, are_bytes, is_number, is_plain_word, is_word

if TYPE_CHECKING:
    from collections.abc import Callable

    from auditor.redact.names import Names

TYPE_NAME: Final = "System.Object[]"
"""What stands for every name of a type: it could hold anything behind its backtick."""

_EMAIL: Final = re.compile(
    r"(?i)((?:smtp|sip|mailto):)?([^\s@<>:;,\"\\/]{1,128})@([^\s@<>:;,]{1,255})"
)
_URL: Final = re.compile(
    r"(?i)(https?|ldap|ldaps)://([^/\s:@?#]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?([/?#].*)?"
)
_DN: Final = re.compile(r"(?i)(?:CN|OU|DC|O|C|L|ST|S|E|STREET)\s*=")
_RDN: Final = re.compile(r"(?s)\s*([A-Za-z][A-Za-z0-9.]{0,30})\s*=(.*)")
_CERTIFICATE: Final = re.compile(r"<I>([^<>]*)<S>([^<>]*)", re.IGNORECASE)
_SID: Final = re.compile(r"S-1-[0-9]+(-[0-9]+)+", re.IGNORECASE)
_ACCOUNT: Final = re.compile(r"([^\\/\s@]{1,64})\\([^\\/]{1,256})")
# Several numbers in a row are one to call.
_WORDS: Final = re.compile(r"\+?[0-9]+(?: [0-9]+)+(?=[^\w ]*(?: |\Z))|\S+", re.ASCII)
_ATTRIBUTES: Final = frozenset({"cn", "ou", "dc", "o", "c", "l", "st", "s", "e", "street"})


def redacted_text(text: str, names: Names) -> str:
    """A text of which nothing is known but its content."""
    return (structured(text, names) or _hidden(text, names)) if text.strip() else text


def structured(text: str, names: Names) -> str | None:
    """A text that is harmless, a name, or made of names, with these replaced; else None."""
    bare = text.strip()
    if is_number(bare):
        return bare
    return names.known(bare) or (bare if is_word(bare) else _shaped(bare, names))


def redacted_name(text: str, names: Names) -> str:
    """A text that is a name, though it may look like a word of another meaning."""
    bare = text.strip()
    if not bare or bare.lower() in NAMES or is_number(bare):
        return text
    return names.known(bare) or _shaped(bare, names) or _hidden(text, names)


def redacted_sentence(text: str, names: Names) -> str:
    """A message, word by word: plain words stay, and every other is replaced."""
    return " ".join(_word(word, names) for word in _WORDS.findall(" ".join(text.split())))


def _word(word: str, names: Names) -> str:
    bare = word.strip(".,:;()'\"!?`")
    if not bare or is_plain_word(bare):
        return word
    return word.replace(bare, redacted_text(bare, names), 1)


def _hidden(text: str, names: Names) -> str:
    return names.numbered("text", text, text, "text-{}")


def _shaped(text: str, names: Names) -> str | None:
    if is_type_name(text):
        return TYPE_NAME
    return next((found for shape in _SHAPES if (found := shape(text, names)) is not None), None)


def _address(text: str, names: Names) -> str | None:
    address = names.address(text)
    return f"[{address}]" if address and text.startswith("[") else address


def _email(text: str, names: Names) -> str | None:
    match = _EMAIL.fullmatch(text)
    host = names.host(match[3]) if match else None
    if match is None or host is None:
        return None
    return f"{(match[1] or '').lower()}{names.person(match[2])}@{host}"


def _url(text: str, names: Names) -> str | None:
    match = _URL.fullmatch(text)
    if match is None:
        return None
    host = _address(match[2], names) or names.host(match[2]) or "host.example"
    return f"{match[1].lower()}://{host}{match[3] or ''}{'/' if match[4] else ''}"


def _sid(text: str, names: Names) -> str | None:
    if not _SID.fullmatch(text):
        return None
    return names.numbered("sid", text.upper(), text, "S-1-5-21-0-0-0-{}")


def _certificate(text: str, names: Names) -> str | None:
    match = _CERTIFICATE.fullmatch(text)
    if match is None:
        return None
    issuer, subject = (redacted_text(part, names) for part in match.groups())
    return f"<I>{issuer}<S>{subject}"


def _distinguished(text: str, names: Names) -> str | None:
    """``CN=EX01,CN=Servers,…,DC=contoso,DC=com``, part by part; the DCs are one domain."""
    if not _DN.match(text):
        return None
    parts = [_RDN.fullmatch(part) for part in re.split(r"(?<!\\),", text)]
    pairs = [(part[1], re.sub(r"\\(.)", r"\1", part[2])) for part in parts if part]
    if len(pairs) != len(parts) or any(key.lower() not in _ATTRIBUTES for key, _ in pairs):
        return None
    tail = [value for key, value in pairs if key.lower() == "dc"]
    above = [value.lower() for _, value in pairs[1:]] + [""]
    found = [
        f"{key}={_part(value, parent, names)}"
        for (key, value), parent in zip(pairs, above, strict=True)
        if key.lower() != "dc"
    ]
    domain = (names.host(".".join(tail)) or "host.example") if tail else ""
    return ",".join([*found, *(f"DC={label}" for label in domain.split(".") if label)])


def _canonical(text: str, names: Names) -> str | None:
    """``contoso.com/Configuration/…/Servers/EX01``, and ``/o=…/ou=…/cn=EX01``."""
    legacy = re.match(r"(?i)/o=", text) is not None
    first, *parts = text.split("/")
    if not parts or not (legacy or ("." in first and host_name(first))):
        return None
    found, parent = [""] if legacy else [names.host(first) or ""], ""
    for part in parts:
        key, equals, value = part.partition("=") if legacy else ("", "", part)
        if legacy and key.lower() not in _ATTRIBUTES:
            return None
        place = "microsoft exchange" if key.lower() == "o" else parent
        found.append(f"{key}{equals}{_part(value, place, names)}")
        parent = value.lower()
    return "/".join(found)


def _part(value: str, container: str, names: Names) -> str:
    """One part of a directory name, by the container that it is in."""
    kinds: dict[str, Callable[[str], str | None]] = {
        "servers": names.server,
        "sites": names.site,
        "connections": names.connector,
        "microsoft exchange": names.organization,
    }
    own = container in kinds and value.lower() not in NAMES
    return (kinds[container](value) if own else None) or redacted_name(value, names)


def _account(text: str, names: Names) -> str | None:
    r"""``CONTOSO\admin`` and ``EX01\Connector``."""
    match = _ACCOUNT.fullmatch(text)
    if match is None:
        return None
    place = names.host(match[1]) or _hidden(match[1], names)
    return f"{place}\\{names.known(match[2]) or names.person(match[2])}"


def _list(text: str, names: Names) -> str | None:
    """``{a, b…}`` and ``a|b``."""
    braced = text.startswith("{") and text.endswith("}")
    if not braced and "|" not in text:
        return None
    inside = text[1:-1] if braced else text
    parts = re.split(r",\s*" if braced else r"\|", inside)
    if are_bytes(parts):
        return None
    found = (", " if braced else "|").join(redacted_text(part.strip(), names) for part in parts)
    return f"{{{found}}}" if braced else found


def _cut(text: str, names: Names) -> str | None:
    return f"{redacted_text(text.rstrip('.…'), names)}..." if is_cut(text) else None


def _full_host(text: str, names: Names) -> str | None:
    bare = text.removeprefix("*.").rstrip(".")
    return names.host(text) if "." in bare and ip_address(bare) is None else None


_SHAPES: Final[tuple[Callable[[str, Names], str | None], ...]] = (
    *(_cut, _address, _email, _url, _sid, _certificate, _distinguished, _canonical),
    *(_list, _account, _full_host),
)
