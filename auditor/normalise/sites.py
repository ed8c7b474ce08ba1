"""Active Directory sites, and what it costs to send mail from one to the next."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from auditor.kinds import SIZE, UNLIMITED
from auditor.kinds.base import is_cut, is_type_name, text_of, whole
from auditor.model import SiteLink

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from auditor.model import Raw, Snapshot

# The first part of a distinguished name; a site's name holds no comma.
_FIRST_RDN = re.compile(r"CN=([^,\\]+),CN=Sites,", re.IGNORECASE)
_PATH: Final = "/configuration/sites/"
_WRONG = re.compile(r"[/\\=,;|{}\n]")


def site_name(raw: Raw) -> str | None:
    """A site's name, of any form of its identity; None where none can be read.

    ``contoso.com/Configuration/Sites/Branch``, its distinguished name, or the bare name.
    """
    text = text_of(raw)
    if text is None and isinstance(raw, dict):
        named = raw.get("Name") or raw.get("DistinguishedName")
        text = named if isinstance(named, str) else None
    if text is None or not text.strip() or is_type_name(text.strip()) or is_cut(text.strip()):
        return None
    name = text.strip()
    first = _FIRST_RDN.match(name)
    if first:
        return first[1]
    found = name.lower().find(_PATH)
    if found >= 0:
        name = name[found + len(_PATH) :]
    return None if _WRONG.search(name) else name


def site_links(snapshot: Snapshot) -> tuple[SiteLink, ...] | None:
    """All links between sites; None where they are not all known."""
    found = snapshot.objects.get("AdSiteLink")
    if found is None or any(error.noun == "AdSiteLink" for error in snapshot.errors):
        return None
    links = [_link(raw) for raw in found]
    known = tuple(link for link in links if link is not None)
    return known if len(known) == len(links) else None


def _link(raw: Mapping[str, Raw]) -> SiteLink | None:
    """One link; None where it cannot be read.

    The Exchange cost, where it is set, is used instead of the Active Directory's.
    Source: https://learn.microsoft.com/powershell/module/exchangepowershell/set-adsitelink
    """
    sites, cost = _sites(raw.get("Sites")), _cost(raw)
    if sites is None or cost is None:
        return None
    limited = SIZE.read(raw.get("MaxMessageSize")) != UNLIMITED
    return SiteLink(frozenset(sites), cost, limited)


def _cost(raw: Mapping[str, Raw]) -> int | None:
    # ``Cost`` is what the two others come to; without either nobody knows whether one is set.
    names = ("ExchangeCost", "ADCost") if "ExchangeCost" in raw else ("Cost",)
    for name in names:
        value = raw.get(name)
        if value is None or value == "":
            continue
        number = whole(value)
        text = text_of(value)
        if number is None and text is not None and re.fullmatch(r"[0-9]{1,9}", text.strip()):
            number = int(text)
        return number if number is not None and number >= 0 else None
    return None


def _sites(raw: Raw) -> list[str] | None:
    items = _items(raw)
    names = [site_name(item) for item in items] if items is not None else [None]
    known = [name for name in names if name is not None]
    return known if len(known) == len(names) else None


def _items(raw: Raw) -> Iterable[Raw] | None:
    """The items of a list in any of the shapes that exports have."""
    if isinstance(raw, list | tuple):
        return raw
    if isinstance(raw, dict):
        inner = raw.get("value")
        return inner if isinstance(inner, list) else (raw,)
    if not isinstance(raw, str) or is_cut(raw.strip()):
        return None
    text = raw.strip()
    if text.startswith("{") and text.endswith("}"):
        return re.split(r",\s*", text[1:-1])
    # A blank can be in a name, so what is joined with blanks cannot be taken apart.
    return text.split("|") if "|" in text else (text,) if " " not in text else None
