"""The parts of an OSCAL document besides its findings: what was asked, of what, and by whom.

Source: http://csrc.nist.gov/ns/oscal/1.2.0/oscal-ar-schema.json .
"""

from __future__ import annotations

import base64
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import auditor
from auditor.moments import rfc3339
from auditor.report.oscal.results import key_of, objective_of
from auditor.report.oscal.text import Part, identity, markup, properties, token
from auditor.report.wording import requirements
from auditor.snapshot import digest

if TYPE_CHECKING:
    from auditor.model import Audit, Connector, Control, Json

VERSION: Final = "1.2.0"
_TOOL: Final = identity("tool", auditor.__version__)
_PLATFORM: Final = identity("platform", auditor.__version__)
ORIGINS: Final[list[Json]] = [{"actors": [{"type": "tool", "actor-uuid": _TOOL}]}]
UNKNOWN: Final = datetime(1970, 1, 1, tzinfo=UTC)


def metadata(title: str, moment: datetime | None) -> Part:
    """What the document is; our own mark comes first, however long the title is."""
    at = rfc3339(moment or UNKNOWN)
    return {
        "props": properties({"tool": f"connector-auditor {auditor.__version__}"}),
        "title": markup(title),
        "last-modified": at,
        "version": at,
        "oscal-version": VERSION,
    }


def organization_of(audit: Audit) -> str:
    """What to call the organisation."""
    return audit.organization or "an Exchange organization (not named in the data)"


def objectives(audit: Audit) -> list[Json]:
    """What each control asks, so that findings refer to something."""
    made: list[Json] = []
    for control in _controls(audit):
        said = [control.title or control.id, *requirements(control, audit), control.why]
        part = {
            "id": objective_of(control.id),
            "name": "assessment-objective",
            "prose": markup(" ".join(text for text in said if text)),
        }
        named = properties({"control": control.id})
        made.append({"control-id": token(control.id), "props": named, "parts": [part]})
    return made


def selections(audit: Audit) -> list[Json]:
    """The reviewed controls: the policy's own, then those of each pack."""
    packs = audit.policy.packs_by_control
    by_source: dict[str, list[Json]] = {}
    for control in _controls(audit):
        pack = packs.get(control.id)
        own = f"Controls of the policy {audit.policy.name} {audit.policy.version}"
        source = f"{pack.title or pack.name} ({pack.name} {pack.version or ''})" if pack else own
        by_source.setdefault(source, []).append({"control-id": token(control.id)})
    return [
        {"description": markup(source), "include-controls": controls}
        for source, controls in by_source.items()
    ]


def _controls(audit: Audit) -> list[Control]:
    """The controls that have findings, in their order."""
    return list({finding.control.id: finding.control for finding in audit.findings}.values())


def connectors(audit: Audit) -> dict[tuple[str, int], tuple[str, Connector]]:
    """The UUID of each connector that has a finding; two that nothing tells apart are counted."""
    found: dict[tuple[str, int], tuple[str, Connector]] = {}
    seen: Counter[str] = Counter()
    for connector in (finding.connector for finding in audit.findings):
        if connector is None or key_of(connector) in found:
            continue
        name = connector.name.lower() if connector.name else f"#{connector.position}"
        which = ["guid", connector.guid] if connector.guid else ["name", name]
        parts = [audit.organization, connector.cmdlet, *which]
        same = identity("connector", *parts)
        seen[same] += 1
        again = same if seen[same] == 1 else identity("connector", *parts, seen[same])
        found[key_of(connector)] = (again, connector)
    return found


def system_component(audit: Audit, uuid: str) -> Part:
    """The organisation, as a component."""
    return {
        "uuid": uuid,
        "type": "this-system",
        "title": markup(organization_of(audit)),
        "description": "The Exchange organization that was audited.",
        "status": {"state": "operational"},
    }


def connector_component(uuid: str, connector: Connector) -> Part:
    """A connector, as a component: it leads out of the system."""
    enabled = connector.properties["Enabled"] is True
    off: Part = {"state": "other", "remarks": "It is not known to be enabled."}
    return {
        "uuid": uuid,
        "type": "interconnection",
        "title": markup(connector.label),
        "description": "A connector, by which mail leaves the organization.",
        "props": properties({"cmdlet": connector.cmdlet, "guid": connector.guid}),
        "status": {"state": "operational"} if enabled else off,
    }


def assets() -> Part:
    """This program, which every observation comes from."""
    tool = {
        "uuid": _TOOL,
        "type": "software",
        "title": "connector-auditor",
        "description": "Holds exported settings against a policy. It changes nothing.",
        "props": [{"name": "version", "value": auditor.__version__}],
        "status": {"state": "operational"},
    }
    platform = {"uuid": _PLATFORM, "uses-components": [{"component-uuid": _TOOL}]}
    return {"components": [tool], "assessment-platforms": [platform]}


def policy_resource(audit: Audit) -> Part:
    """The policy, which stands where an assessment plan would."""
    policy = audit.policy
    packs = ", ".join(pack.name for pack in policy.packs)
    return _resource(
        identity("policy", policy.sha256),
        f"Policy {policy.name} {policy.version}",
        "The effective policy, its packs included; the digest is over its canonical JSON.",
        policy.sha256,
        {"policy": policy.name, "version": policy.version, "packs": packs or None},
    )


def snapshot_resource(audit: Audit) -> Part:
    """The snapshot, which is the evidence."""
    origin, sha256 = audit.snapshot.provenance, digest(audit.snapshot)
    return _resource(
        identity("snapshot", sha256),
        f"Snapshot of {', '.join(origin.files) or origin.location}",
        "What was collected; the digest is over its canonical JSON, as a saved snapshot has it.",
        sha256,
        {"source": origin.location, "kind": origin.kind, "account": origin.account},
    )


def _resource(
    uuid: str, title: str, description: str, sha256: str, values: dict[str, str | None]
) -> Part:
    """Something outside, named by its digest."""
    name = base64.urlsafe_b64encode(bytes.fromhex(sha256)).decode("ascii").rstrip("=")
    return {
        "uuid": uuid,
        "title": markup(title),
        "description": description,
        "props": properties(values),
        "rlinks": [
            {
                "href": f"ni:///sha-256;{name}",
                "media-type": "application/json",
                "hashes": [{"algorithm": "SHA-256", "value": sha256}],
            }
        ],
    }
