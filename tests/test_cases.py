"""Every folder in tests/cases is a test: an input, perhaps a policy, and what must come out.

``case.yaml`` says what must hold (``holds``), the ``region``, the ``exit`` status, and under
``findings`` every status that is not ``pass``. ``says`` holds parts of messages, by control or for
``error``; ``arguments`` are further ones. Files named ``input*`` are the snapshots.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

CASES = sorted(path.parent for path in (Path(__file__).parent / "cases").glob("*/case.yaml"))


def test_there_are_cases():
    assert len(CASES) >= 60


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
    for control, part in case.get("says", {}).items():
        messages = [f["message"] for f in report["findings"] if f["control"] == control]
        assert any(part in message for message in messages), messages


def _check_error(case, report):
    said = [f"{e['message']} {e['hint'] or ''}" for e in report["errors"]]
    assert any(case["says"]["error"] in text for text in said), said
    if "line" in case:
        first = report["errors"][0]
        assert [first["line"], first["column"]] == [case["line"], case["column"]]
