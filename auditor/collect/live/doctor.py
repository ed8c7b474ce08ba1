"""The way to a live server, step by step: which one works, and what to do about one that fails."""

from __future__ import annotations

import http.client
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import requests
import urllib3
from pypsrp.exceptions import WSManFaultError

from auditor.collect.cmdlets import CMDLETS
from auditor.collect.live.collector import ROLE_HINT, WORK
from auditor.collect.live.deadline import Deadline
from auditor.collect.live.faults import explain, ways_offered
from auditor.collect.live.session import CONFIGURATION, RemoteSession
from auditor.collect.live.tickets import require_kerberos
from auditor.collect.live.transport import NotPowerShellError, plainly
from auditor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auditor.collect.live.endpoint import Target

Outcome = Literal["ok", "warn", "fail", "skip"]
_SOON_DAYS: Final = 30
_NOT_TRIED: Final = "not tried: a step before it failed"


class Step(NamedTuple):
    """One step: what came of it, in words, and what to do where it failed."""

    name: str
    outcome: Outcome
    text: str
    hint: str | None = None


_Found = tuple[Outcome, str]
"""What came of a step, and in words."""


def examine(target: Target) -> Iterator[Step]:
    """Every step in turn; after one that fails, the rest is not tried. Collects nothing.

    Args:
        target: whom to ask, checked with ``check_target``.
    """
    work = Deadline(target.timeout * WORK)
    whole = Deadline(target.timeout)
    failed = False
    for name, attempt in _ATTEMPTS:
        if failed:
            yield Step(name, "skip", _NOT_TRIED)
            continue
        step = _attempt(name, attempt, target, work)
        failed = step.outcome == "fail"
        yield step
    if failed:
        yield from (Step(name, "skip", _NOT_TRIED) for name in _IN_SESSION)
        return
    yield from _session(target, work, whole)


def _attempt(
    name: str, attempt: Callable[[Target], _Found], target: Target, deadline: Deadline
) -> Step:
    try:
        outcome, text = deadline.bound(lambda: attempt(target))
    except UsageError as error:
        return Step(name, "fail", error.message, error.hint)
    except Exception as error:
        fault = explain(error, target)
        return Step(name, "fail", fault.message, fault.hint)
    return Step(name, outcome, text)


def _name(target: Target) -> _Found:
    found = socket.getaddrinfo(target.endpoint.host, None, type=socket.SOCK_STREAM)
    addresses = dict.fromkeys(str(address[4][0]) for address in found)
    return "ok", f"{target.endpoint.host} is {', '.join(addresses)}"


def _port(target: Target) -> _Found:
    endpoint = target.endpoint
    with socket.create_connection((endpoint.host, endpoint.port), timeout=target.timeout):
        return "ok", f"{endpoint.port} is open"


def _tls(target: Target) -> _Found:
    """The certificate's state; verified as the real connection does it."""
    endpoint = target.endpoint
    if not endpoint.tls:
        return "skip", "not used: the address is http"
    login, context = target.login, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if target.insecure:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        where = _authorities(target)
        context.load_verify_locations(**{"capath" if Path(where).is_dir() else "cafile": where})
    if login.certificate is not None:
        context.load_cert_chain(login.certificate, login.certificate_key, login.password or "")
    with (
        socket.create_connection((endpoint.host, endpoint.port), timeout=target.timeout) as plain,
        context.wrap_socket(plain, server_hostname=endpoint.host) as wrapped,
    ):
        version, certificate = wrapped.version(), wrapped.getpeercert() or {}
    if target.insecure:
        return "warn", f"{version}, but the certificate is NOT verified (--insecure)"
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    days = (ends - datetime.now(UTC)).days
    said = f"{version}; the certificate is trusted, and ends on {ends:%Y-%m-%d}"
    return ("ok", said) if days > _SOON_DAYS else ("warn", f"{said}, in {days} days: renew it")


