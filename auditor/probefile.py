"""Files of probes (``audit-probe/1``): written, and read again from wherever they come.

The keys are those of the types in ``auditor.model.probe``. What a probe comes to stands beside them
in reports, and is not read: whoever reads a probe judges it. A script on the Exchange server writes
the same.
"""

from __future__ import annotations

import json
import typing
from datetime import UTC, datetime
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin, get_type_hints

from auditor.errors import InputError, Place, shortened
from auditor.kinds.hosts import host_name, ip_address
from auditor.model import Probe
from auditor.moments import rfc3339
from auditor.textfile import decode

if TYPE_CHECKING:
    from auditor.model import Json

SCHEMA: Final = "audit-probe/1"
MOST_BYTES: Final = 16 * 1024 * 1024
_MOST: Final = 1000
"""So many entries may a list have: far more than any probe has."""
HINT: Final = "Give what audit probe --save-result, or the script of audit probe --script, wrote."


def content_of(probe: Probe) -> dict[str, Json]:
    """A probe as JSON, without its schema."""
    return typing.cast("dict[str, Json]", _plain(probe))


def written(probe: Probe) -> bytes:
    """A probe as a file; the same probe gives the same bytes."""
    content = {"schema": SCHEMA, **content_of(probe)}
    return (json.dumps(content, indent=2, ensure_ascii=True) + "\n").encode("ascii")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, float):
        return round(value, 3)
    if hasattr(value, "_asdict"):
        return {key: _plain(item) for key, item in value._asdict().items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def read_probe(data: bytes, file: str) -> Probe:
    """A probe from a file.

    Args:
        data: the whole file.
        file: its name, for messages.

    Raises:
        InputError: it is no probe, or not a whole one.
    """
    if len(data) > MOST_BYTES:
        raise InputError("the file is larger than any probe", Place(file), HINT)
    try:
        content = json.loads(decode(data, file, InputError))
    except json.JSONDecodeError as error:
        place = Place(file, error.lineno, error.colno)
        raise InputError(f"the file is no JSON: {error.msg}", place, HINT) from error
    except (ValueError, RecursionError) as error:
        raise InputError("the file is no JSON that can be read", Place(file), HINT) from error
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise InputError(f"the file is no probe ({SCHEMA})", Place(file), HINT)
    try:
        probe: Probe = _read(Probe, content, "probe")
        _check(probe)
    except _WrongError as error:
        raise InputError(f"the probe is not whole: {error}", Place(file), HINT) from error
    return probe


class _WrongError(Exception):
    """What is wrong, and where in the document."""


def _read(hint: Any, value: Any, where: str) -> Any:  # noqa: ANN401 - a type, and whatever JSON gives
    """A value of a type of the model."""
    origin = get_origin(hint)
    if origin is typing.Literal:
        if value not in get_args(hint):
            raise _WrongError(f"{where} cannot be {shortened(str(value))}")
        return value
    if origin is tuple:
        if not isinstance(value, list) or len(value) > _MOST:
            raise _WrongError(f"{where} is no list, or too long a one")
        item = get_args(hint)[0]
        return tuple(_read(item, one, f"{where}[{n}]") for n, one in enumerate(value))
    if origin is not None:  # X | None
        others = [one for one in get_args(hint) if one is not NoneType]
        return None if value is None else _read(others[0], value, where)
    if hasattr(hint, "_fields"):
        return _read_fields(hint, value, where)
    return _read_scalar(hint, value, where)


def _read_fields(hint: Any, value: Any, where: str) -> Any:  # noqa: ANN401 - likewise
    if not isinstance(value, dict):
        raise _WrongError(f"{where} is no object")
    hints, defaults = get_type_hints(hint), hint._field_defaults
    missing = [name for name in hint._fields if name not in value and name not in defaults]
    if missing:
        raise _WrongError(f"{where} has no {missing[0]}")
    found = {
        name: _read(hints[name], value[name], f"{where}.{name}")
        for name in hint._fields
        if name in value
    }
    return hint(**found)


def _read_scalar(hint: Any, value: Any, where: str) -> Any:  # noqa: ANN401 - likewise
    if hint is datetime and isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                raise _WrongError(f"{where} has no time zone: {shortened(value)}")
            return moment.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise _WrongError(f"{where} is no time: {shortened(value)}") from error
    if hint is float and type(value) in {int, float} and 0 <= value < 1e6:
        return float(value)
    if hint is int and type(value) is int and 0 <= value < 1e6:
        return value
    if hint in {str, bool} and type(value) is hint:
        return value
    raise _WrongError(f"{where} cannot be {shortened(str(value))}")


def _check(probe: Probe) -> None:
    """What the types do not say."""
    for number, host in enumerate(probe.hosts):
        if host_name(host.host) != host.host and ip_address(host.host) is None:
            raise _WrongError(f"probe.hosts[{number}].host is no host: {shortened(host.host)}")
        for attempt in host.attempts:
            if ip_address(attempt.address) is None:
                raise _WrongError(f"{shortened(attempt.address)} is no address")
    names = [host.host for host in probe.hosts]
    if len(set(names)) != len(names):
        raise _WrongError("a host is there twice")
