"""``audit probe`` against real servers on loopback: every fault at once, and what is said of it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import jsonschema
import mailservers
import nameserver
import pytest

from auditor.cli import main
from auditor.probefile import read_probe, written

DAY = timedelta(days=1)
ROOT = Path(__file__).resolve().parents[2]
RELAY = ("anna@contoso.com", "ben@example.com")
INCLUDE = "na._netblocks.gateway.test"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.2", 0))
        return one.getsockname()[1]


# name of the host → status, words of its message
HOSTS = {
    "good.gateway.test": ("pass", "takes mail from anna@contoso.com"),
    "named.gateway.test": ("pass", "TLSv1.3"),
    "soon.gateway.test": ("pass", "certificate that is right"),
    "six.gateway.test": ("pass", "takes mail"),
    "both.gateway.test": ("pass", "takes mail"),
    "plain.gateway.test": ("fail", "does not offer STARTTLS"),
    "old.gateway.test": ("fail", "TLSv1 only"),
    "expired.gateway.test": ("fail", "its certificate ended on"),
    "self.gateway.test": ("fail", "is not trusted"),
    "wrong.gateway.test": ("fail", "not for wrong.gateway.test but for other.gateway.test"),
    "greets451.gateway.test": ("fail", "the greeting is answered with: 451 later (temporary"),
    "greets554.gateway.test": ("fail", "the greeting is answered with: 554 no service"),
    "relay.gateway.test": ("fail", "this address is not authorised"),
    "late.gateway.test": ("fail", "does not offer STARTTLS"),
    "hang-greeting.gateway.test": ("fail", "at the greeting"),
    "hang-ehlo.gateway.test": ("fail", "at EHLO"),
    "hang-starttls.gateway.test": ("fail", "at STARTTLS"),
    "hang-tls.gateway.test": ("fail", "at the TLS handshake"),
    "closes.gateway.test": ("fail", "closed the connection at EHLO"),
    "resets.gateway.test": ("fail", "closed the connection at"),
    "stops.gateway.test": ("fail", "says more than a mail server may at the greeting"),
    "first.gateway.test": ("fail", "talks before it is asked, at EHLO"),
    "long.gateway.test": ("fail", "says more than a mail server may at the greeting"),
    "http.gateway.test": ("fail", "is no reply of a mail server"),
    "hostile.gateway.test": ("fail", "554"),
    "refused.gateway.test": ("fail", "refuses connections"),
    "half.gateway.test": ("fail", "1 of 2 addresses"),
    "nothing.gateway.test": ("fail", "there is no such name"),
    "empty.gateway.test": ("fail", "has no address"),
    "servfail.gateway.test": ("unknown", "could not look it up"),
    "loop.gateway.test": ("fail", "leads in a circle"),
}
LATE = 20

# domain → record(s), status, words
TOO_MANY = " ".join(f"include:spf{n}.many.test" for n in range(11))
DOMAINS = {
    "explained.test": ([f"v=spf1 include:{INCLUDE} exp=why.explained.test -all"], "pass", ""),
    "after.test": ([f"v=spf1 -all include:{INCLUDE}"], "fail", "does not include"),
    "right.test": ([f"v=spf1 include:{INCLUDE} ~all"], "pass", f"includes {INCLUDE}"),
    "through.test": (["v=spf1 include:all.through.test -all"], "pass", f"includes {INCLUDE}"),
    "led.test": (["v=spf1 redirect=all.through.test"], "pass", f"includes {INCLUDE}"),
    "missing.test": ([], "fail", "no SPF record"),
    "twice.test": ([f"v=spf1 include:{INCLUDE} ~all", "v=spf1 -all"], "fail", "there are 2"),
    "many.test": ([f"v=spf1 include:{INCLUDE} {TOO_MANY} ~all"], "fail", "too many look-ups"),
    "other.test": (
        ["v=spf1 include:eu._netblocks.gateway.test ~all"],
        "fail",
        "but the hosts of E",
    ),
    "denied.test": ([f"v=spf1 -include:{INCLUDE} ~all"], "fail", "does not include"),
    "typo.test": (["v=spf1 inclde:x.test ~all"], "fail", "is wrong"),
    "gone.test": (["v=spf1 include:gone.nowhere.test ~all"], "fail", ""),
    "broken.test": (f"v=spf1 include:servfail.gateway.test include:{INCLUDE} ~all", "unknown", ""),
    "silent.test": ("SERVFAIL", "unknown", "could"),
}


class World:
    """The servers of one run, and what the run said."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.servers = {}
        self.authority = mailservers.Authority()
        self.authority.write(folder / "ca.pem")
        self.table = {}
        self._fill()
        self.dns, self.zone, self.dns_port = nameserver.start(self.table)
        for one in self.servers.values():
            one.start()
        self.policy = folder / "policy.yaml"
        self.policy.write_text(policy(HOSTS))

    def _fill(self):
        number = 10

        def place(host, make):
            nonlocal number
            number += 1
            address = f"127.0.0.{number}"
            self.table[host] = [("A", address)]
            self.servers[host] = make(address)

        def mail(host, context=None, **more):
            context = context or self._context(host)
            place(host, lambda address: mailservers.Mail(address, self.port, context, **more))

        def raw(host, play):
            place(host, lambda address: mailservers.Raw(address, self.port, play))

        mail("good.gateway.test")
        mail("named.gateway.test", self._context("*.gateway.test"))
        mail("soon.gateway.test", self._context("soon.gateway.test", end=5 * DAY - DAY / 2))
        mail("old.gateway.test", self._context("old.gateway.test", old=True))
        mail(
            "expired.gateway.test", self._context("expired.gateway.test", begin=-9 * DAY, end=-DAY)
        )
        other = mailservers.Authority("Somebody Else")
        mail("self.gateway.test", other.context("self.gateway.test", self.folder))
        mail("wrong.gateway.test", self._context("other.gateway.test"))
        mail(
            "relay.gateway.test",
            rcpt="451 Open relay not allowed [203.0.113.77]",
        )
        place("plain.gateway.test", lambda a: mailservers.Mail(a, self.port, None))
        raw("greets451.gateway.test", mailservers.greets(b"451 later\r\n"))
        raw("greets554.gateway.test", mailservers.greets(b"554 no service\r\n"))
        raw("late.gateway.test", mailservers.greets_late(LATE))
        for step in ("greeting", "ehlo", "starttls", "tls"):
            raw(f"hang-{step}.gateway.test", mailservers.hangs_at(step))
        raw("closes.gateway.test", mailservers.closes)
        raw("resets.gateway.test", mailservers.resets)
        raw("stops.gateway.test", mailservers.never_stops)
        raw("first.gateway.test", mailservers.talks_first)
        raw("long.gateway.test", mailservers.long_lines)
        raw("http.gateway.test", mailservers.no_reply)
        raw("hostile.gateway.test", mailservers.hostile)
        self.table["refused.gateway.test"] = [("A", "127.0.0.9")]
        mail("half.gateway.test")
        self.table["half.gateway.test"].append(("A", "127.0.0.9"))
        six = self._context("six.gateway.test")
        both = self._context("both.gateway.test")
        self.servers["six"] = mailservers.Mail("::1", self.port, six)
        self.table["six.gateway.test"] = [("AAAA", "::1")]
        place("both.gateway.test", lambda a: mailservers.Mail(a, self.port, both))
        self.table["both.gateway.test"].append(("AAAA", "::1"))
        self.table["empty.gateway.test"] = [("TXT", "nothing")]
        self.table["servfail.gateway.test"] = "SERVFAIL"
        self.table["loop.gateway.test"] = [("CNAME", "pool.gateway.test")]
        self.table["pool.gateway.test"] = [("CNAME", "loop.gateway.test")]
        for domain, (records, _, _) in DOMAINS.items():
            listed = [records] if isinstance(records, str) else records
            self.table[domain] = (
                "SERVFAIL" if records == "SERVFAIL" else [("TXT", one) for one in listed]
            )
        self.table["all.through.test"] = [("TXT", f"v=spf1 include:{INCLUDE} ~all")]
        for region in ("na", "eu"):
            self.table[f"{region}._netblocks.gateway.test"] = [
                ("TXT", "v=spf1 ip4:192.0.2.0/24 ~all")
            ]
        for n in range(11):
            self.table[f"spf{n}.many.test"] = [("TXT", "v=spf1 ip4:192.0.2.1 ~all")]

    def _context(self, host, **more):
        return self.authority.context(host, self.folder, **more)

    def options(self, *more):
        return [
            *("probe", "--policy", str(self.policy), "--port", str(self.port)),
            *("--resolver", f"127.0.0.1:{self.dns_port}"),
            *("--gateway-ca", str(self.folder / "ca.pem"), "--ehlo", "ex01.contoso.com"),
            *more,
        ]

    def stop(self):
        for one in self.servers.values():
            one.stop()
        self.dns.stop()
        self.dns.server.server_close()


