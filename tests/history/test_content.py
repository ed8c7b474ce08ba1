"""What an organisation is: what makes it another one, and what does not."""

from __future__ import annotations

import random

import pytest

from auditor.errors import InputError
from auditor.history.content import content_digest
from auditor.model import CollectionError, Provenance, Snapshot
from tests.conftest import connector
from tests.history.audits import NOW

REFUSED = CollectionError("Get-TransportConfig", "EX01 refused it at 08:00", True)


def snapshot(*connectors, errors=(), organization="Contoso", origin=None, **objects):
    origin = origin or Provenance("json", "a.json")
    return Snapshot(organization, origin, {"SendConnector": connectors, **objects}, errors)


BASE = snapshot(connector(Site={"Name": "HQ", "Links": ["a", "b"]}), connector(Name="B"))
A, B = BASE.objects["SendConnector"]

SAME = {
    "when it changed": snapshot(A | {"WhenChanged": "x", "WhenChangedUTC": 1}, B),
    "when it was made": snapshot(A | {"WhenCreated": "x"}, B),
    "the runspace": snapshot(A | {"RunspaceId": "1"}, B),
    "what remoting adds": snapshot(A | {"PSComputerName": "EX01", "PSShowComputerName": True}, B),
    "which controller answered": snapshot(A | {"OriginatingServer": "DC01"}, B),
    "at depth": snapshot(A | {"Site": {**A["Site"], "RunspaceId": 1, "WhenChanged": 2}}, B),
    "order of objects": snapshot(B, A),
    "order of a list": snapshot(A | {"SmartHosts": A["SmartHosts"][::-1]}, B),
    "order of a list at depth": snapshot(A | {"Site": {"Links": ["b", "a"], "Name": "HQ"}}, B),
    "order of properties": snapshot(dict(reversed(A.items())), B),
    "where it came from": snapshot(A, B, origin=Provenance("live", "ex", NOW, "t", ("f",), "s")),
    "a list as a tuple": snapshot(A | {"SmartHosts": tuple(A["SmartHosts"])}, B),
    "the audit log": snapshot(A, B, AdminAuditLog=({"Caller": "eve"},)),
    "no audit log": snapshot(A, B, errors=(CollectionError("Search-AdminAuditLog", "no", True),)),
}
OTHER = {
    "a value": snapshot(A | {"Port": 26}, B),
    "its type": snapshot(A | {"Port": "25"}, B),
    "true for 1": snapshot(A | {"Port": True}, B),
    "null for absent": snapshot(A | {"Comment": None}, B),
    "empty for null": snapshot(A | {"SmartHosts": []}, B),
    "a repetition in a list": snapshot(A | {"SmartHosts": A["SmartHosts"] * 2}, B),
    "a list in a list": snapshot(A | {"SmartHosts": [A["SmartHosts"]]}, B),
    "letter case": snapshot(A | {"Name": A["Name"].upper()}, B),
    "a value at depth": snapshot(A | {"Site": {"Name": "HQ", "Links": ["a", "c"]}}, B),
    "one object less": snapshot(A),
    "one object twice": snapshot(A, B, B),
    "another cmdlet": snapshot(A, B, ExchangeServer=()),
    "whose it is": snapshot(A, B, organization="Fabrikam"),
    "a cmdlet that was refused": snapshot(A, B, errors=(REFUSED,)),
    "a name that only begins alike": snapshot(A | {"Whenever": 1}, B),
    "another that does": snapshot(A | {"PSeudonym": 1}, B),
    "and another": snapshot(A | {"RunspaceIdentity": 1}, B),
}


@pytest.mark.parametrize("name", SAME)
def test_it_is_the_same_organisation_whatever(name):
    assert content_digest(SAME[name]) == content_digest(BASE)


@pytest.mark.parametrize("name", OTHER)
def test_it_is_another_one_by(name):
    assert content_digest(OTHER[name]) != content_digest(BASE)


def test_all_of_these_are_different_from_each_other():
    assert len({content_digest(one) for one in OTHER.values()}) == len(OTHER)


def test_how_a_cmdlet_said_that_it_failed_does_not_matter():
    one = snapshot(A, errors=(REFUSED, REFUSED._replace(cmdlet="Get-AdSite")))
    two = [REFUSED._replace(cmdlet="Get-AdSite"), REFUSED._replace(reason="EX02, at 09:00")]
    assert content_digest(one) == content_digest(snapshot(A, errors=tuple(two)))
    cut = snapshot(A, errors=(REFUSED._replace(refused=False),))
    assert content_digest(cut) != content_digest(snapshot(A, errors=(REFUSED,)))


def test_any_order_gives_the_same_digest():
    draw = random.Random(8)
    lists = [[draw.choice([1, "a", None, [2, 1], {"b": [3, 4]}]) for _ in range(9)] for _ in "abc"]
    first = content_digest(snapshot({"L": lists}))
    for _ in range(50):
        for one in lists:
            draw.shuffle(one)
        draw.shuffle(lists)
        assert content_digest(snapshot({"L": lists})) == first


def test_data_without_bounds_is_refused():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(InputError, match="nested too deep"):
        content_digest(snapshot({"L": deep}))
