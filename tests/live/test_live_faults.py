"""What goes wrong on the way: exit 3, what happened, what to try, and no session left behind."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest

from tests.live.answers import Problem
from tests.live.faults import CONNECT, FOREVER, Fault
from tests.live.objects import organization
from tests.live.reaching import ACCOUNT, SEND, check, live, reach

__all__ = ["live"]

# Fault, words of the message, words of the hint.
LASTING = {
    "wrong port or path": (Fault("status", CONNECT, status=404), "(404)", "check the port"),
    "401": (Fault("status", CONNECT, status=401), "did not accept the account", "password"),
    "403": (Fault("status", CONNECT, status=403), "(403)", "https may be required"),
    "503": (Fault("status", CONNECT, status=503), "(503)", "MSExchangePowerShellAppPool"),
    "500": (Fault("status", CONNECT, status=500), "HTTP status 500", "IIS's log"),
    "300": (Fault("status", CONNECT, status=300), "web page", "sign-in page"),
    "wrong configuration name": (
        Fault(
            "wsman_fault",
            "Create",
            code=2150858811,
            text="The WS-Management service cannot process the request. The resource URI is "
            "missing or it has an incorrect format.",
        ),
        "no session configuration Microsoft.Exchange",
        "port 5985",
    ),
    "a sign-in page": (Fault("sign_in_page", CONNECT), "a web page", "load balancer"),
    "no access": (
        Fault("wsman_fault", "Create", code=5, text="Access is denied."),
        "does not let this account in",
        "View-Only Organization Management",
    ),
    "an unknown fault": (
        Fault("wsman_fault", "Command", text="Something odd."),
        "Something odd. (code 2150858770)",
        "event log",
    ),
    "an answer cut off in the middle": (
        Fault("cut", "Receive", cmdlet=SEND),
        "closed before the answer",
        "Try again",
    ),
    "xml cut off in the middle": (
        Fault("cut_xml", "Receive", cmdlet=SEND),
        "ends in the middle",
        "Try again",
    ),
    "an opening cut off in the middle": (
        Fault("cut_xml", "Create"),
        "ends in the middle",
        "Try again",
    ),
    "a dropped connection": (Fault("drop", "Create"), "closed before the answer", "Try again"),
    "a lost fragment": (
        Fault("lose_fragment", cmdlet=SEND),
        "a fragment is missing",
        "another server",
    ),
    "output that ends before the cmdlet": (
        Fault("half_output", cmdlet=SEND),
        "ends before the cmdlet does",
        "another server",
    ),
    "garbage": (Fault("garbage", "Receive", cmdlet=SEND), "not PowerShell remoting", "Try again"),
    "the answer to another request": (
        Fault("wrong_relates_to", "Create"),
        "could not be asked",
        "audit doctor",
    ),
    "a session that breaks as it opens": (
        Fault("broken_pool", text="Out of memory."),
        "could not be asked",
        "audit doctor",
    ),
    "an endpoint that hangs": (Fault("hang", "Command"), "within 2 seconds", "--timeout"),
    "an endpoint that hangs before it lets in": (
        Fault("hang", CONNECT),
        "within 2 seconds",
        "--timeout",
    ),
    "an answer that never ends": (
        Fault("dribble", "Receive", cmdlet=SEND),
        "within 2 seconds",
        "--timeout",
    ),
}


@pytest.mark.parametrize("fault", LASTING)
@pytest.mark.parametrize("command", ["check", "collect"])
def test_a_lasting_fault_is_undecided_and_explained(
    audit, live, tmp_path, monkeypatch, fault, command
):
    ordered, words, hint = LASTING[fault]
    monkeypatch.setattr("auditor.collect.live.collector._PAUSE_SECONDS", 0.01)
    seconds = "2" if "within 2 seconds" in words else "30"
    server = live()
    ordered.times = FOREVER
    server.faults.append(ordered)
    options = {"check": ["-r", "na", "-f", "json"], "collect": ["--save-snapshot", "s.json"]}
    started = time.monotonic()
    result = audit(command, *options[command], *reach(server), "--timeout", seconds)
    assert time.monotonic() - started < 20  # without an end it would be for ever
    assert result.status == 3, result.err
    what, try_this = " ".join(result.err.split("\n")[:1]), " ".join(result.err.split("\n")[1:])
    assert words in what
    assert hint in try_this
    assert not (tmp_path / "s.json").exists()
    if command == "check":
        assert result.report["verdict"] is None
        assert result.report["errors"][0]["code"] == "unreachable"


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", CONNECT, status=503),
        Fault("status", "Receive", cmdlet=SEND, status=503),
        Fault("drop", "Create"),
        Fault("drop", "Command", cmdlet="Get-AdSite"),
        Fault("cut", "Receive", cmdlet=SEND),
        Fault("cut_xml", "Receive", cmdlet="Get-ExchangeServer"),
        Fault("lose_fragment", cmdlet=SEND),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.action}-{fault.cmdlet}",
)
def test_one_passing_fault_is_tried_again_and_said(audit, live, fault):
    server = live()
    server.faults.append(fault)
    result = check(audit, server, "--verbose")
    assert result.status == 0, result.err
    assert "trying once more in 1 s" in result.err
    assert not result.report["errors"]
    quiet = [request.cmdlet for request in server.requests if request.action == "Command"]
    assert quiet.count(SEND) <= 2


def test_what_was_collected_before_a_lasting_fault_is_kept(audit, live):
    server = live()
    server.faults.append(Fault("drop", "Command", cmdlet="Get-AdSite", times=FOREVER))
    result = check(audit, server)
    assert result.status == 0, result.err
    first, *rest = (error["message"] for error in result.report["errors"])
    assert first.startswith("Get-AdSite was not collected")
    assert [message.split()[0] for message in rest] == ["Get-AdSiteLink", "Get-OrganizationConfig"]
    assert all("not asked, because Get-AdSite failed" in message for message in rest)
    assert server.cmdlets.count(SEND) == 1


def test_output_that_is_late_is_waited_for(audit, live):
    server = live()
    server.faults.append(Fault("operation_timeout", "Receive", cmdlet=SEND, times=2))
    assert check(audit, server).status == 0


def test_too_many_sessions_are_said(audit, live):
    server = live(max_sessions=0)
    result = check(audit, server)
    assert result.status == 3
    assert "too many sessions" in result.err
    assert "Close other Exchange shells" in result.err


def test_a_wrong_password_is_tried_once_and_said_without_it(audit, live, monkeypatch):
    server = live()
    monkeypatch.setenv("AUDIT_PASSWORD", "not-the-right-one")
    result = check(audit, server)
    assert result.status == 3
    assert "did not accept the account" in result.err
    assert "not-the-right-one" not in result.err + result.out


def test_a_host_that_does_not_exist(audit, monkeypatch):
    monkeypatch.setenv("AUDIT_PASSWORD", "x")
    result = audit("check", "-r", "na", "-S", "ex01.invalid", "--auth", "ntlm", "-u", ACCOUNT)
    assert result.status == 3
    assert "there is no host of the name ex01.invalid" in result.err


def test_a_port_where_nothing_listens(audit, monkeypatch):
    monkeypatch.setenv("AUDIT_PASSWORD", "x")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        target = f"127.0.0.1:{port}"
        result = audit("check", "-r", "na", "-S", target, "--auth", "ntlm", "-u", ACCOUNT)
    assert result.status == 3
    assert f"nothing listens on port {port} of 127.0.0.1" in result.err


def test_a_session_that_cannot_be_closed_does_not_spoil_the_audit(audit, live):
    server = live()
    server.faults.append(Fault("status", "Delete", status=500))
    server.leaks_expected = True
    assert check(audit, server).status == 0


def test_an_error_record_in_another_script_is_one_line(audit, live):
    answers = organization(connectors=1)
    text = "Zugriff\r\nverweigert \u202egpj.exe"
    answers["Get-AdSite"] = type(answers[SEND])(fails=Problem(text, "Denied"))
    result = audit("check", "-r", "na", *reach(live(answers)))
    assert result.status == 0
    assert "\u202e" not in result.out
    assert "Zugriff verweigert" in result.out


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirection_is_not_followed(audit, live, status):
    elsewhere = live()
    server = live()
    server.faults.append(Fault("status", CONNECT, status=status, location=elsewhere.url))
    result = check(audit, server)
    assert result.status == 3
    assert "sends us to another address" in result.err
    assert not elsewhere.requests
    assert not elsewhere.handshakes


@pytest.mark.skipif(sys.platform == "win32", reason="a process is not asked to stop there")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("action", ["Create", "Receive"])
def test_a_job_that_is_stopped_leaves_no_session_and_no_old_report(live, tmp_path, number, action):
    server = live()
    server.faults.append(Fault("slow", action, cmdlet=None, seconds=0.6))
    report = tmp_path / "today.json"
    report.write_text('{\n  "schema": "audit-report/1",\n  "verdict": "compliant"\n}', "utf-8")
    command = ("check", "-r", "na", *reach(server), "-o", f"json={report}")
    with subprocess.Popen(
        [sys.executable, "-m", "auditor", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as job:
        while not server.requests:
            time.sleep(0.01)
        job.send_signal(number)
        out, err = job.communicate(timeout=20)
    assert job.returncode == 3
    assert b"interrupted" in err
    assert b"Traceback" not in err
    assert out == b""
    assert '"verdict": null' in report.read_text("utf-8")


@pytest.mark.parametrize("fault", ["hang", "status"])
def test_closing_takes_little_of_the_time(audit, live, fault):
    server = live()
    server.faults.append(Fault("drop", "Command", cmdlet=SEND))
    server.faults.append(Fault(fault, "Delete", status=500))
    server.leaks_expected = True
    started = time.monotonic()
    result = check(audit, server, "--timeout", "20")
    assert result.status == 0, result.err
    assert time.monotonic() - started < 15  # the server does not answer for 20 seconds


def test_an_answer_that_is_packed_or_endless_is_not_unpacked(audit, live, monkeypatch):
    monkeypatch.setattr("auditor.collect.live.transport.MAX_ANSWER", 100_000)
    server = live()
    server.faults.append(
        Fault("sign_in_page", CONNECT, body="<Envelope " + "x" * 200_000, times=FOREVER)
    )
    result = check(audit, server)
    assert result.status == 3
    assert "not PowerShell remoting" in result.err


def test_a_service_that_speaks_something_else(audit, live):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def speak():
            for _ in range(2):
                # Whoever hears something else than HTTP may hang up at any moment.
                with suppress(OSError):
                    connection, _ = listener.accept()
                    with connection:
                        connection.sendall(b"220 mail.contoso.com ESMTP\r\n")
                        connection.recv(4096)

        threading.Thread(target=speak, daemon=True).start()
        live()
        ways = ("--auth", "basic", "-u", ACCOUNT, "--allow-cleartext")
        result = audit("check", "-r", "na", "-S", f"127.0.0.1:{port}", *ways)
    assert result.status == 3
    assert "does not speak HTTP" in result.err
