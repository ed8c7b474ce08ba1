"""Nothing but a cmdlet that reads can be named, whatever is tried."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.collect.cmdlets import CMDLETS, COLLECTED_NOUNS, Cmdlet


class _Chameleon(str):
    """Looks like a good name to whoever checks it."""

    __slots__ = ()

    def __str__(self):
        return "Set-SendConnector"


HOSTILE = [
    *("Set-SendConnector", "Remove-SendConnector", "New-SendConnector", "Invoke-Expression"),
    *("Set-ADServerSettings", "Out-File", "Start-EdgeSynchronization", "Test-Mailflow"),
    *("get;Remove-X", "Get-X;Remove-Y", "Get-X | Remove-Y", "Get-X|Remove-Y", "Get-X&Remove-Y"),
    *("Get-", "Search-", "-Get", "Get", "SendConnector", "", " ", "Get-Send Connector"),
    *("GET-SendConnector", "get-SendConnector", "search-Mailbox", "gET-X", "SEARCH-X"),
    *("Get\u2010SendConnector", "Get\u2013SendConnector", "Get\u2014X", "Get\u2015X", "Get\u2212X"),
    *("Get-SendConnector\n", "Get-SendConnector\r\n", "\nGet-SendConnector", "Get-X\nRemove-Y"),
    *(" Get-SendConnector", "Get-SendConnector ", "Get-SendConnector\t", "Get-X\u2028Remove-Y"),
    *("Get-SendConnector\0", "Get-X`nRemove-Y", "Get-X\u00a0", "\ufeffGet-SendConnector"),
    *("Get-Send-Connector", "Get--X", "Get-X1", "Get-X_Y", "Get-X\\Y", "M\\Get-X", "./Get-X"),
    *("Get-$x", "Get-$(Remove-Y)", "Get-'X'", 'Get-"X"', "Get-{X}", "Get-(X)", "Get-X#", "&Get-X"),
    *(
        "Get-\u0421onnector",
        "Get-\uff33end",
        "Get-B\u00fcro",
        "\u0262et-X",
        "Get-X -Confirm:$false",
    ),
    *("Research-X", "Forget-X", "Get-X Search-Y", "Search-Mailbox -DeleteContent"),
    *(None, 1, b"Get-SendConnector", ["Get-SendConnector"], ("Get-SendConnector",), object()),
    *(Cmdlet("Get-SendConnector"), _Chameleon("Get-SendConnector")),
]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_name_that_could_change_something_is_refused(name):
    with pytest.raises(ValueError, match="not a cmdlet that only reads"):
        Cmdlet(name)


@pytest.mark.parametrize("name", ["Get-SendConnector", "Search-AdminAuditLog", "Get-X"])
def test_a_cmdlet_that_reads_is_named(name):
    cmdlet = Cmdlet(name)
    assert cmdlet.name == str(cmdlet) == name
    assert cmdlet.noun == name.split("-")[1]
    assert eval(repr(cmdlet)) == cmdlet == Cmdlet(name)
    assert cmdlet != name
    assert {cmdlet} == {Cmdlet(name)}


@given(st.text())
def test_what_is_accepted_is_always_a_plain_name(text):
    for name in (text, f"Get-{text}", f"Search-{text}"):
        try:
            accepted = Cmdlet(name).name
        except ValueError:
            continue
        verb, dash, noun = accepted.partition("-")
        assert accepted == name
        assert verb in {"Get", "Search"}
        assert dash == "-"
        assert noun.isascii()
        assert noun.isalpha()


def test_there_is_no_subclass():
    with pytest.raises(TypeError):
        type("Anything", (Cmdlet,), {"name": "Set-SendConnector"})


@pytest.mark.parametrize("field", ["name", "_name", "noun", "other"])
def test_it_cannot_be_changed(field):
    cmdlet = Cmdlet("Get-SendConnector")
    with pytest.raises(AttributeError):
        setattr(cmdlet, field, "Set-SendConnector")
    with pytest.raises(AttributeError):
        delattr(cmdlet, field)
    assert cmdlet.name == "Get-SendConnector"


def test_what_goes_around_the_constructor_is_refused_where_it_is_read():
    changed = Cmdlet("Get-SendConnector")
    object.__setattr__(changed, "_name", "Set-SendConnector")
    unmade = object.__new__(Cmdlet)
    object.__setattr__(unmade, "_name", "Get-X;Remove-Y")
    for cmdlet in (changed, unmade):
        for use in (str, repr, hash, lambda c: c.name, lambda c: c.noun, lambda c: f"{c}"):
            with pytest.raises(ValueError, match="not a cmdlet that only reads"):
                use(cmdlet)
        with pytest.raises(ValueError, match="not a cmdlet that only reads"):
            pickle.dumps(cmdlet)
    with pytest.raises(AttributeError):
        object.__setattr__(Cmdlet("Get-X"), "name", "Set-SendConnector")
    with pytest.raises(TypeError):
        dataclasses.replace(Cmdlet("Get-X"), name="Set-SendConnector")


def test_copies_are_made_by_the_constructor():
    cmdlet = Cmdlet("Get-SendConnector")
    for made in (copy.copy(cmdlet), copy.deepcopy(cmdlet), pickle.loads(pickle.dumps(cmdlet))):
        assert made == cmdlet
    altered = pickle.dumps(cmdlet).replace(b"Get-SendConnector", b"Set-SendConnector")
    with pytest.raises(ValueError, match="not a cmdlet that only reads"):
        pickle.loads(altered)


def test_the_table_names_every_cmdlet_once_and_requires_one():
    names = [cmdlet.name for wanted in CMDLETS for cmdlet in wanted.choices]
    assert len(names) == len(set(names)) == 12
    assert {name.partition("-")[2] for name in names} == COLLECTED_NOUNS
    assert [wanted.cmdlet.name for wanted in CMDLETS if wanted.required] == ["Get-SendConnector"]
    assert [str(c) for wanted in CMDLETS for c in wanted.alternatives] == ["Get-TransportServer"]
