"""A probe in a sign-off: evidence for step 12, where it was seen from a source server."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from auditor.model import (
    Attempt,
    Certificate,
    Encryption,
    Failure,
    HostSeen,
    Lookup,
    Probe,
    Reply,
    Step,
)
from auditor.probefile import written
from tests.conftest import VALIDATOR, connector, export
from tests.signoff.answers import ALL, answers
from tests.signoff.made import NOW, listed_anew, person, signed, verified

WHEN = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
HOSTS = ("us-smtp-outbound-1.mimecast.com", "us-smtp-outbound-2.mimecast.com")
STEPS = {
    "connect": None,
    "greeting": Reply(220, ("ready",)),
    "ehlo": Reply(250, ("gateway", "STARTTLS")),
    "starttls": Reply(220, ("go on",)),
    "tls": None,
    "ehlo-tls": Reply(250, ("gateway",)),
}
UNTESTED = {key: value for key, value in ALL.items() if key != "test-message"}


def host(name, failure=None, port=25):
    steps = [Step(step, 0.01, reply) for step, reply in STEPS.items()]
    if failure:
        steps = [Step("connect", 0.01, None, Failure(failure))]
    certificate = Certificate(
        f"CN={name}", "CN=A", (name,), WHEN - timedelta(9), WHEN + timedelta(90), "0" * 64
    )
    encryption = Encryption("TLSv1.2", "AES", (certificate,), (), True)
    attempt = Attempt("192.0.2.1", None, tuple(steps), None if failure else encryption)
    return HostSeen(name, port, (Lookup("any", 0.01, ("192.0.2.1",)),), (attempt,))


def probe(machine="EX01", failure=None, when=WHEN, hosts=HOSTS, port=25):
    seen = tuple(host(name, failure if name == HOSTS[0] else None, port) for name in hosts)
    return Probe(when, machine, "audit test", None, (), "na", None, seen)


@pytest.fixture
def signoff(audit, tmp_path):
    def run(seen, said=ALL, servers=("EX01",)):
        (tmp_path / "c.json").write_bytes(export(connector(SourceTransportServers=list(servers))))
        (tmp_path / "a.yaml").write_text(answers(said))
        (tmp_path / "p.json").write_bytes(written(seen))
        result = audit(
            *("signoff", "--region", "na", "-s", "c.json", "--as-of", "2026-11-23"),
            *("--attestations", "a.yaml", "--probe", "p.json", "--bundle", "bundle"),
        )
        return result, tmp_path / "bundle"

    return run


def step_12(bundle):
    page = (bundle / "report.html").read_text("utf-8")
    row = page.partition("The wizard tests the connector")[2]
    return row.partition("The connector is listed")[0]


CASES = [
    ("from a source server, all right", probe(), 0, "Every smart host answers"),
    ("from a source server named in full", probe("ex01.contoso.com"), 0, "Every smart host"),
    ("from a source server, one refuses", probe(failure="refused"), 1, "refuses connections"),
    ("from elsewhere, one refuses", probe("LAPTOP", "refused"), 0, "not known to be a source"),
    ("another port than the connector's", probe(port=2525), 0, "probed at port 2525"),
    ("one host was left out", probe(hosts=HOSTS[:1]), 0, "was not probed"),
]


@pytest.mark.parametrize(
    ("seen", "status", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_probe_counts_where_mail_leaves_from(signoff, seen, status, words):
    result, bundle = signoff(seen)
    assert result.status == status, result.out + result.err
    assert words in step_12(bundle)
    report = json.loads((bundle / "report.json").read_text())
    VALIDATOR.validate(report)
    assert report["probe"]["machine"] == seen.machine
    assert (bundle / "probe.json").read_bytes() == written(seen)


def test_a_probe_shows_step_12_before_any_message_was_sent(signoff):
    result, bundle = signoff(probe(), UNTESTED)
    assert result.status == 1  # the test message is still asked for, after it
    assert ">pass<" in step_12(bundle).replace("\n", "").replace(" ", "")


@pytest.mark.parametrize("seen", [probe(port=2525), probe(hosts=HOSTS[:1]), probe("LAPTOP")])
def test_what_a_probe_does_not_show_is_no_pass(signoff, seen):
    _, bundle = signoff(seen, UNTESTED)
    assert ">open<" in step_12(bundle).replace("\n", "").replace(" ", "")


def test_a_probe_is_never_of_the_future(signoff):
    result, bundle = signoff(probe(when=WHEN + timedelta(days=2)))
    assert result.status == 2
    assert "after the evaluation" in result.err
    assert not bundle.exists()


def files_of(bundle):
    return {
        path.relative_to(bundle).as_posix(): path.read_bytes()
        for path in bundle.rglob("*")
        if path.is_file()
    }


def test_what_follows_from_a_probe_is_made_again(signoff):
    _, bundle = signoff(probe())
    found = verified(signed(files_of(bundle), person(), at=NOW), person(), now=NOW)
    assert found.outcome == "as signed", found.problems
    assert {file.state for file in found.remade} == {"same"}


def test_a_probe_that_its_reports_do_not_follow_from_is_found(signoff):
    """Whoever signs another probe than the one that the report was made of does not get through."""
    _, bundle = signoff(probe())
    files = files_of(bundle) | {"probe.json": written(probe(failure="refused"))}
    found = verified(signed(listed_anew(files), person(), at=NOW), person(), now=NOW)
    assert found.outcome != "as signed"
    assert any("report.json is another" in problem for problem in found.problems)
    files.pop("probe.json")
    found = verified(signed(listed_anew(files), person(), at=NOW), person(), now=NOW)
    assert found.outcome != "as signed"
