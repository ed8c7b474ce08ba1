"""``region: smart_hosts``: exactly the hosts of the region that the audit is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.kinds import SMART_HOSTS
from auditor.model import Undecided
from auditor.policy.fields import choice
from auditor.policy.matchers.base import Uncompared, Uncounted, cannot_apply
from auditor.policy.matchers.equality import Equals

if TYPE_CHECKING:
    from auditor.kinds import Kind
    from auditor.model import Json, Matcher, Present, Scene
    from auditor.yamlfile import Node


@dataclass(frozen=True, slots=True)
class RegionSmartHosts(Uncompared, Uncounted):
    """Exactly the smart hosts of the region that the audit is for."""

    def holds(self, actual: Present | None) -> bool:  # noqa: ARG002
        """Never: without a region nothing is right."""
        return False

    def expected(self) -> Json:
        """The matcher as an object."""
        return {"region": "smart_hosts"}

    def must(self, name: str) -> str:  # noqa: ARG002
        """``be exactly the smart hosts of the region``."""
        return "be exactly the smart hosts of the region"

    def mended(self, actual: Present | None) -> Undecided:  # noqa: ARG002
        """Unknown, without a region."""
        return Undecided("which region is meant is not known")

    def within(self, scene: Scene) -> Matcher:
        """Equality with the region's hosts."""
        return self if scene.region is None else Equals(SMART_HOSTS, scene.region.smart_hosts)

    @property
    def needs_region(self) -> bool:
        """Yes."""
        return True


def read_region(node: Node, name: str, kind: Kind) -> Matcher:
    """smart_hosts: exactly the smart hosts of the region that the audit is for."""
    if kind is not SMART_HOSTS:
        cannot_apply(node, "region", name, kind, "It gives smart hosts.")
    choice(node, f"'region' of {name}", ["smart_hosts"])
    return RegionSmartHosts()