def policy(hosts):
    listed = ", ".join(hosts)
    return f"""schema: audit-policy/1
name: test
version: "1"
gateway: {{name: Gateway, domains: [gateway.test]}}
region: na
regions:
  na: {{title: North, smart_hosts: [{listed}], spf_include: {INCLUDE}}}
  eu: {{title: Europe, smart_hosts: [eu.gateway.test], spf_include: eu._netblocks.gateway.test}}
"""


def run(*words):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(list(words))
    return status, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("probe"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def everything(world):
    """One run over every host and every domain."""
    kept = world.folder / "result.json"
    domains = [word for domain in DOMAINS for word in ("--domain", domain)]
    status, out, err = run(
        *world.options("--ask-relay", *RELAY, "--timeout", "45", *domains),
        *("--save-result", str(kept), "--format", "json"),
    )
    return status, json.loads(out), err, kept


@pytest.fixture(scope="module")
def found(everything):
    return {one["host"]: one for one in everything[1]["hosts"]}


@pytest.mark.parametrize("host", HOSTS)
def test_of_each_fault_it_says_what_it_is(found, host):
    status, words = HOSTS[host]
    assert found[host]["status"] == status, found[host]
    assert words in found[host]["message"]
    assert status == "pass" or found[host]["hint"]


@pytest.mark.parametrize("domain", DOMAINS)
def test_of_each_sender_policy_it_says_what_it_is(everything, domain):
    one = next(one for one in everything[1]["domains"] if one["domain"] == domain)
    assert one["status"] == DOMAINS[domain][1], one
    assert DOMAINS[domain][2] in one["message"]


def test_no_message_was_ever_begun_and_every_session_was_ended(world, found):
    sessions = 0
    for host, server in world.servers.items():
        log = [line.upper() for line in server.log]
        assert not [line for line in log if line.startswith(("DATA", "BDAT"))], host
        mails = [line for line in log if line.startswith("MAIL")]
        assert len(mails) <= len([line for line in log if line.startswith("RSET")]), (host, log)
        if host in {"hang-tls.gateway.test", "stops.gateway.test", "resets.gateway.test"}:
            continue  # in a handshake nothing can be said; these two do not listen
        sessions += 1
        assert [line for line in log if line.startswith("QUIT")], (host, log)
    assert sessions > 15


@pytest.fixture(scope="module")
def schema():
    text = (ROOT / "auditor/report/audit-probe-1.schema.json").read_text("utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


def test_what_it_says_and_what_it_keeps_hold_its_schema(everything, schema):
    status, document, _, kept = everything
    assert status == 1
    assert document["status"] == "fail"
    schema.validate(document)
    schema.validate(json.loads(kept.read_text("ascii")))


def test_the_gateway_says_which_address_it_saw(found):
    attempt = found["relay.gateway.test"]["attempts"][0]
    assert attempt["gateway_saw"] == "203.0.113.77"
    assert "Authorized Outbounds" in found["relay.gateway.test"]["hint"]


def test_of_each_certificate_it_says_the_days_that_are_left(found):
    chain = found["soon.gateway.test"]["attempts"][0]["encryption"]["chain"]
    assert chain[0]["days_left"] == 4
    assert found["soon.gateway.test"]["cautions"] == ["its certificate ends in 4 days"]


def test_ipv4_and_ipv6_are_told_apart(found):
    both = found["both.gateway.test"]
    assert [lookup["record"] for lookup in both["lookups"]] == ["A", "AAAA"]
    assert [attempt["status"] for attempt in both["attempts"]] == ["pass", "fail"]
    assert "by IPv6 (::1) it does not work" in both["cautions"][0]
    assert [a["address"] for a in found["six.gateway.test"]["attempts"]] == ["::1"]


def test_a_greeting_that_comes_late_is_waited_for(found):
    greeting = found["late.gateway.test"]["attempts"][0]["steps"][1]
    assert greeting["reply"]["code"] == 220
    assert LATE <= greeting["seconds"] < LATE + 5


def test_nothing_is_tried_twice(world, found):
    for host, server in world.servers.items():
        if isinstance(server, mailservers.Raw):
            assert server.connections == 1, host
    assert all(len(host["attempts"]) <= 2 for host in found.values())


def test_progress_is_a_line_for_each(everything):
    lines = everything[2].splitlines()
    assert "audit: good.gateway.test: done" in lines
    assert "audit: SPF of right.test: done" in lines
    assert len([line for line in lines if line.endswith(": done")]) == len(HOSTS) + len(DOMAINS)


def test_what_was_kept_is_judged_alike(world, everything):
    status, document, _, kept = everything
    again, out, err = run(
        "probe", "--policy", str(world.policy), "--result", str(kept), "-f", "json"
    )
    assert (again, err) == (status, "")
    assert json.loads(out) == document
    assert written(read_probe(kept.read_bytes(), "result.json")) == kept.read_bytes()


def test_hostile_bytes_reach_nobody(world, everything):
    _, out, err = run("probe", "--policy", str(world.policy), "--result", str(everything[3]))
    assert "\\x1b]0;owned\\x07\\x1b[2J\\u202e" in out
    for text in (out, err, everything[2]):
        assert not [sign for sign in text if sign != "\n" and not sign.isprintable()]
    assert max(map(len, out.splitlines())) <= 80


def small(world, hosts, **more):
    """A policy with these hosts alone."""
    path = world.folder / f"{'-'.join(hosts)}.yaml"
    path.write_text(policy(hosts))
    return ["--policy", str(path)]


def test_ready_is_said_only_where_all_is_right(world):
    words = small(world, ["good.gateway.test", "named.gateway.test"])
    status, out, _ = run(*world.options(*words, "--domain", "right.test"))
    assert status == 0, out
    assert out.startswith("READY: 2 of 2 smart hosts of Gateway can be reached\n")
    assert "was not asked" in out
    log = [line for line in world.servers["named.gateway.test"].log if line.startswith("EHLO")]
    assert set(log) == {"EHLO ex01.contoso.com"}


def test_what_could_not_be_found_out_is_no_pass(world):
    words = small(world, ["good.gateway.test", "servfail.gateway.test"])
    status, out, _ = run(*world.options(*words))
    assert status == 3
    assert out.startswith("UNDECIDED: 1 of 2 smart hosts")


def test_without_time_it_is_not_known(world):
    words = small(world, ["hang-ehlo.gateway.test", "half.gateway.test"])
    status, out, _ = run(*world.options(*words, "--timeout", "2", "--quiet"))
    assert status == 1
    assert "nothing came within" in out


def connectors(hosts, port, **more):
    return json.dumps(
        [
            {
                "Name": "To the gateway",
                "Guid": "11111111-2222-3333-4444-555555555555",
                "AddressSpaces": ["SMTP:*;1"],
                "SmartHosts": hosts,
                "Enabled": True,
                "DNSRoutingEnabled": False,
                "Port": port,
                "Fqdn": "mail.contoso.com",
                "SmartHostAuthMechanism": "None",
                "IsScopedConnector": False,
                "SourceTransportServers": ["EX01"],
                **more,
            }
        ]
    )


def test_a_connectors_own_hosts_are_probed_and_no_others_than_the_policys(world):
    export = world.folder / "connectors.json"
    export.write_text(connectors(["good.gateway.test", "stranger.example"], world.port))
    asked = len(world.zone.asked)
    words = world.options("--snapshot", str(export), "-f", "json")
    words.remove("ex01.contoso.com")
    words.remove("--ehlo")
    status, out, _ = run(*words)
    hosts = {host["host"]: host for host in json.loads(out)["hosts"]}
    assert status == 3
    assert hosts["good.gateway.test"]["status"] == "pass"
    assert hosts["stranger.example"]["message"].startswith("it was not contacted")
    assert not [name for name, _ in world.zone.asked[asked:] if "stranger" in name]
    assert "EHLO mail.contoso.com" in world.servers["good.gateway.test"].log
    assert "EX01" in " ".join(json.loads(out)["notes"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--port", "0"], "--port cannot be '0'"),
        (["--port", "1" * 5000], "--port cannot be"),
        (["--ehlo", "a b"], "--ehlo cannot be 'a b'"),
        (["--resolver", "dns.example"], "--resolver cannot be 'dns.example'"),
        (["--domain", "com"], "--domain cannot be 'com'"),
        (["--ask-relay", "a@b.test", "c"], "--ask-relay cannot be 'c'"),
        (["--ask-relay", "a@b.test", "c>\r\nDATA@d.test"], "--ask-relay cannot be"),
        (["--ask-relay", "a@b.test"], "requires 2 arguments"),
        (["--timeout", "0"], "--timeout cannot be '0'"),
        (["--gateway-ca", "nowhere.pem"], "the authority cannot be read"),
        (["--result", "nowhere.json"], "the file cannot be read"),
        (["--region", "nowhere"], "there is no region 'nowhere'"),
    ],
)
def test_a_wrong_option_is_said_before_anything_is_asked(world, words, said):
    asked = len(world.zone.asked)
    status, out, err = run("probe", "--policy", str(world.policy), *words)
    assert (status, out) == (2, "")
    assert said in err
    assert len(world.zone.asked) == asked


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.pop("machine"), "has no machine"),
        (lambda d: d.update(schema="audit-route/1"), "is no probe"),
        (lambda d: d.update(probed_at="yesterday"), "is no time"),
        (lambda d: d.update(probed_at="2026-11-24T08:00:00"), "has no time zone"),
        (lambda d: d.update(probed_at="0001-01-01T00:00:00+10:00"), "is no time"),
        (lambda d: d["hosts"].append(d["hosts"][0]), "there twice"),
        (lambda d: d["hosts"][0].update(host="a b"), "is no host"),
        (lambda d: d["hosts"][0].update(port=True), "port cannot be 'True'"),
        (lambda d: d["hosts"][0]["lookups"][0].update(record="MX"), "record cannot be 'MX'"),
        (lambda d: d["hosts"][0].update(lookups={}), "is no list"),
        (lambda d: d.update(hosts=[1]), "is no object"),
    ],
)
def test_a_file_that_is_no_probe_is_refused(everything, change, said, tmp_path):
    document = json.loads(everything[3].read_text("ascii"))
    change(document)
    path = tmp_path / "result.json"
    path.write_text(json.dumps(document), "utf-16")
    status, out, err = run("probe", "--region", "na", "--result", str(path))
    assert (status, out) == (2, "")
    assert said in err
    path.write_text(json.dumps(document)[:-30])
    assert run("probe", "--region", "na", "--result", str(path))[0] == 2


