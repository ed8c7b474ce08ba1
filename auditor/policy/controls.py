"""The controls of a policy: a property with its matchers, or one of the special ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.errors import PolicyError, did_you_mean, nearest
from auditor.model import SEVERITIES, Control
from auditor.policy.fields import boolean, choice, fail, mapping, text, texts
from auditor.policy.matchers import MATCHERS, read_equals, read_matchers
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from auditor.errors import Place
    from auditor.model import Matcher, Severity
    from auditor.yamlfile import Node

SPECIAL: Final = ("ConnectorPresent", "OtherOutboundConnectors")
"""Controls that are no property, in the order of the report; properties stand between them."""

DETAILS: Final = ("severity", "why", "references")
DEFAULT_SEVERITY: Final = "medium"


def read_property(name: str, node: Node, place: Place) -> Control | None:
    """The control on a property; None where it is ignored.

    Raises:
        PolicyError: the property does not exist, or nothing would be checked.
    """
    known = PROPERTIES.get(name)
    if known is None:
        raise PolicyError(
            f"Exchange's send connectors have no property {name!r}",
            place,
            did_you_mean(name, PROPERTIES)
            if nearest(name, PROPERTIES)
            else "Properties have the names that Get-SendConnector prints.",
        )
    if not isinstance(node.value, dict):
        return make_control(name, name, read_equals(node, name, known.kind), {}, place)
    entries = mapping(node, name, (*MATCHERS, "ignore", *DETAILS))
    if _is_ignored(node, entries, name):
        return None
    matcher = read_matchers(entries, name, known.kind)
    if matcher is None:
        if name == "Name":
            return None  # only where the policy names the connector
        raise PolicyError(
            f"{name} has no matcher, so nothing would be checked",
            place,
            f"Add one of: {', '.join(MATCHERS)}; or ignore: true.",
        )
    return make_control(name, name, matcher, entries, place)


def _is_ignored(node: Node, entries: dict[str, Node], name: str) -> bool:
    if "ignore" not in entries:
        return False
    if not boolean(entries["ignore"], "ignore"):
        fail(entries["ignore"], "ignore can only be true", "Leave it out.")
    others = [key for key in entries if key in MATCHERS]
    if others:
        fail(node, f"{name} is ignored and has the matcher {others[0]!r}")
    return True


def read_special(name: str, node: Node, place: Place) -> Control | None:
    """A control that is no property; None where it is ignored."""
    entries = mapping(node, name, ("ignore", *DETAILS))
    if _is_ignored(node, entries, name):
        return None
    return make_control(name, None, None, entries, place)


def make_control(
    identifier: str,
    property_name: str | None,
    matcher: Matcher | None,
    entries: dict[str, Node],
    place: Place,
) -> Control:
    """A control with the severity, why and references that its entries give."""
    return Control(
        id=identifier,
        property=property_name,
        matcher=matcher,
        severity=_severity(entries),
        why=text(entries["why"], "why").strip() if "why" in entries else None,
        references=texts(entries["references"], "references") if "references" in entries else (),
        position=place,
    )


def _severity(entries: dict[str, Node]) -> Severity:
    if "severity" not in entries:
        return DEFAULT_SEVERITY
    word = choice(entries["severity"], "severity", SEVERITIES)
    return next(severity for severity in SEVERITIES if severity == word)
