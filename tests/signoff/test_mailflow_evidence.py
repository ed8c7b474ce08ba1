"""Mail flow in a sign-off: kept in the bundle, and judged again when it is verified."""

from __future__ import annotations

import json

import pytest

from auditor.errors import InputError
from auditor.flowfile import read_mail_flow
from tests.conftest import VALIDATOR, connector, export
from tests.mailflow import logs
from tests.signoff.answers import ALL, answers
from tests.signoff.made import NOW, listed_anew, person, signed, verified

NAME = connector()["Name"]
GOOD = [logs.event(n, connector_id=NAME) for n in range(3)]
AROUND = logs.event(1, connector_id="Gone", server_hostname="mx.partner.example")


@pytest.fixture
def signoff(audit, tmp_path):
    def run(*rows):
        (tmp_path / "c.json").write_bytes(export(connector(SourceTransportServers=["EX01"])))
        (tmp_path / "a.yaml").write_text(answers(ALL))
        (tmp_path / "MSGTRK1.LOG").write_bytes(logs.log(*rows))
        result = audit(
            *("signoff", "--region", "na", "-s", "c.json", "--as-of", "2026-11-23"),
            *("--attestations", "a.yaml", "--mailflow", "MSGTRK1.LOG", "--bundle", "bundle"),
        )
        return result, tmp_path / "bundle"

    return run


@pytest.mark.parametrize(
    ("rows", "status", "found"),
    [(GOOD, 0, "pass"), ([*GOOD, AROUND], 1, "fail"), ([], 3, "unknown")],
)
def test_mail_flow_counts_for_going_live(signoff, rows, status, found):
    result, bundle = signoff(*rows)
    assert result.status == status, result.out + result.err
    report = json.loads((bundle / "report.json").read_text())
    VALIDATOR.validate(report)
    (finding,) = [one for one in report["findings"] if one["control"] == "MailFlow"]
    assert finding["status"] == found
    assert "Mail that left" in (bundle / "report.html").read_text("utf-8")
    kept = read_mail_flow((bundle / "mailflow.json").read_bytes(), "mailflow.json")
    assert sum(way.deliveries for way in kept.ways) == len(rows)
    text = (bundle / "mailflow.json").read_text()
    assert not [word for word in ("anna@", "ben@", "Quarterly") if word in text]


def files_of(bundle):
    return {
        path.relative_to(bundle).as_posix(): path.read_bytes()
        for path in bundle.rglob("*")
        if path.is_file()
    }


def test_what_follows_from_mail_flow_is_made_again(signoff):
    _, bundle = signoff(*GOOD)
    found = verified(signed(files_of(bundle), person(), at=NOW), person(), now=NOW)
    assert found.outcome == "as signed", found.problems
    assert {file.state for file in found.remade} == {"same"}


def test_mail_flow_that_its_reports_do_not_follow_from_is_found(signoff):
    _, bundle = signoff(*GOOD, AROUND)
    files = files_of(bundle)
    better = files["mailflow.json"].replace(b"mx.partner.example", logs.GATEWAY.encode())
    files = listed_anew(files | {"mailflow.json": better})
    found = verified(signed(files, person(), at=NOW), person(), now=NOW)
    assert any("report.json is another" in problem for problem in found.problems)


def test_what_is_no_such_file_is_refused():
    for content in (b"", b"{}", b'{"schema": "audit-mailflow/1"}', b"\xff", b"[]" * 9):
        with pytest.raises(InputError):
            read_mail_flow(content, "mailflow.json")
