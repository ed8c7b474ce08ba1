"""``audit route``: what it answers, in which form, and with which status."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest

from auditor.model import CollectionError, Provenance, Snapshot
from auditor.snapshot import write_snapshot
from tests.conftest import ROOT, connector, export

SCHEMA = json.loads((ROOT / "auditor/report/audit-route-1.schema.json").read_text("utf-8"))
GATEWAY = connector(MaxMessageSize="35 MB (36,700,160 bytes)")
PARTNER = connector(
    Name="Partner",
    Guid="99999999-0000-0000-0000-000000000001",
    AddressSpaces=["SMTP:*.partner.example;1"],
    SmartHosts=[],
    DNSRoutingEnabled=True,
    MaxMessageSize="10 MB (10,485,760 bytes)",
)
BRANCH = connector(
    Name="Branch direct",
    Guid="99999999-0000-0000-0000-000000000002",
    AddressSpaces=["SMTP:*;5"],
    SourceTransportServers=["EX03"],
    SmartHosts=["relay.example"],
)
SERVERS = [
    {
        "Name": name,
        "Fqdn": f"{name.lower()}.contoso.com",
        "Site": f"contoso.com/Configuration/Sites/{site}",
        "ServerRole": "Mailbox",
        "AdminDisplayVersion": "Version 15.2 (Build 1544.4)",
    }
    for name, site in (("EX01", "HQ"), ("EX02", "HQ"), ("EX03", "Branch"))
]
LINKS = [
    {
        "Name": "L",
        "Sites": ["HQ", "Branch"],
        "ADCost": 100,
        "ExchangeCost": None,
        "MaxMessageSize": "Unlimited",
    }
]
DOMAINS = [
    {"Name": "contoso.com", "DomainName": "contoso.com", "DomainType": "Authoritative"},
    {"Name": "relay", "DomainName": "relay.contoso.com", "DomainType": "InternalRelay"},
]
EXEMPT = """\
schema: audit-policy/1
name: contoso
version: "1"
extends: mimecast
exemptions:
  - connector: Partner
    reason: A contract
    owner: mail@contoso.com
    approved_by: ciso@contoso.com
    expires: 2026-12-31