def test_steps_that_are_missing_are_no_pass(world, everything, tmp_path):
    """Whatever is taken out of a good result: it is not ready any more."""
    document = json.loads(everything[3].read_text("ascii"))
    good = next(host for host in document["hosts"] if host["host"] == "good.gateway.test")
    words = small(world, ["good.gateway.test"])
    path = tmp_path / "result.json"
    needed = [s["name"] for s in good["attempts"][0]["steps"] if s["name"] not in {"rset", "quit"}]

    def status_of(host):
        path.write_text(json.dumps({**document, "hosts": host, "domains": []}))
        return run("probe", *words, "--result", str(path))[0]

    assert status_of([good]) == 0
    for name in needed:
        steps = [step for step in good["attempts"][0]["steps"] if step["name"] != name]
        cut = {**good, "attempts": [{**good["attempts"][0], "steps": steps}]}
        assert status_of([cut]) in {1, 3}, name
    assert status_of([{**good, "attempts": [{**good["attempts"][0], "encryption": None}]}]) == 3
    assert status_of([{**good, "attempts": []}]) == 3
    assert status_of([{**good, "lookups": []}]) == 3
    for number in (0, 1):
        assert status_of([{**good, "lookups": [good["lookups"][number]]}]) == 3
    assert status_of([{**good, "attempts": [], "lookups": []}]) == 3
    assert status_of([]) == 3


