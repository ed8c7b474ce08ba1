"""What logs come to: a pass only where all that left is known, and left through the gateway."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from logs import GATEWAY, OTHER_GATEWAY, START, event, log, protocol
from test_mailflow_logs import SESSION

from auditor.cli import main
from tests.conftest import VALIDATOR

ROOT = Path(__file__).resolve().parents[2]
AS_OF = "2026-11-21T00:00:00Z"


def run(*words):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main([str(word) for word in words])
    return status, out.getvalue(), err.getvalue()


def organization(*more):
    """An export of an organisation whose connector is right, and of further connectors."""
    gateway = {
        "Name": "To Mimecast",
        "Identity": "To Mimecast",
        "Enabled": True,
        "AddressSpaces": ["SMTP:*;1"],
        "SmartHosts": [GATEWAY, OTHER_GATEWAY],
        "DNSRoutingEnabled": False,
        "SmartHostAuthMechanism": "None",
        "SourceTransportServers": ["EX01"],
        "FrontendProxyEnabled": False,
    }
    return [gateway, *({**gateway, "SmartHosts": ["mx.partner.example"], **one} for one in more)]


PARTNER = {"Name": "Partner", "Identity": "Partner", "AddressSpaces": ["SMTP:partner.example;1"]}
EXEMPT = """
schema: audit-policy/1
name: contoso
version: "1"
extends: mimecast
exemptions:
  - connector: Partner
    control: OtherOutboundConnectors
    reason: A leased line to the partner
    owner: Messaging
    approved_by: Anna
    expires: 2027-01-01
