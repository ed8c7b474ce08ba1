"""Audits to be kept: really collected and evaluated, each of an organisation made for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from auditor.collect import read_snapshots
from auditor.evaluate import evaluate
from auditor.normalise import normalise
from auditor.policy import find_region, load_policy

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NIGHT = timedelta(days=1)
TOOL = "audit 0.1.0"


@cache
def policy(text=None, folder=None):
    """The built-in policy, or one of a text that is written to a folder."""
    if text is None:
        return load_policy("mimecast", Path())
    (folder / "policy.yaml").write_text(text, "utf-8")
    return load_policy("policy.yaml", folder)


def evaluated(snapshot, at=NOW, organization="Contoso", policy_=None):
    """The audit of a snapshot."""
    held = policy_ or policy()
    region = find_region(held, "na")
    return evaluate(normalise(snapshot), held, region, at, snapshot, organization)


def audit_of(*connectors, at=NOW, organization="Contoso", file="connectors.json"):
    """The audit of send connectors, as an export has them."""
    data = json.dumps(list(connectors)).encode()
    return evaluated(read_snapshots([(file, data)]), at, organization)


def compliant(at=NOW):
    return audit_of(_connector(), at=at)


def drifted(at=NOW, port=587):
    return audit_of(_connector(Port=port), at=at)


def undecided(at=NOW):
    found = _connector()
    del found["Port"]
    return audit_of(found, at=at)


def _connector(**changes):
    # Late: a process that only writes runs need not wait for all that tests need.
    from tests.conftest import connector

    return connector(**changes)


def keep(store, audit, key="Contoso", at=None, *, as_of=False, machine="ops01"):
    """Keep an audit, at the time of its evaluation if no other is given."""
    now = at or audit.evaluated_at
    return store.record(audit, key, as_of=as_of, now=now, tool=TOOL, machine=machine)