def _authorities(target: Target) -> str:
    """The file of those that the real connection trusts: named, from the environment, or usual."""
    if target.ca_file is not None:
        return str(target.ca_file)
    with requests.Session() as session:
        found = session.merge_environment_settings(target.endpoint.url, {}, None, None, None)
    named = found["verify"]
    if not isinstance(named, str):
        return str(requests.utils.DEFAULT_CA_BUNDLE_PATH)
    if not Path(named).exists():
        message = f"the environment names {named} as trusted authorities (REQUESTS_CA_BUNDLE)"
        raise UsageError(f"{message}, and it is not there", hint="Correct it, or use --ca-file.")
    return named


def _endpoint(target: Target) -> _Found:
    """What answers to somebody who has not said who he is."""
    if target.login.auth == "certificate":
        return "ok", "asked with the certificate in the next step"
    with requests.Session() as session:
        # No proxy, as in the real connection; and a .netrc could have a password sent.
        session.trust_env = False
        session.headers["Accept-Encoding"] = "identity"
        try:
            answer = session.post(
                target.endpoint.url,
                timeout=target.timeout,
                allow_redirects=False,
                stream=True,
                verify=_authorities(target) if not target.insecure else False,
            )
            text = answer.raw.read(2048, decode_content=False).decode("utf-8", "replace")
        except (requests.RequestException, http.client.HTTPException) as error:
            raise plainly(error) from error
    if answer.status_code != requests.codes.unauthorized:
        raise NotPowerShellError(None if answer.ok else answer.status_code, text or "<html>")
    offered = ways_offered(answer.headers.get("WWW-Authenticate", ""))
    return "ok", f"asks for {', '.join(offered) or 'nothing that it names'}"


_ATTEMPTS: Final[tuple[tuple[str, Callable[[Target], _Found]], ...]] = (
    ("name", _name),
    ("port", _port),
    ("TLS", _tls),
    ("endpoint", _endpoint),
)
_IN_SESSION: Final = ("authentication", "session", "role")


def _session(target: Target, work: Deadline, whole: Deadline) -> Iterator[Step]:
    """The steps that need a session; it is closed before the last of them is told."""
    try:
        require_kerberos(target.login.auth)
    except UsageError as error:
        yield Step("authentication", "fail", error.message, error.hint)
        yield from (Step(name, "skip", _NOT_TRIED) for name in _IN_SESSION[1:])
        return
    try:
        with RemoteSession(target, work, whole) as session:
            account = session.account or target.login.username or "whoever is logged on"
            in_clear = session.in_clear
            allowed = session.allowed(cmdlet for wanted in CMDLETS for cmdlet in wanted.choices)
    except Exception as error:
        yield from _failed_session(error, target)
        return
    yield Step("authentication", "ok", f"{target.login.auth}, as {account}")
    if in_clear:
        yield Step("session", "warn", f"{CONFIGURATION}; it answers without encryption")
    else:
        yield Step("session", "ok", f"{CONFIGURATION}; opened and closed again")
    yield _role(allowed)


def _failed_session(error: Exception, target: Target) -> Iterator[Step]:
    fault = explain(error, target)
    if not isinstance(error, WSManFaultError):
        yield Step("authentication", "fail", fault.message, fault.hint)
        yield Step("session", "skip", _NOT_TRIED)
    else:
        # Only those who are known get an answer of WS-Management.
        yield Step("authentication", "ok", target.login.auth)
        yield Step("session", "fail", fault.message, fault.hint)
    yield Step("role", "skip", _NOT_TRIED)


def _role(allowed: set[str]) -> Step:
    lowered = {name.lower() for name in allowed}
    missing = [
        str(wanted.cmdlet)
        for wanted in CMDLETS
        if not any(str(cmdlet).lower() in lowered for cmdlet in wanted.choices)
    ]
    required = [str(wanted.cmdlet) for wanted in CMDLETS if wanted.required]
    if any(name in missing for name in required):
        return Step("role", "fail", f"may not run {', '.join(required)}", ROLE_HINT)
    if missing:
        rest = f"; not {', '.join(missing)}, so what they say will be missing"
        return Step("role", "ok", f"may run {', '.join(required)}{rest}")
    return Step("role", "ok", f"may run {', '.join(required)} and all the others")
