"""Whether a smart host can be reached, and takes mail: from what was seen of it.

What is certain outranks what is not known: ``fail`` before ``unknown`` before ``pass``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.evaluate.connection import judged_attempt
from auditor.kinds.hosts import ip_address
from auditor.model import JudgedHost, Judgement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.model import HostSeen, JudgedAttempt, Lookup, Probe

_CERTAIN: Final = frozenset({"no-such-name", "no-records", "loop"})
_NO_ADDRESS: Final = {
    "no-such-name": "there is no such name in DNS",
    "no-records": "the name has no address in DNS",
    "loop": "its name leads in a circle in DNS (CNAME)",
}
_NOT_FOUND_OUT: Final = {
    "server-failure": "the name server could not look it up",
    "no-answer": "no name server answered in time",
    "stopped": "it was not looked up to the end",
}
_NAMES: Final = (
    "Ask another name server (--resolver ADDRESS): if that one knows the name, have this one put "
    "right; if none does, compare the name with the gateway's list of hosts, letter by letter."
)
_SERVER: Final = "Have the name server put right, or ask another one: --resolver 192.0.2.53"


def judged_host(seen: HostSeen, probe: Probe, port: int | None, *, is_listed: bool) -> JudgedHost:
    """What was seen of a host, and what it comes to.

    Args:
        seen: of the host.
        probe: what it is of.
        port: the connector's; None: any.
        is_listed: whether the policy lists the host; only such hosts are contacted.
    """
    attempts = tuple(judged_attempt(one, seen, probe) for one in seen.attempts)
    judgement = _judgement(seen, attempts, is_listed=is_listed)
    if judgement.status == "pass" and port not in {None, seen.port}:
        text = f"it was probed at port {seen.port}, and the connector sends to port {port}"
        judgement = Judgement("unknown", text, f"Probe it again: --port {port}")
    return JudgedHost(seen, judgement, attempts)


def _judgement(seen: HostSeen, attempts: Sequence[JudgedAttempt], *, is_listed: bool) -> Judgement:
    if not seen.lookups and not attempts:
        if not is_listed:
            return Judgement(
                "unknown",
                "it was not contacted: the policy lists no such host of the gateway",
                "Run audit check: it says what is wrong with the connector's smart hosts.",
            )
        return Judgement("unknown", "it was not probed", "Probe it again.")
    if not attempts:
        return _without_address(seen.lookups)
    worst = _worst(attempts)
    return worst if worst.status == "fail" else _doubt(seen, attempts) or worst


def _without_address(lookups: Sequence[Lookup]) -> Judgement:
    failures = [lookup.failure for lookup in lookups if lookup.failure is not None]
    if any(lookup.addresses for lookup in lookups):
        return Judgement("unknown", "it was not connected to", "Probe it again.")
    open_ = [failure for failure in failures if failure.kind not in _CERTAIN]
    if open_ or len(failures) != len(lookups):
        kind = open_[0].kind if open_ else "stopped"
        text = _NOT_FOUND_OUT.get(kind, "its name could not be looked up")
        said = f" ({open_[0].text})" if open_ and open_[0].text else ""
        return Judgement("unknown", f"{text}{said}", _SERVER)
    kinds = [failure.kind for failure in failures]
    kind = next((one for one in ("loop", "no-such-name") if one in kinds), "no-records")
    return Judgement("fail", _NO_ADDRESS[kind], _NAMES)


def _doubt(seen: HostSeen, attempts: Sequence[JudgedAttempt]) -> Judgement | None:
    """Why nothing good can be said although nothing bad was seen."""
    tried = {attempt.seen.address for attempt in attempts}
    found = {address for lookup in seen.lookups for address in lookup.addresses}
    found |= {address for address in (ip_address(seen.host),) if address is not None}
    if not found <= tried:
        missing = ", ".join(sorted(found - tried))
        return Judgement("unknown", f"not all of it was tried: {missing}", "Probe it again.")
    records = {lookup.record for lookup in seen.lookups}
    if ip_address(seen.host) is None and not ("any" in records or {"A", "AAAA"} <= records):
        return Judgement("unknown", "not all of its addresses were looked up", "Probe it again.")
    for lookup in seen.lookups:
        failure = lookup.failure
        if lookup.record == "A" and failure is not None and failure.kind not in _CERTAIN:
            text = _NOT_FOUND_OUT.get(failure.kind, "it could not be looked up")
            return Judgement("unknown", f"whether it has IPv4 addresses: {text}", _SERVER)
    return None


def _worst(attempts: Sequence[JudgedAttempt]) -> Judgement:
    """What the connections come to: IPv4 decides where there is any of it.

    Exchange takes another address where one does not answer; but one that fails delays mail, and
    is found at the worst moment.
    """
    deciding = [one for one in attempts if not one.seen.is_ipv6] or list(attempts)
    cautions = [text for one in deciding for text in one.judgement.cautions]
    for status in ("fail", "unknown"):
        bad = [one for one in deciding if one.judgement.status == status]
        if bad:
            first = bad[0].judgement
            count = f"{len(bad)} of {len(deciding)} addresses: " if len(deciding) > 1 else ""
            return Judgement(bad[0].judgement.status, count + first.message, first.hint)
    cautions += [
        f"by IPv6 ({one.seen.address}) it does not work: {one.judgement.message}"
        for one in attempts
        if one not in deciding and one.judgement.status != "pass" and not _is_unused(one)
    ]
    return Judgement("pass", deciding[0].judgement.message, None, tuple(dict.fromkeys(cautions)))


def _is_unused(attempt: JudgedAttempt) -> bool:
    """Whether this machine has no way to the address at all, as one without IPv6 has none."""
    step = attempt.seen.step("connect")
    return step is not None and step.failure is not None and step.failure.kind == "unreachable"