"""


@pytest.fixture
def flow(tmp_path):
    """Runs ``audit mailflow`` over logs, with an organisation where one is given."""

    def audit(*logs, connectors=None, policy=None, words=()):
        folder = tmp_path / "logs"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for number, content in enumerate(logs):
            (folder / f"{number}.LOG").write_bytes(content)
        more = []
        if connectors is not None:
            export = tmp_path / "connectors.json"
            export.write_text(json.dumps(connectors))
            more += ["--snapshot", export]
        if policy is not None:
            file = tmp_path / "contoso.yaml"
            file.write_text(policy)
            more += ["--policy", file]
        status, out, err = run(
            *(
                "mailflow",
                folder,
                "--region",
                "na",
                "--as-of",
                AS_OF,
                "--format",
                "json",
                "--quiet",
            ),
            *more,
            *words,
        )
        return status, json.loads(out) if out.startswith("{") else out + err

    return audit


GOOD = [event(n) for n in range(3)]
AROUND = event(1, connector_id="Partner", server_hostname="mx.partner.example")
INTERNAL = event(
    connector_id="Intra-Organization SMTP Send Connector", server_hostname="EX02.contoso.local"
)
ORGANIZATION = organization()
TWO = organization(PARTNER)

# what the logs hold, connectors, policy → status, words of the message
VERDICTS = {
    "all through the gateway": ([GOOD], ORGANIZATION, None, "pass", "All 3 outbound deliveries"),
    "the same without a snapshot": ([GOOD], None, None, "pass", "All 3 outbound deliveries"),
    "one around the gateway": ([[*GOOD, AROUND]], TWO, None, "fail", "around Mimecast"),
    "the same without a snapshot, too": ([[*GOOD, AROUND]], None, None, "fail", "around Mimecast"),
    "around it, by an exempt connector": ([[*GOOD, AROUND]], TWO, EXEMPT, "pass", "by exempt"),
    "nothing": ([[]], ORGANIZATION, None, "unknown", "no outbound mail was seen"),
    "only internal mail": ([[INTERNAL]], ORGANIZATION, None, "unknown", "no outbound mail"),
    "internal mail besides": ([[*GOOD, INTERNAL]], ORGANIZATION, None, "pass", "All 3 outbound"),
    "another region's host": (
        [[*GOOD, event(server_hostname="de-smtp-outbound-1.mimecast.com")]],
        *(ORGANIZATION, None, "fail", "but of Germany (de)"),
    ),
    "a host of the gateway that is not listed": (
        [[*GOOD, event(server_hostname="us-smtp-inbound-1.mimecast.com")]],
        *(ORGANIZATION, None, "fail", "none of the region's hosts"),
    ),
    "a host that only looks like one": (
        [[*GOOD, event(server_hostname="us-smtp-outbound-1.mimecast.com.evil.example")]],
        *(ORGANIZATION, None, "fail", "around Mimecast"),
    ),
    "another connector to the gateway": (
        [[*GOOD, event(connector_id="Partner")]],
        *(TWO, None, "fail", "is not the connector to the gateway"),
    ),
    "a connector that the snapshot has not": (
        [[*GOOD, event(connector_id="Gone")]],
        *(ORGANIZATION, None, "unknown", "the snapshot has no such connector"),
    ),
    "no name of the host": (
        [[*GOOD, event(server_hostname="")]],
        *(ORGANIZATION, None, "unknown", "cannot be told"),
    ),
    "a line that cannot be read": (
        [log(*GOOD) + b"a,b,c\r\n"],
        *(ORGANIZATION, None, "unknown", "1 line could not be read"),
    ),
    "an event without a time": (
        [[*GOOD, event(date_time="noon")]],
        *(ORGANIZATION, None, "unknown", "1 events have no time"),
    ),
    "a log without its header": (
        [GOOD, b"\r\n".join(log(AROUND).split(b"\r\n")[5:])],
        *(ORGANIZATION, None, "unknown", "could not be read whole"),
    ),
    "no log of a source server": (
        [[event(client_hostname="EX02")]],
        *(ORGANIZATION, None, "unknown", "there is no log of EX01"),
    ),
    "no log of two days": (
        [GOOD, [event(3 * 24 * 60)]],
        *(ORGANIZATION, None, "unknown", "say nothing from"),
    ),
    "no log of two hours": ([GOOD, [event(120)]], ORGANIZATION, None, "pass", "All 4 outbound"),
    "a protocol log alone": ([protocol(*SESSION[:18])], None, None, "unknown", "tracking logs"),
    "a protocol log that shows another host": (
        [GOOD, protocol(*SESSION)],
        *(ORGANIZATION, None, "fail", "mx.partner.example, around"),
    ),
    "an own server, by the gateway's connector": (
        [[*GOOD, event(server_hostname="EX01", server_ip="10.0.0.5")]],
        *([ORGANIZATION[0] | {"FrontendProxyEnabled": True}], None, "unknown", "may send it on"),
    ),
    "a stranger with the name of an own server": (
        [[*GOOD, event(server_hostname="ex01.evil.example")]],
        *(ORGANIZATION, None, "fail", "around Mimecast"),
    ),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_the_verdict_is_right(name, flow):
    logs, connectors, policy, status, words = VERDICTS[name]
    logs = [one if isinstance(one, bytes) else log(*one) for one in logs]
    exit_status, found = flow(*logs, connectors=connectors, policy=policy)
    assert found["status"] == status, found["message"]
    assert words in found["message"]
    assert exit_status == {"pass": 0, "fail": 1, "unknown": 3}[status]
    schema = ROOT / "auditor" / "report" / "audit-mailflow-1.schema.json"
    jsonschema.Draft202012Validator(json.loads(schema.read_text())).validate(found)


def test_mail_for_own_domains_is_told_apart_from_outbound(flow, tmp_path):
    inside = event(
        connector_id="To Relay",
        server_hostname="relay.contoso.local",
        recipient_address="a@contoso.com;b@CONTOSO.com",
        recipient_count="2",
    )
    relay = {"Name": "To Relay", "Identity": "To Relay", "AddressSpaces": ["SMTP:contoso.com;1"]}
    snapshot = tmp_path / "accepted.json"
    snapshot.write_text(
        json.dumps([{"Name": "c", "DomainName": "contoso.com", "DomainType": "Authoritative"}])
    )
    export = organization(relay)
    _, found = flow(log(*GOOD, inside), connectors=export, words=["--snapshot", snapshot])
    assert (found["status"], found["outbound"]) == ("pass", 3), found["message"]
    mixed = event(**{k.replace("-", "_"): v for k, v in inside.items()}) | {
        "recipient-address": "a@contoso.com;b@other.example"
    }
    _, found = flow(log(*GOOD, mixed), connectors=export, words=["--snapshot", snapshot])
    assert (found["status"], found["outbound"]) == ("fail", 4)


def test_hosts_that_are_never_used_and_gaps_are_named(flow, tmp_path):
    flow(log(*GOOD), log(event(300)))
    status, text, _ = run("mailflow", tmp_path / "logs", "--region", "na")
    assert status == 0
    assert f"{OTHER_GATEWAY}: never used" in text
    assert "No log   EX01: 2026-11-20 08:02:00 UTC to 2026-11-20 13:00:00 UTC" in text
    assert "COMPLIANT: 100 % of 4 outbound deliveries went through Mimecast" in text


def test_a_share_is_never_rounded_to_all_of_it(flow, tmp_path):
    flow(log(*(event(n / 60) for n in range(30_000)), AROUND))
    status, text, _ = run("mailflow", tmp_path / "logs", "--region", "na")
    assert status == 1
    assert "DRIFT: 99.99 % of 30,001 outbound deliveries" in text


def test_replies_are_explained(flow, tmp_path):
    deferred = event(event_id="DEFER", recipient_status="451 Open relay not allowed")
    flow(log(*GOOD, deferred))
    text = run("mailflow", tmp_path / "logs", "--region", "na")[1]
    assert f"1 put off by {GATEWAY}: 451 Open relay not allowed" in " ".join(text.split())
    assert "this address is not authorised" in text


SECRETS = ("Quarterly figures", "anna@", "ben@", "carol@", "Re: secret")


@pytest.mark.parametrize("form", ["table", "json", "csv", "html"])
def test_nobody_is_named_unless_that_is_asked_for(form, flow, tmp_path):
    rows = [
        *GOOD,
        AROUND,
        event(5, event_id="FAIL", recipient_status="550 <carol@partner.example> unknown"),
        event(
            6,
            connector_id="Partner",
            server_hostname="x.example",
            recipient_address="carol@p.example",
        ),
    ]
    flow(log(*rows), protocol(*SESSION))
    words = ("mailflow", tmp_path / "logs", "--region", "na", "--format", form)
    out = run(*words, "--test-message", "Quarterly figures")[1]
    assert not [secret for secret in SECRETS if secret in out]
    assert "partner.example" in out
    shown = run(*words, "--show-addresses")[1]
    assert "carol@p.example" in shown


def test_pseudonymised_logs_are_read(flow):
    rows = [
        event(
            n, recipient_address=f"u{n}", sender_address=f"s{n}", message_subject="", client_ip=""
        )
        for n in range(3)
    ]
    _, found = flow(log(*rows))
    assert found["status"] == "pass"
    assert not re.search(r"u[012]\b", json.dumps(found))


def test_the_test_message_is_confirmed(flow, tmp_path):
    flow(log(*GOOD))
    words = ("mailflow", tmp_path / "logs", "--region", "na", "--test-message")
    text = run(*words, "<1@contoso.com>")[1]
    assert "The test message was sent out." in text
    assert f"SEND by 'To Mimecast' to {GATEWAY}: 250 2.1.5 Recipient OK" in " ".join(text.split())
    assert "is not in these logs" in run(*words, "<9@contoso.com>")[1]


def test_hostile_names_reach_the_terminal_escaped(flow, tmp_path):
    flow(log(event(connector_id="\x1b[2J\u202eevil", server_hostname="\x1b]0;x\x07.example")))
    for form in ("table", "csv", "html"):
        out = run("mailflow", tmp_path / "logs", "--region", "na", "--format", form)[1]
        assert "\x1b" not in out
        assert "\u202e" not in out


def check(tmp_path, *rows, words=()):
    folder = tmp_path / "logs"
    folder.mkdir(exist_ok=True)
    (folder / "MSGTRK1.LOG").write_bytes(log(*rows))
    export = tmp_path / "connectors.json"
    export.write_text(json.dumps(ORGANIZATION))
    command = ("check", "--region", "na", "--snapshot", export, "--mailflow", folder)
    status, out, err = run(*command, "--format", "json", "--as-of", AS_OF, *words)
    VALIDATOR.validate(json.loads(out))
    return status, json.loads(out), err


@pytest.mark.parametrize(
    ("rows", "status"),
    [(GOOD, "pass"), ([*GOOD, AROUND | {"connector-id": "Gone"}], "fail"), ([], "unknown")],
)
def test_the_check_has_one_control_more(tmp_path, rows, status):
    _, report, _ = check(tmp_path, *rows)
    (finding,) = [one for one in report["findings"] if one["control"] == "MailFlow"]
    assert (finding["status"], finding["severity"]) == (status, "critical")
    assert report["verdict"] == {"fail": "drift"}.get(status, report["verdict"])


@pytest.mark.parametrize(
    "form", ["html", "markdown", "junit", "sarif", "csv", "oscal", "ocsf", "pdf"]
)
def test_every_report_has_the_control(form, tmp_path):
    path = tmp_path / f"report.{form}"
    check(tmp_path, *GOOD, AROUND, words=["--output", f"{form}={path}"])
    assert form == "pdf" or "MailFlow" in path.read_text(encoding="utf-8")


def test_only_the_window_counts_in_a_check(tmp_path):
    rows = [AROUND, *(event(60 * 10 + n) for n in range(3))]
    words = ["--from", (START + timedelta(hours=5)).isoformat()]
    _, report, _ = check(tmp_path, *rows, words=words)
    assert [f["status"] for f in report["findings"] if f["control"] == "MailFlow"] == ["pass"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--since", "soon"], "--since cannot be 'soon'"),
        (["--since", "24h", "--from", "2026-11-20"], "say the same"),
        (["--from", "2026-11-21", "--to", "2026-11-20"], "--from is not before --to"),
        (["--from", "tomorrow"], "neither a date nor a time"),
        (["--region", "xx"], "xx"),
    ],
)
def test_a_wrong_option_is_said_in_words(tmp_path, words, said):
    (tmp_path / "a.LOG").write_bytes(log(*GOOD))
    status, out, err = run("mailflow", tmp_path / "a.LOG", "--region", "na", *words)
    assert (status, out) == (2, "")
    assert said in err


def test_logs_that_ended_days_ago_prove_nothing_of_the_last_days(tmp_path):
    words = ["--since", "7d", "--as-of", "2026-11-24T00:00:00Z"]
    _, report, _ = check(tmp_path, *GOOD, words=words)
    (finding,) = [one for one in report["findings"] if one["control"] == "MailFlow"]
    assert finding["status"] == "unknown"
    assert "say nothing from" in finding["message"]


def test_without_a_region_or_the_engine_it_says_what_to_do(tmp_path, monkeypatch):
    (tmp_path / "a.LOG").write_bytes(log(*GOOD))
    status, _, err = run("mailflow", tmp_path / "a.LOG")
    assert (status, "--region" in err) == (2, True)
    monkeypatch.setattr("auditor.collect.mailflow.find_spec", lambda name: None)
    status, _, err = run("mailflow", tmp_path / "a.LOG", "--region", "na")
    assert status == 2
    assert "pip install 'connector-auditor[mailflow]'" in " ".join(err.split())
