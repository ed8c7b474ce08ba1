"""Every file in tests/policies is a test: what is refused with which words, what is loaded as what.

``invalid/<name>.yaml`` is a policy or a pack with a mistake, and ``<name>.txt`` beside it exactly
what the user is shown; ``valid/<name>.yaml`` looks like a mistake and is none, and its ``.txt`` is
what it says. ``parts`` are files that these name. ``tests/policies/regenerate.py`` writes the texts.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from auditor.errors import AuditError, PolicyError
from auditor.model import Policy
from auditor.policy import load_policy
from auditor.policy.pack_files import load_pack
from auditor.report.error_text import in_words

FOLDER = Path(__file__).resolve().parent.parent / "policies"
INVALID = sorted((FOLDER / "invalid").glob("*.yaml"))
VALID = sorted((FOLDER / "valid").glob("*.yaml"))

NOT_EXPLAINED = {"file-empty", "file-zip"}


class AcceptedError(Exception):
    """A policy that must be refused was loaded."""


def load(path):
    """The policy of a file, or its pack if that is what it says it is."""
    if re.search(rb"^schema: audit-pack/1$", path.read_bytes(), re.MULTILINE):
        return load_pack(path)
    return load_policy(path.name, path.parent)


def shown(path):
    """What the user is shown of a policy that is refused."""
    try:
        load(path)
    except AuditError as error:
        assert isinstance(error, PolicyError)
        return in_words(error).replace(str(path.parent), "<folder>")
    raise AcceptedError(path.name)


def said(path):
    """What a policy or a pack says beyond what it inherits from the built-in policy, in words."""
    found, base = load(path), load_policy("mimecast", FOLDER)
    lines = [f"{found.name}, version {found.version}"]
    if isinstance(found, Policy):
        lines += _said_by_policy(found, base)
    for control in found.controls.values():
        if control != base.controls.get(control.id):
            lines += _said_of_control(control, base.controls.get(control.id))
    return "\n".join(lines)


def _said_by_policy(policy, base):
    gateway, days = policy.gateway, policy.warn_days
    if gateway != base.gateway:
        yield f"gateway {gateway.name}: {', '.join(gateway.domains)}"
    if days != base.warn_days:
        yield f"warns {days} days before"
    yield f"connector {policy.connector_name!r}, region {policy.default_region!r}"
    for region in policy.regions.values():
        if region != base.regions.get(region.id):
            names = ", ".join((region.id, *region.aliases))
            hosts = ", ".join(region.smart_hosts)
            yield f"region {names} ({region.title}, {region.state}): {hosts}"
    for exemption in policy.exemptions:
        yield f"exemption of {exemption.connector!r} from {exemption.control}"
        yield f"  from {exemption.starts} to {exemption.expires}"
        yield from (f"  while {name} must {asked.must(name)}" for name, asked in exemption.only_if)
        if exemption.evidence:
            yield f"  while the evidence is {exemption.evidence}"
    yield from (f"pack {pack.name}: {', '.join(pack.controls)}" for pack in policy.packs)
    yield from (f"{name} is ignored" for name in base.controls if name not in policy.controls)


def _said_of_control(control, inherited):
    where = " on all connectors" if control.everywhere else ""
    state = ", unconfirmed" if control.unconfirmed else ""
    yield f"{control.id}{where} ({control.severity}{state})"
    yield from (f"  {name} must {asked.must(name)}" for name, asked in control.requirements)
    yield from (f"  when {name} must {asked.must(name)}" for name, asked in control.when)
    if control.not_applicable_because:
        yield f"  never, because: {control.not_applicable_because}"
    for name in ("why", "references"):
        words = getattr(control, name)
        if inherited and words == getattr(inherited, name):
            yield f"  inherits {name}"
        elif words:
            yield f"  {name}: {words!r}"


def test_there_are_policies_and_each_has_its_text():
    assert len(INVALID) >= 60
    assert len(VALID) >= 15
    for paths in (INVALID, VALID):
        texts = {path.stem for path in paths[0].parent.glob("*.txt")}
        assert texts == {path.stem for path in paths}


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_an_invalid_policy_is_refused_in_these_words(path):
    golden = path.with_suffix(".txt").read_bytes().decode()
    found = shown(path)
    if hasattr(yaml, "CBaseLoader") or not golden.startswith("audit: this is not YAML"):
        assert f"{found}\n" == golden
    else:  # without libyaml the words on syntax are other ones
        assert found.startswith("audit: ")
    place = re.search(r"^  in (.+\.yaml), line \d+, column \d+$", golden, re.MULTILINE)
    assert place is not None
    assert (path.parent / place[1]).is_file() or (FOLDER / "parts" / place[1]).is_file()


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_an_invalid_policy_says_what_is_wrong_with_it(path):
    text = path.read_bytes().replace(b"\0", b"").decode("utf-8", "ignore")
    assert ("# Wrong: " in text) == (path.stem not in NOT_EXPLAINED)


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_valid_policy_says_this(path):
    assert f"{said(path)}\n" == path.with_suffix(".txt").read_bytes().decode()
