"""Whether a domain's SPF record lets the gateway send (RFC 7208)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.model import JudgedDomain, Judgement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auditor.model import Policy, Region, SpfSeen

_MOST_LOOKUPS: Final = 10
_WRONG: Final = frozenset({"invalid", "too-many-lookups"})
_LATER: Final = "Ask again later, or another name server: --resolver 192.0.2.53"
_OUTSIDE: Final = (
    "What counts is the record that the Internet sees; where the organisation has a DNS of its own "
    "for the domain, ask one outside: --resolver ADDRESS."
)
# RFC 2606, RFC 6761, RFC 6762, RFC 8375, and what RFC 6762 (appendix G) says is used in private.
_PRIVATE: Final = frozenset(
    {
        *("local", "localhost", "localdomain", "internal", "intranet", "lan", "corp", "home"),
        *("private", "invalid", "home.arpa"),
    }
)
_CLOUD: Final = "onmicrosoft.com"
"""Microsoft's own: its records are Microsoft's, and nobody sends mail from there outside."""


def public_domains(domains: Iterable[str]) -> tuple[list[str], list[str]]:
    """Domains that can have an SPF record that outside is seen, and those that cannot.

    Args:
        domains: ``contoso.com``, ``*.contoso.com``.
    """
    bare = [*dict.fromkeys(domain.removeprefix("*.") for domain in domains)]
    public = [domain for domain in bare if _is_public(domain)]
    return public, [domain for domain in bare if domain not in public]


def _is_public(domain: str) -> bool:
    private = any(domain == one or domain.endswith(f".{one}") for one in (*_PRIVATE, _CLOUD))
    return "." in domain and not private


def judged_domain(seen: SpfSeen, policy: Policy, region: Region | None) -> JudgedDomain:
    """A domain's record, and what it comes to.

    Args:
        seen: of the domain.
        policy: for the other regions of the gateway.
        region: the one that the record must include.
    """
    return JudgedDomain(seen, _judgement(seen, policy, region))


def _judgement(seen: SpfSeen, policy: Policy, region: Region | None) -> Judgement:
    wanted = region.spf_include if region is not None else None
    add = f"Publish it as a TXT record: v=spf1 include:{wanted} ~all" if wanted else _OUTSIDE
    failure = seen.failure
    if failure is not None and failure.kind not in _WRONG and not _is_missing(seen):
        return Judgement("unknown", _unknown(seen), _LATER)
    if not seen.records:
        return Judgement("fail", "there is no SPF record", f"{add}. {_OUTSIDE}")
    if len(seen.records) > 1:
        text = f"there are {len(seen.records)} SPF records: receivers take that for an error"
        return Judgement("fail", text, "Make one of them, with all includes.")
    if failure is not None:
        return _wrong(failure.kind, failure.text)
    if seen.lookups is None:
        return Judgement("unknown", "how many look-ups it takes is not known", _LATER)
    if seen.lookups > _MOST_LOOKUPS:
        return _wrong("too-many-lookups", f"{seen.lookups} of {_MOST_LOOKUPS} (RFC 7208)")
    if wanted is None:
        return Judgement(
            "unknown",
            "what the record must include is not known for this region",
            "Ask the gateway's support, and write it into the policy: spf_include of the region.",
        )
    if wanted in seen.includes:
        return Judgement("pass", f"includes {wanted}, with {seen.lookups} of 10 look-ups")
    return _not_included(seen, policy, wanted)


def _is_missing(seen: SpfSeen) -> bool:
    kind = seen.failure.kind if seen.failure is not None else None
    return not seen.records and kind in {"no-such-name", "no-records"}


def _unknown(seen: SpfSeen) -> str:
    kind = seen.failure.kind if seen.failure is not None else None
    said = {
        "no-answer": "no name server answered in time",
        "stopped": "it was not looked up to the end",
    }
    return said.get(kind or "", "not all of its record could be looked up")


def _wrong(kind: str, text: str) -> Judgement:
    if kind == "too-many-lookups":
        message = f"its record takes too many look-ups, and receivers give up: {text}"
        return Judgement("fail", message, "Remove includes that are no longer needed.")
    return Judgement("fail", f"its record is wrong: {text}", "Correct the record.")


def _not_included(seen: SpfSeen, policy: Policy, wanted: str) -> Judgement:
    others = [
        region.title
        for region in policy.regions.values()
        if region.spf_include is not None and region.spf_include in seen.includes
    ]
    other = f", but the hosts of {', '.join(others)}" if others else ""
    text = f"its record does not include {wanted}{other}"
    return Judgement("fail", text, f"Add include:{wanted} to the record. {_OUTSIDE}")
