"""The file of the printed script: objects of many cmdlets, each cmdlet's followed by a marker.

::

    begin    ConnectorAuditorFormat, Version, Time, Server, User
    objects of one cmdlet
    marker   ConnectorAuditorCmdlet, Count, Errors
    ...
    end      ConnectorAuditorEnd: how many cmdlets there were

The markers say what the objects alone cannot: that none is missing, which cmdlet found nothing,
and which was refused. A file without the end is cut off, even if its XML is whole.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NoReturn

from auditor.collect.cleaning import clean
from auditor.collect.cmdlets import CMDLETS
from auditor.collect.identify import contradicts, shape_of
from auditor.errors import CutOffError, InputError, Place, shortened
from auditor.model import CONTRADICTION, CollectionError, Provenance, Snapshot, cmdlet_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from auditor.collect.exported import Exported
    from auditor.model import Raw

FORMAT: Final = "audit-script/1"
"""What the script's file says it is."""

_PREFIX: Final = "ConnectorAuditor"
_BEGIN: Final = tuple(_PREFIX + name for name in ("Format", "Version", "Time", "Server", "User"))
_CMDLET: Final = tuple(_PREFIX + name for name in ("Cmdlet", "Count", "Errors"))
_END: Final = (_PREFIX + "End",)
_NOUNS: Final = {cmdlet.name: cmdlet.noun for wanted in CMDLETS for cmdlet in wanted.choices}
_REQUIRED: Final = [wanted.cmdlet.name for wanted in CMDLETS if wanted.required]
_MAX_TEXT: Final = 1000
"""Longer than any name or version; of an error message, this much is kept."""
_MAX_ERRORS: Final = 20
_VERSION: Final = re.compile(r"[0-9A-Za-z.+-]{1,64}\Z", re.ASCII)
_AGAIN: Final = "Run the script again, and give the file as the script wrote it."


def is_marked(exported: Iterable[Exported]) -> bool:
    """Whether any of these objects is a marker of the script."""
    return any(_is_marker(item) for item in exported)


def read(exported: list[Exported], file: str) -> Snapshot:
    """The snapshot of a file of the script.

    What a cmdlet returned beside an error is kept; its error says that there may be more.

    Raises:
        InputError: the markers are not those of the script, or do not fit the objects.
        CutOffError: the end, or an object, is missing.
    """
    return _Reader(file).read(exported)


def _is_marker(item: Exported) -> bool:
    return any(name.startswith(_PREFIX) for name in item.properties)


REFUSED: Final = "this version of Exchange, or your role, has no such cmdlet"
"""The script's own words for a cmdlet that it did not call."""


