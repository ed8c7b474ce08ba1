"""The controls of a policy: a property with its matchers, or one of the special ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from auditor.errors import PolicyError
from auditor.model import SEVERITIES, Control, Requirement
from auditor.policy.fields import choice, mapping, text, texts
from auditor.policy.matchers import MATCHERS, read_equals, read_matchers
from auditor.policy.requirements import NEVER, is_ignored, kind_of, read_requirements, some_matcher
from auditor.policy.words import SPECIAL as SPECIAL

if TYPE_CHECKING:
    from auditor.errors import Place
    from auditor.model import Severity
    from auditor.yamlfile import Node

INHERITED: Final = ("severity", "why", "references", "when")
"""What a child's matchers leave as its parent has it."""

DETAILS: Final = (*INHERITED, NEVER)
SPECIAL_KEYS: Final = ("ignore", "severity", "why", "references", NEVER)
DEFAULT_SEVERITY: Final = "medium"


def read_property(name: str, node: Node, place: Place) -> Control | None:
    """The control on a property; None where it is ignored.

    Raises:
        PolicyError: the property does not exist, or nothing would be checked.
    """
    kind = kind_of(name, place)
    if not isinstance(node.value, dict):
        return make_control(name, (Requirement(name, read_equals(node, name, kind)),), {}, place)
    entries = mapping(node, name, (*MATCHERS, "ignore", *DETAILS))
    if is_ignored(node, entries, name):
        make_control(name, (), entries, place)  # what stands beside it must be right as well
        return None
    matcher = read_matchers(entries, name, kind, node.keys)
    if matcher is None and NEVER not in entries:
        if name == "Name":
            return None  # only where the policy names the connector
        message = f"{name} has no matcher, so nothing would be checked"
        raise PolicyError(message, place, some_matcher())
    required = () if matcher is None else (Requirement(name, matcher),)
    return make_control(name, required, entries, place)


def read_special(name: str, node: Node, place: Place) -> Control | None:
    """A control that is no property; None where it is ignored."""
    entries = mapping(node, name, SPECIAL_KEYS)
    ignored = is_ignored(node, entries, name)
    control = make_control(name, (), entries, place)
    return None if ignored else control


def make_control(
    identifier: str,
    requirements: tuple[Requirement, ...],
    entries: dict[str, Node],
    place: Place,
) -> Control:
    """A control with the details that its entries give."""
    return Control(
        id=identifier,
        requirements=requirements,
        severity=_severity(entries),
        why=text(entries["why"], "why").strip() if "why" in entries else None,
        references=texts(entries["references"], "references") if "references" in entries else (),
        position=place,
        when=read_requirements(entries["when"], "when") if "when" in entries else (),
        not_applicable_because=text(entries[NEVER], NEVER).strip() if NEVER in entries else None,
    )


def _severity(entries: dict[str, Node]) -> Severity:
    if "severity" not in entries:
        return DEFAULT_SEVERITY
    word = choice(entries["severity"], "severity", SEVERITIES)
    return next(severity for severity in SEVERITIES if severity == word)