def test_an_interruption_shows_what_was_seen_and_says_goodbye(world):
    """In a process of its own: Ctrl-C while one host hangs."""
    words = small(world, ["good.gateway.test", "hang-ehlo.gateway.test"])
    log = world.servers["hang-ehlo.gateway.test"].log
    said = log.count("QUIT")
    with subprocess.Popen(
        [sys.executable, "-m", "auditor", *world.options(*words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        for line in process.stderr:
            if "good.gateway.test: done" in line:
                process.send_signal(signal.SIGINT)
                break
        out, err = process.communicate(timeout=30)
    assert process.returncode == 3, out + err
    assert out.startswith("UNDECIDED: 1 of 2")
    assert "it was stopped at EHLO" in out
    assert "Traceback" not in err
    assert "OK       good.gateway.test" in out
    assert "hang-ehlo.gateway.test" in out
    for _ in range(50):
        if log.count("QUIT") > said:
            break
        time.sleep(0.1)
    assert log.count("QUIT") == said + 1


@pytest.mark.parametrize("library", ["dns", "OpenSSL", "checkdmarc"])
def test_without_a_library_one_sentence_says_how_to_get_it(monkeypatch, library):
    from importlib import util

    real = util.find_spec
    monkeypatch.setattr(
        "auditor.collect.probe.find_spec", lambda name: None if name == library else real(name)
    )
    status, out, err = run("probe", "--region", "na")
    assert (status, out) == (2, "")
    assert "python -m pip install 'connector-auditor[probe]'" in err
    assert run("probe", "--region", "na", "--script")[0] == 0


def test_the_script_has_the_regions_hosts_or_the_connectors(world, tmp_path):
    status, out, _ = run("probe", "--region", "eu", "--script", "--port", "2525")
    assert status == 0
    assert "'eu-smtp-outbound-1.mimecast.com',\n    'eu-smtp-outbound-2.mimecast.com'\n" in out
    assert "$port = 2525" in out
    export = tmp_path / "connectors.json"
    export.write_text(connectors(["good.gateway.test", "stranger.example"], world.port))
    words = ["--policy", str(world.policy), "--snapshot", str(export)]
    status, out, _ = run("probe", *words, "--script")
    assert "'good.gateway.test'\n" in out
    assert "stranger" not in out
    assert "$ehlo = 'mail.contoso.com'" in out
