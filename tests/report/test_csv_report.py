"""CSV: one row a finding, read the same everywhere, and nothing in it becomes a formula."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.conftest import connector, export
from tests.report.hostile import NAMES, snapshot
from tests.report.scenes import every

FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def rows(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(
        csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter)
    )


def table(text: str) -> list[dict[str, str]]:
    header, *lines = rows(text)
    return [dict(zip(header, line, strict=True)) for line in lines]


@pytest.mark.parametrize("name", ["drifted", "compliant"])
def test_the_rows_say_what_the_json_findings_say(written, name):
    found = table(written("csv", name))
    document = json.loads(written("json", name))
    assert len(found) == len(document["findings"])
    for row, finding in zip(found, document["findings"], strict=True):
        for key in ("status", "severity", "control", "actual_state", "message", "fingerprint"):
            assert row[key] == finding[key]
        for key in ("title", "property", "connector", "connector_guid"):
            assert row[key] == (finding[key] or "")
        command = finding["remediation"] and finding["remediation"]["command"]
        assert row["remediation_command"] == (command or "")
        assert row["evaluated_at"] == document["evaluated_at"]
        assert (row["organization"], row["region"]) == ("Contoso", "na")
        assert row["policy"] == "mimecast 1"


def test_every_status_has_its_row(written):
    found = table(written("csv", "every"))
    by_status = {row["status"]: row for row in found}
    assert set(by_status) == {"pass", "fail", "exempt", "unknown", "not-applicable"}
    exempt = by_status["exempt"]
    assert exempt["exemption_reason"] == "Archive [feed](x) | =1+1"
    assert exempt["exemption_approved_by"] == "ciso@contoso.com"
    assert exempt["exemption_expires"] == "2027-01-31"
    assert by_status["unknown"]["actual"] == ""
    assert by_status["unknown"]["actual_state"] == "absent"


def test_it_is_what_rfc_4180_and_excel_expect(written):
    text = written("csv", every(export(connector(Name='Büro, "außen"'))))
    assert text.startswith("\ufeffevaluated_at,")
    assert text.endswith("\r\n")
    assert text.count("\r\n") == text.count("\n") == text.count("\r") == len(rows(text))
    assert {len(row) for row in rows(text)} == {22}
    assert table(text)[0]["connector"] == 'Büro, "außen"'


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_NONE])
def test_no_cell_begins_a_formula_wherever_a_spreadsheet_separates(written, delimiter, quoting):
    text = written("csv", every(snapshot(NAMES)))
    reader = csv.reader(
        io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter, quoting=quoting
    )
    cells = [cell for row in reader for cell in row]
    assert not [cell for cell in cells if cell.strip('"').startswith(FORMULA)]
    assert not [cell for cell in cells if cell.startswith(FORMULA)]


def test_a_hostile_name_adds_no_row_and_no_cell_and_is_all_there(written):
    hostile = written("csv", every(snapshot(NAMES)))
    tame = written("csv", every(snapshot([f"n{n}" for n in range(len(NAMES))])))
    assert [len(row) for row in rows(hostile)] == [len(row) for row in rows(tame)]
    names = {row["connector"].replace("'", "") for row in table(hostile)}
    for name in NAMES:
        if name.isascii() and name.isprintable():
            assert name.strip().replace("'", "") in names
    shown = hostile.removeprefix("\ufeff").replace("\r\n", "")
    assert shown.isprintable()


def test_a_command_is_whole_or_not_there(written):
    tame = connector(Port=587, Guid="x", Name="plain")
    bad = {**tame, "Name": "=; Remove-SendConnector *; #"}
    for data, there in ((tame, True), (bad, False)):
        found = table(written("csv", every(export(data))))
        document = json.loads(written("json", every(export(data))))
        commands = {f["remediation"]["command"] for f in document["findings"] if f["remediation"]}
        cells = {row["remediation_command"] for row in found} - {""}
        assert commands
        assert (cells == commands) == there
        assert there or all(cell.startswith("(left out") for cell in cells)


def test_a_thousand_findings_are_a_thousand_rows(written):
    text = written("csv", every(snapshot([f"n{n}" for n in range(500)])))
    assert len(table(text)) > 1000


def test_a_run_that_failed_leaves_no_old_pass(failed):
    (row,) = table(failed("csv"))
    assert row["status"] == "error"
    assert row["message"].startswith("Nothing was evaluated: ")
    assert "b[a]d|`x`.xml" in row["message"]
    assert row["evaluated_at"]
