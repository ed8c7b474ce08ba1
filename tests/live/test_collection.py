"""``audit`` against a live endpoint: what is asked, what comes back, and that nothing is lost."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

from auditor.collect.cmdlets import CMDLETS
from auditor.collect.live import Login, Target, parse_endpoint
from auditor.collect.live.deadline import Deadline
from auditor.collect.live.session import RemoteSession
from tests.live.answers import Answer, Problem
from tests.live.objects import (
    edge_organization,
    exchange_2010,
    exchange_server,
    organization,
)
from tests.live.reaching import ACCOUNT, SECRET, SEND, check, live, reach

__all__ = ["live"]


def findings(result) -> list[tuple[str, str, str, str]]:
    return [
        (f["control"], f["status"], f["connector"], f["message"]) for f in result.report["findings"]
    ]


@pytest.mark.parametrize("shape", ["rich", "plain", "mixed"])
@pytest.mark.parametrize("drifted", [False, True])
def test_every_shape_gives_the_same_findings(audit, live, shape, drifted):
    rich = check(audit, live(organization(connectors=5, drifted=drifted)))
    other = check(audit, live(organization(connectors=5, shape=shape, drifted=drifted)))
    assert findings(other) == findings(rich)
    assert other.status == (1 if drifted else 0)
    assert "unknown" not in other.statuses.values()


def test_the_saved_snapshot_gives_the_same_report(audit, live, tmp_path):
    server = live(organization(connectors=5, drifted=True))
    first = check(audit, server, "--save-snapshot", "s.json")
    again = audit("check", "-r", "na", "-f", "json", "--as-of", "2026-12-01", "-s", "s.json")
    assert again.out == first.out
    assert again.report["snapshot"]["source"] == server.url
    assert again.report["snapshot"]["kind"] == "live"


def test_provenance_says_who_asked_what_when_and_with_what(audit, live, tmp_path):
    server = live()
    result = audit("collect", *reach(server), "--save-snapshot", "s.json")
    assert result.status == 0, result.err
    origin = json.loads((tmp_path / "s.json").read_text("utf-8"))["provenance"]
    assert origin["server"] == "localhost"
    assert origin["location"] == server.url
    assert origin["account"] == ACCOUNT
    assert origin["tool"].startswith("audit ")
    assert origin["collected_at"].endswith("+00:00")
    assert origin["cautions"] == ["cleartext"]


def test_one_session_and_at_most_three_requests_a_cmdlet(audit, live):
    server = live(organization(connectors=20))
    assert check(audit, server).status == 0
    actions = [request.action for request in server.requests]
    assert actions.count("Create") == actions.count("Delete") == 1
    asked = Counter(request.cmdlet for request in server.requests if request.cmdlet)
    assert set(asked) == {str(wanted.cmdlet) for wanted in CMDLETS}
    assert max(asked.values()) <= 3, asked
    assert len(actions) == sum(asked.values()) + len(["Create", "Receive", "Delete"])
    assert server.cmdlets == [str(wanted.cmdlet) for wanted in CMDLETS]


def test_all_objects_are_asked_for_and_none_is_chosen(audit, live):
    server = live()
    check(audit, server)
    assert all(given == [{}] for given in server.parameters.values()), server.parameters


def test_the_domain_controller_is_passed_on(audit, live):
    server = live()
    assert check(audit, server, "--domain-controller", "DC01.contoso.com").status == 0
    assert server.parameters[SEND] == [{"DomainController": "DC01.contoso.com"}]


@pytest.mark.parametrize(("count", "fragment_size"), [(300, 32 * 1024), (20, 200)])
def test_of_many_connectors_no_fragment_is_lost(audit, live, tmp_path, count, fragment_size):
    answers = organization(connectors=count, drifted=True)
    over_the_wire = check(audit, live(answers, fragment_size=fragment_size))
    head = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
    files = []
    for cmdlet in (SEND, "Get-ExchangeServer"):
        files += ["-s", f"{cmdlet}.xml"]
        body = "".join(answers[cmdlet].objects)
        (tmp_path / f"{cmdlet}.xml").write_text(f"{head}{body}</Objs>", "utf-8")
    from_file = audit("check", "-r", "na", "-f", "json", "--as-of", "2026-12-01", *files)
    assert findings(over_the_wire) == findings(from_file)
    assert over_the_wire.report["snapshot"]["connectors"] == count


def test_an_edge_server_has_fewer_cmdlets_and_is_audited(audit, live):
    result = check(audit, live(edge_organization()))
    assert result.status == 0, result.out
    said = " ".join(note for note in result.report["notes"])
    assert "Get-AdSite was not collected" in said


def test_a_live_server_is_asked_for_a_route(audit, live):
    server = live()
    words = ("route", "example.com", *reach(server), "-r", "na", "-f", "json")
    result = audit(*words)
    assert result.status == 0, result.err
    (found,) = json.loads(result.out)["routes"]
    assert found["through_gateway"] is True
    assert [request.action for request in server.requests].count("Delete") == 1


def test_exchange_2010_is_asked_for_its_transport_servers(audit, live, tmp_path):
    server = live(exchange_2010())
    result = check(audit, server, "--save-snapshot", "s.json")
    assert result.status == 0, result.out
    assert "Get-TransportServer" in server.cmdlets
    objects = json.loads((tmp_path / "s.json").read_text("utf-8"))["objects"]
    assert "TransportServer" in objects
    assert "TransportService" not in objects
    assert not result.report["errors"]


@pytest.mark.parametrize("wanted", CMDLETS[1:], ids=lambda wanted: wanted.cmdlet.noun)
def test_an_optional_cmdlet_that_is_refused_is_recorded_and_not_fatal(audit, live, wanted):
    answers = organization(connectors=3)
    for cmdlet in wanted.choices:
        del answers[str(cmdlet)]
    result = check(audit, live(answers))
    assert result.status == 0
    (error,) = result.report["errors"]
    assert error["message"].startswith(f"{wanted.cmdlet} was not collected: not available")


def test_a_terminating_error_of_an_optional_cmdlet_is_recorded_in_its_words(audit, live):
    answers = organization(connectors=3)
    denied = Problem("Active Directory does not answer.", "ADTransient,Get-AdSite")
    answers["Get-AdSite"] = Answer(fails=denied)
    result = check(audit, live(answers))
    (error,) = result.report["errors"]
    assert error["message"] == "Get-AdSite was not collected: Active Directory does not answer."


def test_send_connectors_beside_an_error_are_undecided_and_kept(audit, live, tmp_path):
    answers = organization(connectors=3)
    problem = Problem("The object EX01\\X is corrupted.", "CorruptObject,Get-SendConnector")
    answers[SEND] = replace(answers[SEND], errors=(problem,))
    result = check(audit, live(answers), "--save-snapshot", "s.json")
    assert result.status == 3
    assert result.report["verdict"] is None
    assert "EX01\\X is corrupted" in result.err
    content = json.loads((tmp_path / "s.json").read_text("utf-8"))
    assert len(content["objects"]["SendConnector"]) == 3
    assert content["errors"][0]["cmdlet"] == SEND
    assert audit("check", "-r", "na", "-s", "s.json").status == 3


def test_an_organisation_without_send_connectors_has_drifted(audit, live):
    answers = organization(connectors=3) | {SEND: Answer()}
    result = check(audit, live(answers))
    assert result.status == 1
    assert result.statuses["ConnectorPresent"] == "fail"


@pytest.mark.parametrize("missing", ["no such cmdlet", "refused in words"])
def test_without_the_role_it_is_said_which_one_to_ask_for(audit, live, missing):
    answers = organization(connectors=3)
    if missing == "no such cmdlet":
        del answers[SEND]
    else:
        answers[SEND] = Answer(fails=Problem("You do not have sufficient permissions.", "Denied"))
    result = check(audit, live(answers), "--save-snapshot", "s.json")
    assert result.status == 3
    assert "Get-SendConnector was refused" in result.err
    assert "View-Only Organization Management" in result.err


def test_source_servers_that_are_gone_or_carry_no_transport_do_not_count(audit, live):
    answers = organization(connectors=1)
    answers["Get-ExchangeServer"] = Answer((exchange_server("EX09", roles="Mailbox"),))
    result = check(audit, live(answers))
    assert result.statuses["SourceTransportServers"] == "fail"


def test_nothing_but_cmdlets_that_read_can_be_sent(live):
    server = live()
    target = Target(
        parse_endpoint(server.url), Login("basic", ACCOUNT, SECRET), allow_cleartext=True
    )
    with RemoteSession(target, Deadline(10), Deadline(10)) as session:
        with pytest.raises(AttributeError):
            session.run("Set-SendConnector", {})  # a text has no cmdlet's name
        for name in ("Set-SendConnector", "Get-X; Set-SendConnector", "get-sendconnector"):
            with pytest.raises(ValueError, match="only reads"):
                session.run(type(CMDLETS[0].cmdlet)(name), {})
    assert server.cmdlets == []


def test_a_connector_of_another_kind_is_no_send_connector(audit, live):
    answers = organization(connectors=1)
    answers[SEND] = Answer((exchange_server("EX01"),))
    result = check(audit, live(answers))
    assert result.status == 3
    assert "cannot be read" in result.err


def test_a_password_in_a_connector_is_dropped(audit, live, tmp_path):
    secret = (
        '<Obj N="AuthenticationCredential" RefId="900"><TN RefId="900">'
        '<T>System.Management.Automation.PSCredential</T></TN><Props><S N="UserName">relay</S>'
        '<SS N="Password">c2VjcmV0</SS></Props></Obj>'
    )
    answers = organization(connectors=1)
    (connector,) = answers[SEND].objects
    before, mark, after = connector.partition('<Nil N="AuthenticationCredential" />')
    assert mark, "the object has no such property"
    answers[SEND] = Answer((before + secret + after,))
    result = check(audit, live(answers), "--save-snapshot", "s.json")
    text = (tmp_path / "s.json").read_text("utf-8")
    assert result.status in {0, 1}
    assert "(set; dropped)" in text
    assert "c2VjcmV0" not in text
    assert "relay" not in text


def test_an_old_server_gets_the_key_that_it_waits_for(audit, live, monkeypatch):
    monkeypatch.setattr("auditor.collect.live.transport._OPERATION_SECONDS", 1)
    answers = organization(connectors=1)
    answers[SEND] = replace(answers[SEND], wants_key=True)
    server = live(answers)
    assert check(audit, server).status == 0
    actions = [request.action for request in server.requests]
    assert "Send" in actions


def test_warnings_are_said_to_those_who_want_to_know(audit, live):
    answers = organization(connectors=1)
    answers[SEND] = replace(answers[SEND], warnings=("The object EX01 is inconsistent.",))
    result = check(audit, live(answers), "--verbose")
    assert result.status == 0
    assert "Get-SendConnector warns: The object EX01 is inconsistent." in result.err


def test_a_failure_that_is_no_refusal_is_not_called_one(audit, live):
    answers = organization(connectors=1)
    answers[SEND] = Answer(fails=Problem("The domain controller is down.", "ADTransient"))
    result = check(audit, live(answers))
    assert result.status == 3
    assert "Get-SendConnector failed: The domain controller is down." in result.err
    assert "--domain-controller" in result.err


FOREIGN = "Get-ForeignConnector"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(fails=Problem("Active Directory does not answer.", "ADTransient")),
        Answer(fails=Problem("Unable to access domain controller DC1.", "ADTransientException")),
        Answer(fails=Problem("The authorization server timed out.", "ADTransientException")),
        Answer(errors=(Problem("The object Fax2 is corrupt.", "Corrupt"),)),
        Answer(("<S>text</S>",)),
        Answer((exchange_server("EX01"),)),
    ],
    ids=[
        "failed",
        "no access to DC1",
        "no authorization server",
        "an error beside it",
        "text",
        "objects of another cmdlet",
    ],
)
def test_where_other_connectors_were_lost_nobody_can_say_that_there_are_none(audit, live, answer):
    result = check(audit, live(organization(connectors=2) | {FOREIGN: answer}))
    assert result.status == 3
    assert result.statuses["OtherOutboundConnectors"] == "unknown"
    assert [error["message"].split()[0] for error in result.report["errors"]] == [FOREIGN]


def test_one_cmdlet_with_odd_output_does_not_hide_the_others(audit, live, tmp_path):
    answers = organization(connectors=2)
    answers["Get-ExchangeServer"] = Answer(
        (exchange_server("EX01"), "<Nil/>", "<S>odd</S>", '<Obj RefId="0" S="Error"/>')
    )
    server = live(answers)
    result = check(audit, server, "--save-snapshot", "s.json")
    assert result.status == 0
    assert {error["message"].split()[0] for error in result.report["errors"]} == {
        "Get-ExchangeServer"
    }
    objects = json.loads((tmp_path / "s.json").read_text("utf-8"))["objects"]
    assert len(objects) == len(CMDLETS)
    actions = [request.action for request in server.requests]
    assert actions.count("Create") == 1


def test_null_beside_send_connectors_is_no_connector(audit, live):
    answers = organization(connectors=2)
    answers[SEND] = replace(answers[SEND], objects=(*answers[SEND].objects, "<Nil/>"))
    result = check(audit, live(answers))
    assert result.status == 0
    assert result.report["snapshot"]["connectors"] == 2


def test_an_edge_server_that_knows_no_domain_controller_says_so(audit, live):
    result = check(audit, live(edge_organization()), "--domain-controller", "DC01")
    assert result.status == 3
    assert "Leave --domain-controller out" in result.err


def test_what_a_server_says_is_printed_without_commands_to_the_terminal(audit, live):
    answers = organization(connectors=1)
    answers[SEND] = replace(answers[SEND], warnings=("Mind \u202e\u009b this",))
    result = check(audit, live(answers), "--verbose")
    assert "\u202e" not in result.err
    assert "\u009b" not in result.err


def test_a_password_that_an_error_repeats_is_not_kept(audit, live, tmp_path):
    answers = organization(connectors=1)
    answers["Get-AdSite"] = Answer(fails=Problem(f"No: {SECRET}", "Odd"), warnings=(SECRET,))
    result = check(audit, live(answers), "--verbose", "--save-snapshot", "s.json")
    written = result.out + result.err + (tmp_path / "s.json").read_text("utf-8")
    assert SECRET not in written


def test_other_connectors_that_are_refused_leave_the_rest_decided(audit, live):
    answers = organization(connectors=2)
    answers[FOREIGN] = Answer(fails=Problem("Access is denied.", "Denied"))
    result = check(audit, live(answers))
    assert result.status == 0
    assert result.report["errors"][0]["message"].startswith(f"{FOREIGN} was not collected")