class _Reader:
    """Goes through the objects once, in order."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._item: Exported | None = None
        self._pending: list[Exported] = []
        self._seen: set[str] = set()
        self._objects: dict[str, tuple[Mapping[str, Raw], ...]] = {}
        self._errors: list[CollectionError] = []

    def read(self, exported: list[Exported]) -> Snapshot:
        begin, rest = exported[0], exported[1:]
        self._item = begin
        if begin.properties.keys() != set(_BEGIN):
            self._refuse("the file does not begin with the script's own first object")
        provenance = self._provenance(begin)
        ended = False
        for item in rest:
            self._item = item
            if ended:
                self._refuse("there is more after what the script wrote last")
            if not _is_marker(item):
                self._pending.append(item)
            elif item.properties.keys() == set(_CMDLET):
                self._end_cmdlet(*(item.properties[name] for name in _CMDLET))
            elif item.properties.keys() == set(_END):
                self._end(item.properties[_END[0]])
                ended = True
            else:
                self._refuse("a marker of the script has other properties than it writes")
        if not ended:
            self._cut_off("the file is cut off: what the script writes last is missing")
        return Snapshot(None, provenance, self._objects, tuple(self._errors))

    def _provenance(self, begin: Exported) -> Provenance:
        said, version, time, server, user = (self._text(begin, name) for name in _BEGIN)
        if said != FORMAT:
            self._refuse(
                f"the script says that its file is {shortened(said)}, and this version reads "
                f"{FORMAT}"
            )
        if not _VERSION.match(version):
            self._refuse(f"the script's version cannot be read: {shortened(version)}")
        return Provenance(
            kind="script",
            location=self._file,
            collected_at=self._instant(time),
            tool=f"audit {version}, script",
            files=(self._file,),
            server=server,
            account=user,
        )

    def _end_cmdlet(self, cmdlet: Raw, count: Raw, errors: Raw) -> None:
        noun = _NOUNS.get(cmdlet) if isinstance(cmdlet, str) else None
        if noun is None or not isinstance(cmdlet, str):
            self._refuse(f"a marker names {shortened(str(cmdlet))}, which the script does not call")
        if cmdlet in self._seen:
            self._refuse(f"there are two markers of {cmdlet}")
        self._seen.add(cmdlet)
        self._hold(count, len(self._pending), f"objects of {cmdlet}")
        found = tuple(self._kept(item, noun) for item in self._pending)
        self._pending.clear()
        reasons = self._reasons(cmdlet, errors)
        if found or not reasons:
            self._objects[noun] = found
        refused = not found and reasons == [REFUSED]
        self._errors += [CollectionError(cmdlet, reason, refused) for reason in reasons]

    def _end(self, count: Raw) -> None:
        if self._pending:
            self._cut_off("the file is cut off: a marker between two cmdlets is missing")
        self._hold(count, len(self._seen), "cmdlets")
        for cmdlet in _REQUIRED:
            if cmdlet not in self._seen:
                self._refuse(f"the script says nothing of {cmdlet}")

    def _hold(self, said: Raw, found: int, what: str) -> None:
        """Hold a number that the script wrote against what is in the file."""
        if not isinstance(said, int) or isinstance(said, bool) or said < 0:
            self._refuse(f"the number of {what} cannot be read: {shortened(str(said))}")
        if said != found:
            self._cut_off(f"the script wrote {said} {what}, and {found} are in the file")

    def _kept(self, item: Exported, noun: str) -> dict[str, Raw]:
        shape = shape_of(item.type_name, tuple(item.properties))
        unknown = shape.noun is None and noun == "SendConnector"
        if unknown or CONTRADICTION in item.properties or contradicts(shape, noun):
            self._item = item
            whose = f"{cmdlet_of(shape.noun)}'s" if shape.noun else "it cannot be read"
            what = shape.foreign or whose
            self._refuse(f"an object stands among those of Get-{noun}, but: {what}")
        return clean(item.properties, plain=shape.plain)

    def _reasons(self, cmdlet: str, errors: Raw) -> list[str]:
        # PowerShell can turn a list of one into its item, and an empty list into null.
        said = [] if errors is None else [errors] if isinstance(errors, str) else errors
        if not isinstance(said, list) or not all(isinstance(text, str) for text in said):
            self._refuse(f"the errors of {cmdlet} are not texts")
        reasons = [" ".join(text.split())[:_MAX_TEXT] or "no reason was given" for text in said]
        if len(reasons) > _MAX_ERRORS:
            reasons[_MAX_ERRORS:] = [f"and {len(reasons) - _MAX_ERRORS} more errors"]
        return reasons

    def _text(self, item: Exported, name: str) -> str:
        value = item.properties[name]
        if not isinstance(value, str) or not 0 < len(value) <= _MAX_TEXT:
            self._refuse(f"{name} is not a text")
        return value

    def _instant(self, text: str) -> datetime:
        try:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise ValueError("no time zone")
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            self._refuse(f"the time of the script cannot be read: {shortened(text)}")

    def _place(self) -> Place:
        return Place(self._file, self._item.line if self._item else None)

    def _refuse(self, message: str) -> NoReturn:
        raise InputError(message, self._place(), _AGAIN)

    def _cut_off(self, message: str) -> NoReturn:
        raise CutOffError(message, self._place(), _AGAIN)
