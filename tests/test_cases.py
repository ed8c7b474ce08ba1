"""Every folder in tests/cases is a test: an input, perhaps a policy, and what must come out.

``case.yaml`` says what must hold (``holds``), the ``region``, the ``exit`` status, and under
``findings`` every status that is not ``pass``. ``says`` holds parts of messages, by control or for
``error``, one or a list; ``arguments`` are further ones. Files named ``input*`` are the snapshots.
Of an error ``file``, ``line`` and ``column`` are its place. Only where it matters: ``has``, other
values of findings (of ``exemption`` some, of ``changes`` the paths), ``without``, controls that
must not be there, ``exemptions``, the state of each, and ``notes``, a part of every note.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

CASES = sorted(path.parent for path in (Path(__file__).parent / "cases").glob("*/case.yaml"))


def test_there_are_cases():
    assert len(CASES) >= 900


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_case(folder, audit):
    case = yaml.safe_load((folder / "case.yaml").read_text("utf-8"))
    inputs = sorted(folder.glob("input*"))
    arguments = ["check", "--format", "json"]
    arguments += [part for path in inputs for part in ("--snapshot", str(path))]
    if "region" in case:
        arguments += ["--region", case["region"]]
    if (folder / "policy.yaml").is_file():
        arguments += ["--policy", str(folder / "policy.yaml")]
    result = audit(*arguments, *case.get("arguments", ()))

    report = result.report
    assert result.status == case["exit"], (result.err, result.statuses)
    if case["exit"] in {2, 4} or "error" in case.get("says", {}):
        assert report["verdict"] is None
        _check_error(case, report)
        return
    expected = case.get("findings", {})
    found = result.statuses
    assert {name: status for name, status in found.items() if status != "pass"} == expected
    for control, parts in case.get("says", {}).items():
        messages = [f["message"] for f in report["findings"] if f["control"] == control]
        for part in _listed(parts):
            assert any(part in message for message in messages), messages
    _check_details(case, report, result.statuses)


def _check_details(case, report, found):
    assert not set(case.get("without", ())) & {f["control"] for f in report["findings"]}
    for name, values in case.get("has", {}).items():
        finding = report["findings"][list(found).index(name)]
        for key, value in values.items():
            actual = finding[key]
            if key == "changes":
                actual = [change["path"] for change in actual]
            elif isinstance(value, dict) and isinstance(actual, dict):
                actual = {part: actual[part] for part in value}
            assert actual == value, (name, key)
    if "exemptions" in case:
        assert [use["state"] for use in report["exemptions"]] == case["exemptions"]
    if "notes" in case:
        notes = report["notes"]
        assert len(notes) == len(case["notes"]), notes
        assert all(part in note for part, note in zip(case["notes"], notes, strict=True)), notes


def _check_error(case, report):
    said = [f"{e['message']} {e['hint'] or ''}" for e in report["errors"]]
    for part in _listed(case["says"]["error"]):
        assert any(part in text for text in said), said
    if "line" in case:
        first = report["errors"][0]
        assert [first["line"], first["column"]] == [case["line"], case["column"]]
        assert first["file"] == case.get("file", first["file"])


def _listed(parts):
    return parts if isinstance(parts, list) else [parts]
