"""What is judged of words alone: domains, name servers, replies of the gateway."""

from __future__ import annotations

import pytest

from auditor.cli.probe_options import read_servers
from auditor.errors import UsageError
from auditor.evaluate.gateway_replies import addresses_in, meaning_of
from auditor.evaluate.sender_policy import public_domains


def test_only_domains_that_the_internet_sees_are_looked_at():
    domains = ["contoso.com", "*.contoso.com", "*.fabrikam.com", "ad.contoso.local", "contoso"]
    domains += ["contoso.onmicrosoft.com", "contoso.mail.onmicrosoft.com", "corp.internal"]
    public, others = public_domains(domains)
    assert public == ["contoso.com", "fabrikam.com"]
    assert others == domains[3:]


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        (None, ()),
        ("192.0.2.53", (("192.0.2.53", 53),)),
        ("192.0.2.53:5353", (("192.0.2.53", 5353),)),
        ("2001:db8::53", (("2001:db8::53", 53),)),
        ("[2001:db8::53]:5353", (("2001:db8::53", 5353),)),
        ("[2001:db8::53]", (("2001:db8::53", 53),)),
    ],
)
def test_a_name_server_is_an_address_with_or_without_a_port(text, servers):
    assert read_servers(text) == servers


@pytest.mark.parametrize(
    "text",
    ["dns", "192.0.2.53:" + "1" * 5000, "192.0.2.53:", "192.0.2.53:0", "192.0.2.53:x", ":53", ""],
)
def test_anything_else_is_no_name_server(text):
    with pytest.raises(UsageError, match="--resolver cannot be"):
        read_servers(text)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (
            "451 Open relay not allowed - https://community.mimecast.com/docs/DOC-1369#451",
            "authoris",
        ),
        ("451 Account outbounds disabled", "switched off"),
        ("535 5.7.8 Error", "user name"),
        ("550 submitter failed to authenticate", "user name"),
        ("553 This route requires encryption (TLS 1.2+)", "TLS 1.2"),
        ("550 Exceeding outbound thread limit", "throttled"),
        ("452 Too many recipients", "throttled"),
        ("554 Maximum email size exceeded", "larger"),
    ],
)
def test_each_known_reply_of_the_gateway_is_explained(reply, words):
    assert words in meaning_of(reply).text


@pytest.mark.parametrize("reply", ["250 OK", "451 try later", "550 5350 unknown user"])
def test_a_reply_that_is_not_known_is_not_explained(reply):
    assert meaning_of(reply) is None


def test_addresses_are_found_in_words():
    lines = ["gateway Hello [203.0.113.7], pleased", "from 2001:DB8::7.", "1.2.3 at 10:02:30 5.7.1"]
    assert addresses_in(lines) == ["203.0.113.7", "2001:db8::7"]
