"""The scripts that people read, as they are; ``python -m tests.powershell.golden`` renews them."""

from __future__ import annotations

import pytest

from tests.powershell.golden import CASES, FOLDER, MAKERS, shown
from tests.powershell.scripts import parses, text_of
from tests.powershell.tokenizer import tokens, values


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("name", CASES)
def test_a_script_is_as_it_was_read(name, kind):
    data = MAKERS[kind](*CASES[name])
    assert shown(data) == (FOLDER / f"{name}.{kind}.ps1").read_text("utf-8")
    text = text_of(data)
    assert parses(text)
    assert not {t.kind for t in tokens(text)} & {"signature", "requires", "expandable"}


def test_there_is_no_golden_file_too_many():
    wanted = {f"{name}.{kind}.ps1" for name in CASES for kind in MAKERS}
    assert {path.name for path in FOLDER.iterdir()} == wanted


def test_the_gateway_is_changed_first_and_put_back_last():
    setting = ["Set-SendConnector", "Set-SendConnector", "Set-ForeignConnector"]
    for kind, expected in (("remediate", setting), ("rollback", setting[::-1])):
        commands = values(tokens(text_of(MAKERS[kind](*CASES["gateway-first"]))), "command")
        assert [c for c in commands if c.startswith("Set-") and c != "Set-StrictMode"] == expected
