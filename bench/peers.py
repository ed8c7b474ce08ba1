"""The peers, each asked the same question; runs under the peers' own Python.

``python peers.py NAME`` prints the times of one of them as JSON. Schema, patterns and policy are
made before anything is timed. Every job reads the bytes itself.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final

from data import CONNECTORS, HOSTS
from question import ASKED, CONSTANTS, HOST_PATTERNS, SCHEMA, SPACE_PATTERN, SPACES
from timing import measure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Job = Callable[[bytes], bool]

_REGO: Final = """
package bench

hosts := {HOSTS}
spaces := {SPACES}
enabled := [c | some c in input; c.Enabled != false]

ok if {
  count(enabled) == 1
  c := enabled[0]
  c.Enabled == true
  c.DNSRoutingEnabled == false
  c.SmartHostAuthMechanism == "None"
  c.IsScopedConnector == false
  c.Port == 25
  count(c.SourceTransportServers) > 0
  count(c.AddressSpaces) > 0
  every space in c.AddressSpaces { lower(space) in spaces }
  found := {lower(host) | some host in c.SmartHosts}
  found == hosts
}
"""


def jsonschema_errors() -> Job:
    """Jsonschema, every error found: is_valid would stop at the first and name no connector."""
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(SCHEMA)
    return lambda data: not list(validator.iter_errors(json.loads(data)))


def napalm_whole() -> Job:
    """Napalm given the connectors as they are; it copies each one that it compares."""
    from napalm.base.validate import compare

    def job(data: bytes) -> bool:
        # compare takes keys out of what it is given, so it must be new each time. How many
        # connectors there are has to be known: each expected one takes one away.
        disabled = [{"Enabled": False} for _ in range(CONNECTORS - 1)]
        expected = {"_mode": "strict", "list": [_napalm_gateway(), *disabled]}
        return compare(expected, json.loads(data))["complies"]

    return job


def napalm_asked() -> Job:
    """Napalm given only what is asked, one connector at a time, as a getter of one's own may."""
    from napalm.base.validate import compare

    def job(data: bytes) -> bool:
        enabled = [
            connector
            for connector in json.loads(data)
            if not compare({"Enabled": False}, {"Enabled": connector["Enabled"]})["complies"]
        ]
        fits = [compare(_napalm_gateway(), _asked(found))["complies"] for found in enabled]
        return fits == [True]

    return job


def _napalm_gateway() -> dict[str, object]:
    return {
        "Enabled": True,
        **CONSTANTS,
        "SmartHostAuthMechanism": "^None$",
        "AddressSpaces": {"_mode": "strict", "list": [SPACE_PATTERN]},
        "SmartHosts": {"_mode": "strict", "list": list(HOST_PATTERNS)},
        "SourceTransportServers": {"list": ["."]},
    }


def jdiff_exact() -> Job:
    """Jdiff's comparison with a reference.

    It cannot ignore case or order, and has no way to say "at least one", so it need not, and the
    source servers are not asked about. The reference must know how many connectors there are.
    """
    from jdiff import CheckType

    check = CheckType.create("exact_match")
    gateway = {"Enabled": True, "AddressSpaces": ["SMTP:*;1"], "SmartHosts": list(HOSTS)}
    reference = [gateway | CONSTANTS, *({"Enabled": False} for _ in range(CONNECTORS - 1))]
    names = tuple(reference[0])

    def job(data: bytes) -> bool:
        found = [
            {name: connector[name] for name in (names if connector["Enabled"] else ("Enabled",))}
            for connector in json.loads(data)
        ]
        return check.evaluate(reference, found)[1]

    return job


def jdiff_checks() -> Job:
    """Jdiff's single checks in a row: parameters with ==, one pattern, one subset.

    A pattern needs text, so the hosts are taken from SmartHostsString.
    """
    from jdiff import CheckType

    same, subset = CheckType.create("parameter_match"), CheckType.create("operator")
    matches = CheckType.create("regex")
    empty: Mapping[str, object] = {"AddressSpaces": [], "SourceTransportServers": []}
    spaces = {"params": {"mode": "is-subset-ci", "operator_data": SPACES}}
    first, second = (pattern.removeprefix("(?i)^").rstrip("$") for pattern in HOST_PATTERNS)
    hosts = f"(?i)^({first},{second}|{second},{first})$"

    def job(data: bytes) -> bool:
        connectors = json.loads(data)
        not_disabled, _ = same.evaluate({"Enabled": False}, connectors, "match")
        found = [connectors[index] for index in not_disabled]
        results = (
            same.evaluate({"Enabled": True, **CONSTANTS}, found, "match"),
            same.evaluate(empty, found, "no-match"),
            subset.evaluate(spaces, [{0: {0: c["AddressSpaces"]}} for c in found]),
            matches.evaluate(hosts, [{0: {0: c["SmartHostsString"]}} for c in found], "match"),
        )
        return len(found) == 1 and all(holds for _, holds in results)

    return job


def rego_whole() -> Job:
    """Rego given the connectors as they are."""
    return _rego(lambda connectors: connectors)


def rego_asked() -> Job:
    """Rego given only what is asked: handing over a value costs it more than the policy does."""
    return _rego(lambda connectors: [_asked(connector) for connector in connectors])


def _rego(given: Callable[[list[dict[str, object]]], object]) -> Job:
    from regopy import Interpreter

    policy = _REGO.replace("{HOSTS}", _rego_set(HOSTS)).replace("{SPACES}", _rego_set(SPACES))
    builder, interpreter = Interpreter(), Interpreter()
    builder.add_module("bench", policy)
    bundle = builder.build("data.bench.ok")

    def job(data: bytes) -> bool:
        # Faster than set_input_term, which parses the JSON text as Rego.
        interpreter.set_input(given(json.loads(data)))
        return str(interpreter.query_bundle(bundle)) == '{"expressions":[true]}'

    return job


def _rego_set(words: tuple[str, ...]) -> str:
    return "{" + json.dumps(words)[1:-1] + "}"


def _asked(connector: dict[str, object]) -> dict[str, object]:
    return {name: connector[name] for name in ASKED}


PEERS: Final[Mapping[str, Callable[[], Job]]] = {
    "jsonschema": jsonschema_errors,
    "napalm compare, whole export": napalm_whole,
    "napalm compare, asked properties": napalm_asked,
    "jdiff exact_match, asked properties": jdiff_exact,
    "jdiff parameter_match, regex, operator": jdiff_checks,
    "regopy, whole export": rego_whole,
    "regopy, asked properties": rego_asked,
}

if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], PEERS[sys.argv[1]]())))
