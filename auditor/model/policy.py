"""What must hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from auditor.errors import Place
    from auditor.model.inventory import Properties
    from auditor.model.values import Json, Present, Undecided

Severity: TypeAlias = Literal["critical", "high", "medium", "low"]
SEVERITIES: Final[tuple[Severity, ...]] = ("critical", "high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Region:
    """A service region of the gateway. ``state`` is ``confirmed`` or ``unconfirmed``.

    ``spf_include`` is what the SPF records of its customers include; None where that is not known.
    """

    id: str
    title: str
    aliases: tuple[str, ...]
    smart_hosts: tuple[str, ...]
    state: str = "confirmed"
    spf_include: str | None = None


@dataclass(frozen=True, slots=True)
class Gateway:
    """Whose hosts these are: a name for people, and the domains its hosts are under."""

    name: str
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a policy is applied: what some matchers need beside the value.

    ``settings`` are the organisation's, by ``TransportConfig.MaxSendSize``; None: not known.
    """

    region: Region | None = None
    settings: Properties | None = None


class Matcher(Protocol):
    """What must hold of one property's value."""

    def holds(self, actual: Present | None) -> bool | Undecided:
        """Whether a value that could be read is as it must be."""
        ...

    def expected(self) -> Json:
        """The value that must hold, or the matcher as an object."""
        ...

    def must(self, name: str) -> str:
        """In words, what a property must: ``be at most 50 MB``."""
        ...

    def compared(self, actual: Present | None) -> tuple[Present | None, Present | None] | None:
        """Expected and actual, spelled comparably; None where equality is not asked."""
        ...

    def within(self, scene: Scene) -> Matcher:
        """The same matcher in an organisation and a region."""
        ...

    def without(self, items: tuple[str, ...]) -> Matcher:
        """The same matcher where these items of a list do not count."""
        ...

    def mended(self, actual: Present | None) -> Present | Undecided | None:
        """The value nearest to the actual one that is as it must be, where that can be told."""
        ...

    @property
    def needs_region(self) -> bool:
        """Whether it says nothing without a region."""
        ...


class Requirement(NamedTuple):
    """A property, and what must hold of it."""

    property: str
    matcher: Matcher


@dataclass(frozen=True, slots=True)
class Control:
    """One thing that is checked.

    Attributes:
        id: the property's name, or the published identifier.
        requirements: what must hold; none for the special controls, several for some of packs.
        severity: how much it matters.
        why: the reason, for people.
        references: where the reason comes from.
        position: where the policy says it.
        title: what a pack calls it.
        when: it applies only where all of this holds of the connector.
        not_applicable_because: it never applies, for this reason.
        everywhere: it is about every send connector, not only about the subject.
        unconfirmed: the published identifier is known from one source only.
    """

    id: str
    requirements: tuple[Requirement, ...]
    severity: Severity
    why: str | None
    references: tuple[str, ...]
    position: Place
    title: str | None = None
    when: tuple[Requirement, ...] = ()
    not_applicable_because: str | None = None
    everywhere: bool = False
    unconfirmed: bool = False

    @property
    def needs_region(self) -> bool:
        """Whether it says nothing without a region."""
        return any(r.matcher.needs_region for r in (*self.requirements, *self.when))

    @property
    def property(self) -> str | None:
        """The one property that it is about, if it is about one."""
        return self.requirements[0].property if len(self.requirements) == 1 else None


@dataclass(frozen=True, slots=True)
class Exemption:
    """An approved, dated, narrow permission for one finding.

    Attributes:
        connector: a name, in which ``*`` and ``?`` are wildcards; None means a finding that is
            about no connector.
        control: the id of the control.
        reason: why it is permitted.
        owner: who answers for it.
        approved_by: who approved it.
        ticket: of the change, if there is one.
        starts: the first day on which it holds (UTC); None: it always did.
        expires: the last day on which it holds, to its end (UTC).
        only_if: it covers a connector only while all of this holds of it.
        evidence: it covers only a finding whose actual value has this digest.
        position: where the policy says it.
    """

    connector: str | None
    control: str
    reason: str
    owner: str
    approved_by: str
    ticket: str | None
    starts: date | None
    expires: date
    only_if: tuple[Requirement, ...]
    evidence: str | None
    position: Place


@dataclass(frozen=True, slots=True)
class Pack:
    """Further controls, published by somebody; ``file`` is where they were read from."""

    name: str
    version: str | None
    title: str | None
    controls: Mapping[str, Control]
    file: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What must hold, after ``extends``; ``sha256`` is over that effective policy.

    ``controls`` are its own, those of its packs stand under them. ``warn_days``: an exemption that
    ends within so many days is warned about. ``files`` are the paths of all its own files.
    """

    name: str
    version: str
    sha256: str
    gateway: Gateway
    regions: Mapping[str, Region]
    connector_name: str | None
    default_region: str | None
    controls: Mapping[str, Control]
    files: tuple[str, ...] = ()
    packs: tuple[Pack, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    warn_days: int = 0

    @property
    def all_controls(self) -> tuple[Control, ...]:
        """Its own controls, then those of each pack, in the order of the report."""
        packed = (control for pack in self.packs for control in pack.controls.values())
        return (*self.controls.values(), *packed)

    @property
    def packs_by_control(self) -> Mapping[str, Pack]:
        """The pack of each control that is one's; its own controls have none."""
        return {control: pack for pack in self.packs for control in pack.controls}

    @property
    def needs_region(self) -> bool:
        """Whether something in it says nothing without a region."""
        guards = (r for exemption in self.exemptions for r in exemption.only_if)
        return any(control.needs_region for control in self.all_controls) or any(
            guard.matcher.needs_region for guard in guards
        )