"""


@pytest.fixture
def route(audit, tmp_path):
    """Runs ``audit route`` on connectors and further exports."""

    def run(*words, connectors=(GATEWAY, PARTNER), more=(), files=("-s", "c.json")):
        (tmp_path / "c.json").write_bytes(export(*connectors))
        files = [*files]
        for number, objects in enumerate(more):
            (tmp_path / f"{number}.json").write_text(json.dumps(objects), "utf-8")
            files += ["-s", f"{number}.json"]
        return audit("route", *words, "-r", "na", *files)

    return run


@pytest.fixture
def answer(route):
    """The routes of the JSON document, held against its schema, and the exit status."""

    def run(*words, **given):
        result = route(*words, "-f", "json", **given)
        document = json.loads(result.out)
        jsonschema.Draft202012Validator(SCHEMA).validate(document)
        return document["routes"], result.status

    return run


def test_the_document_is_the_contracts(answer):
    (found,), status = answer("a@partner.example")
    assert status == 1
    assert {
        name: found[name]
        for name in ("recipient", "domain", "connector", "next_hops", "through_gateway", "exempt")
    } == {
        "recipient": "a@partner.example",
        "domain": "partner.example",
        "connector": "Partner",
        "next_hops": ["dns"],
        "through_gateway": False,
        "exempt": False,
    }
    assert found["why"].startswith("*.partner.example is more specific than * of 'Outbound Mail")


@pytest.mark.parametrize(
    ("recipient", "domain", "name"),
    [
        ("anna@Example.COM", "example.com", "Outbound Mail to Mimecast"),
        ("example.com.", "example.com", "Outbound Mail to Mimecast"),
        ("SMTP:anna@partner.example", "partner.example", "Partner"),
        ("x@a.b.partner.example", "a.b.partner.example", "Partner"),
        ("anna@bücher.example", "xn--bcher-kva.example", "Outbound Mail to Mimecast"),
        ("anna@[192.0.2.1]", "[192.0.2.1]", "Outbound Mail to Mimecast"),
        ("anna@[IPv6:2001:db8::1]", "[2001:db8::1]", "Outbound Mail to Mimecast"),
        ('"a@b"@partner.example', "partner.example", "Partner"),
        ("mailto:anna@partner.example", "partner.example", "Partner"),
        ("x400:C=us;a=b", "X400:c=us;a=b", None),
    ],
)
def test_a_recipient_is_an_address_a_domain_or_has_a_type(answer, recipient, domain, name):
    (found,), status = answer(recipient)
    assert (found["domain"], found["connector"]) == (domain, name)
    assert status == (0 if name == "Outbound Mail to Mimecast" else 1)


@pytest.mark.parametrize(
    "recipient",
    [
        *("", "@", "a@", "@b.example", "a b", "a@b c", "--", "*", "*.b.example", "FAX:", "a@[x]"),
        *("a@b.example;c@d.example", "a@b.example,c@d.example", "a@b.example c@d.example"),
        *("<a@b.example>", "a@b@c.example", "a@ b.example", "C:\\x", "mailto:"),
    ],
)
def test_what_is_no_recipient_is_refused(route, recipient):
    result = route("--", recipient) if recipient.startswith("-") else route(recipient)
    assert result.status == 2
    assert re.search("is not (a|one) recipient", result.err)
    assert result.out == ""


@pytest.mark.parametrize(
    ("size", "name", "why"),
    [
        ("1MB", "Partner", "Messages over 10 MB go through 'Outbound Mail to Mimecast'."),
        ("20 MB", "Outbound Mail to Mimecast", "Messages over 35 MB are returned."),
        ("36700161", None, "the largest message that a connector takes is 35 MB"),
    ],
)
def test_the_size_decides(answer, size, name, why):
    (found,), _ = answer("partner.example", "--size", size)
    assert found["connector"] == name
    assert why in found["why"]


def test_the_server_decides_where_there_are_sites(answer):
    given = {"connectors": (GATEWAY, BRANCH), "more": (SERVERS, LINKS)}
    (found,), status = answer("example.com", "--from-server", "ex01", **given)
    assert (found["connector"], status) == ("Outbound Mail to Mimecast", 0)
    (found,), status = answer("example.com", "--from-server", "EX03.contoso.com", **given)
    assert (found["connector"], status) == ("Branch direct", 1)
    (found,), status = answer("example.com", **given)
    assert (found["connector"], found["through_gateway"], status) == (None, False, 1)
    assert found["why"] == (
        "It depends on the server: from EX01, EX02 through 'Outbound Mail to Mimecast'; "
        "from EX03 through 'Branch direct'."
    )


def test_what_cannot_be_known_is_status_3(answer):
    near = {**BRANCH, "AddressSpaces": ["SMTP:*;1"]}
    given = {"connectors": (GATEWAY, near), "more": (SERVERS,)}
    (found,), status = answer("example.com", "--from-server", "ex03", **given)
    assert (found["connector"], found["through_gateway"], status) == ("Branch direct", False, 1)
    given = {"connectors": (GATEWAY, BRANCH), "more": (SERVERS,)}
    (found,), status = answer("example.com", "--from-server", "ex03", **given)
    assert (found["connector"], found["through_gateway"], status) == (None, None, 3)
    assert "Get-AdSiteLink" in found["why"]
    unreadable = {**GATEWAY, "SmartHosts": "System.Collections.ArrayList"}
    (found,), status = answer("example.com", connectors=(unreadable,))
    assert (found["next_hops"], found["through_gateway"], status) == (None, None, 3)


def test_one_that_is_wrong_outranks_one_that_is_not_known(answer):
    unreadable = {**GATEWAY, "SmartHosts": "System.Collections.ArrayList"}
    _, status = answer("example.com", "partner.example", connectors=(unreadable, PARTNER))
    assert status == 1


def test_an_exempt_route_is_right(answer, tmp_path):
    (tmp_path / "p.yaml").write_text(EXEMPT, "utf-8")
    words = ("-p", "p.yaml", "--as-of")
    (found,), status = answer("partner.example", *words, "2026-06-01")
    assert (found["exempt"], found["through_gateway"], status) == (True, False, 0)
    (found,), status = answer("partner.example", *words, "2027-06-01")
    assert (found["exempt"], status) == (False, 1)


def test_an_exemption_whose_guard_cannot_be_read_leaves_it_open(answer, tmp_path):
    text = EXEMPT + "    only_if: {RequireTLS: true}\n"
    (tmp_path / "p.yaml").write_text(text, "utf-8")
    (found,), status = answer("partner.example", "-p", "p.yaml", "--as-of", "2026-06-01")
    assert (found["exempt"], status) == (False, 3)


def test_an_exemption_of_the_routes_themselves_covers_every_domain(answer, tmp_path):
    text = EXEMPT.replace("    reason", "    control: BypassRoutes\n    reason")
    (tmp_path / "p.yaml").write_text(text, "utf-8")
    star = {**PARTNER, "Name": "Partner", "AddressSpaces": ["SMTP:*;1"]}
    cheap = {**GATEWAY, "AddressSpaces": ["SMTP:*;2"]}
    words = ("-p", "p.yaml", "--as-of", "2026-06-01")
    (found,), status = answer("example.com", *words, connectors=(cheap, star))
    assert (found["connector"], found["exempt"], status) == ("Partner", True, 0)


def test_connectors_that_were_not_all_collected_leave_it_open(route, tmp_path):
    snapshot = Snapshot(
        None,
        Provenance("live", "ex01"),
        {"SendConnector": (GATEWAY,)},
        (CollectionError("Get-ForeignConnector", "time is up"),),
    )
    (tmp_path / "s.json").write_bytes(write_snapshot(snapshot))
    result = route("example.com", connectors=(), files=("-s", "s.json"))
    assert result.status == 3
    assert "Get-ForeignConnector did not return everything" in " ".join(result.out.split())


def test_what_is_not_known_is_named(answer):
    unread = {**GATEWAY, "SmartHosts": "System.Collections.ArrayList"}
    (found,), _ = answer("example.com", connectors=(unread,))
    assert "Where to is not known: SmartHosts of 'Outbound Mail to Mimecast'" in found["why"]
    no_limit = {k: v for k, v in GATEWAY.items() if k != "MaxMessageSize"}
    large = {**PARTNER, "AddressSpaces": ["SMTP:*;50"], "MaxMessageSize": "Unlimited"}
    (found,), status = answer("example.com", connectors=(no_limit, large))
    assert status == 0
    assert found["why"].endswith(
        "What carries larger messages cannot be told. "
        "MaxMessageSize of 'Outbound Mail to Mimecast' is not in the export."
    )


def test_what_is_delivered_inside_is_right(answer):
    (inside, relayed), status = answer("contoso.com", "relay.contoso.com", more=(DOMAINS,))
    assert (inside["inside"], inside["connector"], inside["next_hops"]) == (True, None, [])
    assert relayed["connector"] == "Outbound Mail to Mimecast"
    assert status == 0


def test_hosts_of_another_region_are_not_the_gateway_of_this_one(answer):
    wrong = {**GATEWAY, "SmartHosts": ["eu-smtp-outbound-1.mimecast.com"]}
    (found,), status = answer("example.com", connectors=(wrong,))
    assert (found["through_gateway"], status) == (False, 1)
    assert "eu-smtp-outbound-1.mimecast.com is no host of North America (na)" in found["why"]


def test_the_ladder_names_every_connector(answer, route):
    off = connector(Name="Off", Guid="99999999-0000-0000-0000-000000000003", Enabled=False)
    given = {"connectors": (GATEWAY, PARTNER, off)}
    (found,), _ = answer("partner.example", "--explain", "--size", "20MB", **given)
    (ladder,) = found["ladders"]
    assert ladder["from"] == ["EX01", "EX02", "any other server"]
    assert [(rung["connector"], rung["reason"]) for rung in ladder["rungs"]] == [
        ("Outbound Mail to Mimecast", "chosen"),
        ("Partner", "too small"),
        ("Off", "disabled"),
    ]
    table = route("partner.example", "--explain", "--size", "20MB", **given).out
    assert "too small" in table
    assert max(map(len, table.splitlines())) <= 80


def test_a_table_of_several_recipients(route):
    result = route("a@partner.example", "b@example.com")
    assert result.status == 1
    assert result.out.startswith("Recipient ")
    lines = result.out.splitlines()
    assert any(line.split() == ["a@partner.example", "NO", "Partner"] for line in lines)
    assert max(map(len, lines)) <= 80


def test_hostile_names_cannot_act_on_the_terminal(route):
    evil = {**PARTNER, "Name": "P\x1b[31m\u202eevil", "SmartHosts": []}
    result = route("a@partner.example", "b@\u202e.example", "--explain", connectors=(GATEWAY, evil))
    assert "\x1b" not in result.out + result.err
    assert "\u202e" not in result.out + result.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--size", "big"), "--size cannot be 'big'"),
        (("--size", "Unlimited"), "--size cannot be 'Unlimited'"),
        (("--from-server", "EX09"), "no server 'EX09' sends mail here"),
    ],
)
def test_a_wrong_option_is_a_usage_error(route, words, said):
    result = route("example.com", *words, more=(SERVERS,))
    assert result.status == 2
    assert said in result.err
    result = route("example.com", *words, "-f", "json", more=(SERVERS,))
    document = json.loads(result.out)
    assert document["schema"] == "audit-error/1"
    assert said in document["errors"][0]["message"]


def test_a_server_that_nobody_knows_is_any_other_one(answer, route):
    (found,), status = answer("example.com", "--from-server", "EX09")
    assert (found["connector"], status) == ("Outbound Mail to Mimecast", 0)
    assert "WARNING: EX09 is no source server" in route("example.com", "--from-server", "EX09").err


def test_a_snapshot_that_cannot_be_kept_is_status_2_and_one_that_is_wrong_outranks_it(route):
    words = ("--save-snapshot", "c.json/s.json")
    assert route("example.com", *words).status == 2
    assert route("partner.example", *words).status == 1


def test_no_number_of_our_own_is_shown(route):
    dear = connector(Name="Dear", Guid="99999999-0000-0000-0000-000000000004", AddressSpaces=["SMTP:*;10"])  # fmt: skip
    result = route("example.com", "--explain", connectors=(GATEWAY, dear))
    assert not re.search("[0-9]{10}", result.out)
    assert "Its address space costs 10, against 1." in " ".join(result.out.split())


def test_larger_messages_that_go_around_are_told_of(answer):
    large = {**PARTNER, "AddressSpaces": ["SMTP:*;10"], "MaxMessageSize": "Unlimited"}
    (found,), status = answer("example.com", connectors=(GATEWAY, large))
    assert status == 0
    said = "Messages over 35 MB go through 'Partner', which is not the gateway."
    assert found["why"].endswith(said)
    (found,), status = answer("example.com", "--size", "40MB", connectors=(GATEWAY, large))
    assert (found["why"], status) == ("No other connector takes so large a message.", 1)
