"""Files of probes (``audit-probe/1``): written, and read again from wherever they come.

The keys are those of the types in ``auditor.model.probe``. What a probe comes to stands beside them
in reports, and is not read: whoever reads a probe judges it. A script on the Exchange server writes
the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from auditor import typedjson
from auditor.errors import InputError, Place, shortened
from auditor.kinds.hosts import host_name, ip_address
from auditor.model import Probe
from auditor.typedjson import Form, WrongError, plain

if TYPE_CHECKING:
    from auditor.model import Json

SCHEMA: Final = "audit-probe/1"
MOST_BYTES: Final = 16 * 1024 * 1024
_MOST: Final = 1000
"""So many entries may a list have: far more than any probe has."""
HINT: Final = "Give what audit probe --save-result, or the script of audit probe --script, wrote."


_FORM: Final = Form(Probe, SCHEMA, "probe", HINT, MOST_BYTES, _MOST)


def content_of(probe: Probe) -> dict[str, Json]:
    """A probe as JSON, without its schema."""
    return cast("dict[str, Json]", plain(probe))


def written(probe: Probe) -> bytes:
    """A probe as a file; the same probe gives the same bytes."""
    return typedjson.written(_FORM, probe)


def read_probe(data: bytes, file: str) -> Probe:
    """A probe from a file.

    Args:
        data: the whole file.
        file: its name, for messages.

    Raises:
        InputError: it is no probe, or not a whole one.
    """
    probe: Probe = typedjson.read_file(_FORM, data, file)
    try:
        _check(probe)
    except WrongError as error:
        raise InputError(f"the probe is not whole: {error}", Place(file), HINT) from error
    return probe


def _check(probe: Probe) -> None:
    """What the types do not say."""
    for number, host in enumerate(probe.hosts):
        if host_name(host.host) != host.host and ip_address(host.host) is None:
            raise WrongError(f"probe.hosts[{number}].host is no host: {shortened(host.host)}")
        for attempt in host.attempts:
            if ip_address(attempt.address) is None:
                raise WrongError(f"{shortened(attempt.address)} is no address")
    names = [host.host for host in probe.hosts]
    if len(set(names)) != len(names):
        raise WrongError("a host is there twice")
