"""What one connection to a smart host comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.evaluate.gateway_replies import addresses_in, meaning_of
from auditor.model import EXPECTED, JudgedAttempt, Judgement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from auditor.model import Attempt, Encryption, HostSeen, Probe, Step, StepName

_SLOW: Final = 5.0
"""Seconds. A gateway that greets later than that is slow, or something stands before it."""
_SOON: Final = 14
"""Days before the end of a certificate."""
_VERSIONS: Final = frozenset({"TLSv1.2", "TLSv1.3"})
"""Source: Mimecast, TLS 1.2 and 1.3 only (SSL and TLS of its gateway)."""
_WORDS: Final[Mapping[StepName, str]] = {
    "connect": "the connection",
    "greeting": "the greeting",
    "ehlo": "EHLO",
    "starttls": "STARTTLS",
    "tls": "the TLS handshake",
    "ehlo-tls": "EHLO in TLS",
    "mail": "MAIL FROM",
    "rcpt": "RCPT TO",
}
_KINDS: Final = {
    "refused": "port {port} refuses connections",
    "unreachable": "there is no way to {address} from here",
    "closed": "the server closed the connection at {step}",
    "garbled": "what the server says at {step} is no reply of a mail server",
    "too-long": "the server says more than a mail server may at {step}",
    "unasked": "the server talks before it is asked, at {step}",
    "tls": "TLS fails: {text}",
}
_HINTS: Final = {
    "refused": "Let this machine out to port {port} in the firewall, and try again.",
    "unreachable": "Look at this machine's network and routes.",
    "no-answer": "Let this machine out to port {port} in the firewall: packets that a firewall "
    "drops get no answer.",
    "closed": "Look for a firewall or a proxy that inspects SMTP on the way.",
    "garbled": "Something else than the gateway answers: look for a proxy on the way.",
    "too-long": "Something else than the gateway answers: look for a proxy on the way.",
    "unasked": "Something else than the gateway answers: look for a proxy on the way.",
    "tls": "Look for a firewall that inspects SMTP on the way; the gateway speaks TLS 1.2 and 1.3.",
}
_AGAIN: Final = "Probe it again, with more time: --timeout 180"
_INSPECTED: Final = (
    "A firewall that inspects SMTP hides it: switch that off for the gateway (Cisco: no inspect "
    "esmtp)."
)
_ORDER: Final[tuple[StepName, ...]] = (
    *("connect", "greeting", "ehlo", "starttls", "tls", "ehlo-tls"),
    *("mail", "rcpt"),
)


def judged_attempt(seen: Attempt, host: HostSeen, probe: Probe) -> JudgedAttempt:
    """A connection and what it comes to.

    Args:
        seen: of the connection.
        host: which host it is to.
        probe: what it is of.
    """
    wanted = _ORDER if probe.relay is not None else _ORDER[:-2]
    judgement = next(_problems(seen, host, probe, wanted), None)
    return JudgedAttempt(seen, judgement or _good(seen, probe), _saw(seen))


def _problems(
    seen: Attempt, host: HostSeen, probe: Probe, wanted: tuple[StepName, ...]
) -> Iterator[Judgement]:
    for name in wanted:
        if name == "starttls" and not _offers_starttls(seen):
            yield Judgement("fail", "it does not offer STARTTLS", _INSPECTED)
        step = seen.step(name)
        if step is None:
            yield Judgement("unknown", f"it was not tried as far as {_WORDS[name]}", _AGAIN)
            continue
        problem = _step_problem(step, seen, host)
        if problem is not None:
            yield problem
        if name == "tls":
            yield from _tls_problems(seen.encryption, host, probe)


def _offers_starttls(seen: Attempt) -> bool:
    step = seen.step("ehlo")
    lines = step.reply.lines if step is not None and step.reply is not None else ()
    return any(line.strip().upper() == "STARTTLS" for line in lines)


def _step_problem(step: Step, seen: Attempt, host: HostSeen) -> Judgement | None:
    """What is wrong with a step; None where nothing is."""
    if step.failure is not None:
        return _failed(step, seen, host)
    expected = EXPECTED.get(step.name)
    if expected is None:
        return None
    if step.reply is None:
        return Judgement("unknown", f"what came of {_WORDS[step.name]} is not known", _AGAIN)
    if step.reply.code not in expected:
        return _refused(step, step.reply.text)
    return None


def _failed(step: Step, seen: Attempt, host: HostSeen) -> Judgement:
    failure = step.failure
    assert failure is not None  # noqa: S101 - the caller has looked
    if failure.kind == "stopped":
        why = f": {failure.text}" if failure.text else ""
        return Judgement("unknown", f"it was stopped at {_WORDS[step.name]}{why}", _AGAIN)
    if failure.kind == "no-answer":
        text = f"nothing came within {step.seconds:.0f} s at {_WORDS[step.name]}"
        hint = _HINTS["no-answer"] if step.name == "connect" else _HINTS["closed"]
        return Judgement("fail", text, hint.format(port=host.port))
    text = _KINDS.get(failure.kind, "{step} failed: {text}").format(
        port=host.port,
        address=seen.address,
        step=_WORDS[step.name],
        text=failure.text or "no reason was given",
    )
    hint = _HINTS.get(failure.kind, _AGAIN).format(port=host.port)
    return Judgement("fail", text, hint)


def _refused(step: Step, reply: str) -> Judgement:
    meaning = meaning_of(reply)
    text = f"{_WORDS[step.name]} is answered with: {reply}"
    if reply.startswith("4"):
        text += " (temporary: mail would wait in the queue)"
    if meaning is None:
        return Judgement("fail", text, "Ask the gateway's support what its reply means.")
    return Judgement("fail", f"{text}: {meaning.text}", meaning.advice)


def _tls_problems(found: Encryption | None, host: HostSeen, probe: Probe) -> Iterator[Judgement]:
    if found is None or not found.chain:
        yield Judgement("unknown", "its certificate is not known", _AGAIN)
        return
    own, when = found.chain[0], probe.probed_at
    if found.version not in _VERSIONS:
        yield Judgement(
            "fail",
            f"it speaks {found.version} only: the gateway speaks TLS 1.2 and 1.3",
            _HINTS["tls"],
        )
    replaced = "A proxy that replaces certificates may stand on the way: look who issued it."
    if own.not_after <= when:
        text = f"its certificate ended on {own.not_after:%Y-%m-%d}"
        yield Judgement("fail", text, "Is this machine's clock right? Else tell the gateway.")
    if own.not_before > when:
        text = f"its certificate begins only on {own.not_before:%Y-%m-%d}"
        yield Judgement("fail", text, "Is this machine's clock right? Else tell the gateway.")
    if not found.name_matches:
        names = ", ".join(own.names[:4]) or own.subject
        yield Judgement("fail", f"its certificate is not for {host.host} but for {names}", replaced)
    if found.untrusted:
        text = f"its certificate is not trusted ({'; '.join(found.untrusted)}), issued by "
        yield Judgement("fail", text + (own.issuer or "nobody"), replaced)


def _good(seen: Attempt, probe: Probe) -> Judgement:
    """What to say of a connection with which nothing is wrong."""
    found, greeting = seen.encryption, seen.step("greeting")
    assert found is not None  # noqa: S101 - else there was a problem
    assert greeting is not None  # noqa: S101 - likewise
    days = found.chain[0].days_left(probe.probed_at)
    text = f"answers, with {found.version} and a certificate that is right"
    if probe.relay is not None:
        text += f", and takes mail from {probe.relay.sender} for {probe.relay.recipient}"
    cautions = []
    if days <= _SOON:
        cautions.append(f"its certificate ends in {days} days")
    if greeting.seconds >= _SLOW:
        cautions.append(f"it greets only after {greeting.seconds:.0f} s")
    return Judgement("pass", text, None, tuple(cautions))


def _saw(seen: Attempt) -> str | None:
    """The address that the gateway says it sees: in its refusal, or in its greetings."""
    for name in ("rcpt", "mail", "ehlo-tls", "ehlo", "greeting"):
        step = seen.step(name)
        lines = step.reply.lines if step is not None and step.reply is not None else ()
        found = [address for address in addresses_in(lines) if address != seen.address]
        if found:
            return found[0]
    return None
