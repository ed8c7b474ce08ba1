"""What can be read as a value and is hardly meant: in an export a fact, in a policy a slip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.errors import nearest, shortened
from auditor.kinds import ADDRESS_SPACES, HOST, INTEGER, SERVERS, SIZE, SMART_HOSTS
from auditor.kinds.address_spaces import INBOUND_MARKER
from auditor.kinds.base import CUT_REASON, TYPE_NAME_REASON
from auditor.kinds.servers import JOINED_REASON
from auditor.policy.fields import plain_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auditor.kinds import Kind

_KILOBYTE: Final = 1024
REASONS: Final[Mapping[str, str]] = {
    CUT_REASON: "ends in dots, as what was cut short does",
    TYPE_NAME_REASON: "is the name of a type, not a value",
    JOINED_REASON: "holds more than one name",
}
"""Why an export's value cannot be read → the same of a value that a person wrote."""


class Slip(NamedTuple):
    """What is odd about a value, and what to write instead."""

    problem: str
    hint: str


def slip_of(written: object, value: object, kind: Kind) -> Slip | None:
    """What is odd about a value; None where nothing is.

    Args:
        written: as the policy gives it.
        value: as it was read, of a list one item.
        kind: of the property.
    """
    if kind is SIZE:
        return _few_bytes(value)
    if not isinstance(written, str):
        return None
    if kind.names:
        return _near_member(str(value), kind)
    return _ODD[kind](written, str(value)) if kind in _ODD else None


def _few_bytes(value: object) -> Slip | None:
    if not isinstance(value, int) or not 0 < value < _KILOBYTE:
        return None
    return Slip(f"{value} without a unit is {value} bytes", f"Write the unit: {value} MB.")


def _near_member(value: str, kind: Kind) -> Slip | None:
    meant = nearest(value, kind.names)
    if meant is None or meant == value:
        return None
    return Slip(f"{shortened(value)} is not {kind.phrase}", f"Did you mean {meant!r}?")


def _near_smtp(written: str, value: str) -> Slip | None:
    scope = "Local:" if value.startswith("Local:") else ""
    kind, _, address = value.removeprefix(scope).partition(":")
    if kind == "SMTP" or not nearest(kind, ["SMTP"]):
        return None
    problem = f"{shortened(written)} has the type {shortened(kind)}, which is nearly SMTP"
    return Slip(problem, f"Did you mean {shortened(f'{scope}SMTP:{address}')}?")


def _inbound_marker(written: str, value: str) -> Slip | None:
    if value != INBOUND_MARKER:
        return None
    return Slip(f"{written!r} is not a host", "Write the name of a host, or leave it out.")


def _leading_zero(written: str, value: str) -> Slip | None:  # noqa: ARG001 - as the others
    plain = plain_number(written)
    if plain is None:
        return None
    return Slip(f"{shortened(written)} is octal to some readers of YAML", f"Write {plain}.")


_ODD: Final[Mapping[Kind, Callable[[str, str], Slip | None]]] = {
    ADDRESS_SPACES: _near_smtp,
    HOST: _inbound_marker,
    INTEGER: _leading_zero,
    SERVERS: _inbound_marker,
    SMART_HOSTS: _inbound_marker,
}
