"""``extends``: a child's document over its parent's.

Mappings merge key by key and lists replace, but exemptions add up. Under a property, a child's
matchers replace all of its parent's, and its severity, why, references and ``when`` are inherited
where the child is silent.
"""

from __future__ import annotations

from auditor.policy.controls import DETAILS, INHERITED
from auditor.yamlfile import Node


def merged(parent: Node, child: Node) -> Node:
    """The child's document with what it inherits."""
    document = _over(_lowered_regions(parent), _lowered_regions(child), skip=("connector",))
    entries = dict(_entries(document))
    keys = dict(document.keys or {})
    entries.pop("extends", None)
    connector = _merged_connector(
        _entries(parent).get("connector"), _entries(child).get("connector")
    )
    if connector is not None:
        entries["connector"] = connector
    controls = _merged_controls(_entries(parent).get("controls"), _entries(child).get("controls"))
    if controls is not None:
        entries["controls"] = controls
    exemptions = _added_up(_entries(parent).get("exemptions"), _entries(child).get("exemptions"))
    if exemptions is not None:
        entries["exemptions"] = exemptions
    return Node(entries, child.place, keys)


def _merged_controls(parent: Node | None, child: Node | None) -> Node | None:
    """Both of them; where one is missing or no mapping, the child, or else the parent."""
    if parent is None or child is None or not isinstance(child.value, dict):
        return child or parent
    entries = dict(_entries(parent))
    for name, node in child.value.items():
        is_mapping = isinstance(node.value, dict)
        entries[name] = _merged_property(entries.get(name), node) if is_mapping else node
    return Node(entries, child.place, {**(parent.keys or {}), **(child.keys or {})})


def _added_up(parent: Node | None, child: Node | None) -> Node | None:
    if parent is None or child is None:
        return child or parent
    lists = [node.value for node in (parent, child) if isinstance(node.value, tuple)]
    return Node(tuple(item for items in lists for item in items), child.place)


def _lowered_regions(node: Node) -> Node:
    """The document with the ids of its regions in lower case: they go by any."""
    regions = _entries(node).get("regions")
    if regions is None or not isinstance(regions.value, dict):
        return node
    lowered = {key.lower(): value for key, value in regions.value.items()}
    keys = {key.lower(): place for key, place in (regions.keys or {}).items()}
    entries = {**_entries(node), "regions": Node(lowered, regions.place, keys)}
    return Node(entries, node.place, node.keys)


def _entries(node: Node | None) -> dict[str, Node]:
    return node.value if node is not None and isinstance(node.value, dict) else {}


def _over(parent: Node, child: Node, skip: tuple[str, ...] = (), *, deep: bool = True) -> Node:
    """Key by key where both are mappings; else the child. ``skip`` are keys not to go into."""
    if not isinstance(parent.value, dict) or not isinstance(child.value, dict):
        return child
    entries = dict(parent.value)
    for key, node in child.value.items():
        known = entries.get(key)
        into = deep and key not in skip and known is not None
        entries[key] = _over(known, node) if into and known is not None else node
    return Node(entries, child.place, {**(parent.keys or {}), **(child.keys or {})})


def _merged_connector(parent: Node | None, child: Node | None) -> Node | None:
    if parent is None or child is None:
        return child or parent
    connector = _over(parent, child, skip=("properties",))
    entries = dict(_entries(connector))
    ours, theirs = _entries(parent).get("properties"), _entries(child).get("properties")
    if ours is not None and theirs is not None:
        properties = dict(_entries(ours))
        for name, node in _entries(theirs).items():
            properties[name] = _merged_property(properties.get(name), node)
        keys = {**(ours.keys or {}), **(theirs.keys or {})}
        entries["properties"] = Node(properties, theirs.place, keys)
    elif ours is not None:
        entries["properties"] = ours
    return Node(entries, connector.place, connector.keys)


def _merged_property(parent: Node | None, child: Node) -> Node:
    """A property's matchers come from one of the two, its details from both."""
    if parent is None:
        return child
    inherited = parent.value if isinstance(parent.value, dict) else {"equals": parent}
    given = child.value if isinstance(child.value, dict) else {"equals": child}
    asks = any(key not in DETAILS for key in given)
    if given:
        # Whoever says something of a control wants it: an inherited ignore does not outlive that.
        inherited = {key: node for key, node in inherited.items() if key != "ignore"}
    kept = {key: node for key, node in inherited.items() if key in INHERITED or not asks}
    if "when" in kept and "when" in given:
        given = {**given, "when": _over(kept["when"], given["when"], deep=False)}
    return Node({**kept, **given}, child.place, {**(parent.keys or {}), **(child.keys or {})})
