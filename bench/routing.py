"""All routes of large organisations, in a process of its own: ``routing.py``. Prints JSON."""

from __future__ import annotations

import json
from time import perf_counter
from typing import TYPE_CHECKING, Final

from data import organisation

from auditor.model import Provenance, Snapshot
from auditor.normalise import normalise
from auditor.routing import traffic_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Connectors, Raw

ORGANISATIONS: Final = ((1, 10), (10, 100), (100, 1_000), (200, 2_000), (1_000, 10_000))
"""Connectors, and their address spaces together."""

_ROUNDS: Final = 7
_SITES: Final = 5
_STARS_EVERY: Final = 10
_LINK: Final = {"ADCost": 10, "ExchangeCost": None, "MaxMessageSize": "Unlimited"}
_LIMITS: Final = ("10 MB (10,485,760 bytes)", "35 MB (36,700,160 bytes)", "Unlimited")


def connectors_of(count: int, spaces: int, *, sites: bool) -> Connectors:
    """An organisation whose connectors share some address spaces, every third with a wildcard.

    Args:
        count: how many send connectors.
        spaces: how many address spaces they have together, beside some with ``*``.
        sites: whether they are on servers of several sites, with links between these.
    """
    plain = organisation(0)[0]
    found: list[Mapping[str, Raw]] = []
    for number in range(count):
        mine = range(number * spaces // count, (number + 1) * spaces // count)
        listed = [_space(space, spaces) for space in mine]
        listed += ["SMTP:*;1"] if number % _STARS_EVERY == 0 else []
        found.append(
            plain
            | {
                "Name": f"Connector {number}",
                "Guid": f"0292c782-9804-4d8b-0000-{number:012d}",
                "AddressSpaces": listed,
                "MaxMessageSize": _LIMITS[number % len(_LIMITS)],
                "SourceTransportServers": [f"EX{number % 20:02}"] if sites else ["EX00", "EX01"],
            }
        )
    objects: dict[str, tuple[Mapping[str, Raw], ...]] = {"SendConnector": tuple(found)}
    if sites:
        objects |= _surroundings()
    return normalise(Snapshot(None, Provenance("json", "made"), objects))


def _space(number: int, spaces: int) -> str:
    """An address space; of every ten domains one is taken twice."""
    domain = f"p{number % (spaces * 9 // 10)}.example"
    return f"SMTP:{'*.' if number % 3 == 0 else ''}{domain};{number % 4 + 1}"


def _surroundings() -> dict[str, tuple[Mapping[str, Raw], ...]]:
    servers = [
        {
            "Name": f"EX{number:02}",
            "Site": f"Site {number % _SITES}",
            "ServerRole": "Mailbox",
            "AdminDisplayVersion": "Version 15.2 (Build 1544.4)",
        }
        for number in range(20)
    ]
    links = [
        {"Sites": [f"Site {number}", f"Site {number + 1}"], **_LINK} for number in range(_SITES - 1)
    ]
    return {"ExchangeServer": tuple(servers), "AdSiteLink": tuple(links)}


def measured(count: int, spaces: int, *, sites: bool) -> dict[str, float]:
    """The best time for all classes of an organisation, in seconds, and how many there are.

    Raises:
        ValueError: a class is missing.
    """
    best, classes = float("inf"), 0
    for _ in range(_ROUNDS):
        # Values are read when they are first asked for: that is not routing.
        connectors = connectors_of(count, spaces, sites=sites)
        for connector in connectors.send:
            _ = connector.properties["AddressSpaces"], connector.properties["MaxMessageSize"]
        start = perf_counter()
        traffic = traffic_of(connectors)
        best = min(best, perf_counter() - start)
        classes = len({stretch.mail for stretch in traffic.stretches})
    if classes < spaces * 9 // 10:
        raise ValueError(f"{spaces} address spaces have only {classes} classes")
    return {"seconds": best, "classes": classes}


if __name__ == "__main__":
    print(
        json.dumps(
            [
                {
                    "connectors": count,
                    "spaces": spaces,
                    "one site": measured(count, spaces, sites=False),
                    "five sites": measured(count, spaces, sites=True),
                }
                for count, spaces in ORGANISATIONS
            ]
        )
    )
