"""What a policy says again although it inherits it: a later change above would not reach it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.errors import PolicyError
from auditor.kinds import SMART_HOSTS
from auditor.policy.documents import read_file
from auditor.policy.fields import key_place
from auditor.policy.lint.draft import Found, asked_place, at, said_at
from auditor.policy.matchers import read_equals, read_matchers, read_value
from auditor.policy.merge import merged
from auditor.policy.requirements import NEVER
from auditor.properties import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.errors import Place
    from auditor.model import Matcher
    from auditor.policy.documents import Document
    from auditor.policy.lint.draft import Draft
    from auditor.yamlfile import Node

_DETAILS: Final = ("severity", "why", "references")
_HINT: Final = "Leave it out: then a change there reaches this policy too."


class Step(NamedTuple):
    """One ``extends``: what a file says itself, and all that it inherits."""

    own: Node
    inherited: Node


def steps(document: Document | None) -> Iterator[Step]:
    """Each ``extends`` on the way from the policy up, the topmost first."""
    if document is None:
        return
    *children, top = [read_file(path) for path in document.files]
    inherited = top
    for own in reversed(children):
        yield Step(own, inherited)
        inherited = merged(inherited, own)


def restated_value(draft: Draft) -> Iterator[Found]:
    """A policy asks of a property exactly what it inherits."""
    for own, inherited in steps(draft.document):
        for name, node in _entries(at(own, "connector", "properties")).items():
            before = at(inherited, "connector", "properties", name)
            matcher = _matcher(name, node)
            known = None if before is None else _matcher(name, before)
            if matcher is None or known is None or before is None:
                continue
            if matcher.expected() == known.expected():
                where = asked_place(before, before.place)
                yield Found(
                    f"{name} must {matcher.must(name)}: that is inherited ({said_at(where)})",
                    asked_place(node, node.place),
                    _HINT,
                )


def restated_detail(draft: Draft) -> Iterator[Found]:
    """A policy gives a control the severity, why or references that it inherits."""
    for own, inherited in steps(draft.document):
        for path in (("connector", "properties"), ("controls",)):
            for name, node in _entries(at(own, *path)).items():
                for key in _DETAILS:
                    said, known = at(node, key), at(inherited, *path, name, key)
                    if said is not None and known is not None and _plain(said) == _plain(known):
                        yield _restated(f"{name}: the same {key}", said.place, known.place)


def restated_region(draft: Draft) -> Iterator[Found]:
    """A policy says nothing of a region but what it inherits."""
    for own, inherited in steps(draft.document):
        listed = at(own, "regions")
        known = {
            name.lower(): (node, key_place(at(inherited, "regions"), name))
            for name, node in _entries(at(inherited, "regions")).items()
        }
        for name, node in _entries(listed).items():
            before, where = known.get(name.lower(), (None, None))
            if before is not None and where is not None and _says_no_more(node, before):
                yield _restated(f"the region {name!r}: the same", key_place(listed, name), where)


def _restated(what: str, place: Place, inherited: Place) -> Found:
    verb = "are" if what.endswith("references") else "is"
    return Found(f"{what} {verb} inherited ({said_at(inherited)})", place, _HINT)


def _matcher(name: str, node: Node) -> Matcher | None:
    """What a property's node asks; None where it asks nothing that is judged."""
    known = PROPERTIES.get(name)
    with suppress(PolicyError):  # a file above may ask nonsense that a child replaces
        if known is None or NEVER in _entries(node):
            return None
        if not isinstance(node.value, dict):
            return read_equals(node, name, known.kind)
        return read_matchers(node.value, name, known.kind)
    return None


def _says_no_more(node: Node, before: Node) -> bool:
    own, known = _entries(node), _entries(before)
    return bool(own) and all(
        key in known and _region_value(key, child) == _region_value(key, known[key])
        for key, child in own.items()
    )


def _region_value(key: str, node: Node) -> object:
    """A value of a region as it compares."""
    if key == "smart_hosts":
        return read_value(node, key, SMART_HOSTS)
    plain = _plain(node)
    if key == "aliases" and isinstance(plain, tuple):
        return {str(alias).lower() for alias in plain}
    return plain


def _plain(node: Node) -> object:
    """The value of a node without its places."""
    if isinstance(node.value, tuple):
        return tuple(_plain(item) for item in node.value)
    return node.value.strip() if isinstance(node.value, str) else node.value


def _entries(node: Node | None) -> dict[str, Node]:
    return node.value if node is not None and isinstance(node.value, dict) else {}
