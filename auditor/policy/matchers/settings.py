"""``equals_from``: the value that the organisation has in another place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.errors import shortened
from auditor.model import ABSENT, Undecided, Unreadable
from auditor.policy.fields import fail, text
from auditor.policy.matchers.base import Everywhere, Uncompared, Uncounted, cannot_apply
from auditor.policy.matchers.equality import Equals
from auditor.policy.words import hint_for
from auditor.properties import SETTINGS

if TYPE_CHECKING:
    from auditor.kinds import Kind
    from auditor.model import Json, Matcher, Present, Scene
    from auditor.yamlfile import Node


@dataclass(frozen=True, slots=True)
class EqualsFrom(Everywhere, Uncompared, Uncounted):
    """The value equals a setting of the organisation; ``problem`` is why that is not known."""

    kind: Kind
    setting: str
    problem: str = "it was not looked up"

    def holds(self, actual: Present | None) -> Undecided:  # noqa: ARG002
        """Not known, as long as the setting is not."""
        return Undecided(f"{self.setting} is needed, and {self.problem}")

    def expected(self) -> Json:
        """The matcher as an object."""
        return {"equals_from": self.setting}

    def must(self, name: str) -> str:  # noqa: ARG002
        """``be the same as TransportConfig.MaxSendSize``."""
        return f"be the same as {self.setting}"

    def mended(self, actual: Present | None) -> Undecided:
        """Unknown, as long as the setting is."""
        return self.holds(actual)

    def within(self, scene: Scene) -> Matcher:  # type: ignore[override]
        """Equality with the organisation's value, where that is known."""
        value = ABSENT if scene.settings is None else scene.settings[self.setting]
        if value is ABSENT:
            cmdlet = f"Get-{self.setting.partition('.')[0]}"
            return EqualsFrom(self.kind, self.setting, f"{cmdlet} was not collected")
        if isinstance(value, Unreadable):
            return EqualsFrom(self.kind, self.setting, f"it could not be read: {value.reason}")
        return Equals(self.kind, value, self.setting)


def read_equals_from(node: Node, name: str, kind: Kind) -> Matcher:
    """The value is the same as another setting of the organisation."""
    setting = text(node, f"'equals_from' of {name}")
    known = SETTINGS.get(setting)
    if known is None:
        fail(
            node,
            f"there is no setting {shortened(setting)} to compare with",
            hint_for(setting, SETTINGS),
        )
    if known is not kind:
        cannot_apply(node, "equals_from", name, kind, f"{setting} holds {known.phrase}.")
    return EqualsFrom(kind, setting)
