"""``ConvertTo-Json`` of Windows PowerShell 5.1 and of PowerShell 7 → raw objects."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Final, NoReturn

from auditor.collect.exported import Exported
from auditor.errors import CutOffError, InputError, Place, UndecidedError

if TYPE_CHECKING:
    from auditor.model import Raw

_AGAIN: Final = "Export it again, or use: Get-SendConnector | Export-Clixml connectors.xml"
_HALF_A_WORD = re.compile(r"[\w.+\\-]*\Z")


class _RepeatedKeyError(ValueError):
    pass


def _unique(pairs: list[tuple[str, Raw]]) -> dict[str, Raw]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        raise _RepeatedKeyError(next(name for name in names if names.count(name) > 1))
    return result


def _unbounded(text: str) -> Raw:
    """What stands for NaN and Infinity: an object, which no property can have as its value."""
    return {"NotFinite": text}


def _float(text: str) -> Raw:
    number = float(text)
    return number if math.isfinite(number) else _unbounded(text)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_float, parse_constant=_unbounded, strict=False
)


def read(text: str, file: str) -> list[Exported]:
    """The objects of a JSON document: one object, or an array of them.

    Raises:
        InputError: it is not JSON, not made of objects, or gives a property twice.
        CutOffError: it ends in the middle.
        UndecidedError: it is ``null``.
    """
    return objects(parse(text, file), file)


def objects(document: Raw, file: str) -> list[Exported]:
    """The objects of a JSON document that is already parsed; raises as ``read`` does."""
    if document is None:
        raise UndecidedError("the file holds null: nothing was exported", Place(file), _AGAIN)
    if isinstance(document, dict) and document.keys() == {"value", "Count"}:
        # Windows PowerShell's wrapping of an array that carries its own Count property.
        items = document["value"]
        if not isinstance(items, list) or len(items) != document["Count"]:
            raise CutOffError("the array is shorter than its Count says", Place(file), _AGAIN)
        document = items
    items = document if isinstance(document, list) else [document]
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict):
            raise InputError(
                f"item {number} of the JSON is not an object, so this is no export of connectors",
                Place(file),
                _AGAIN,
            )
    return [Exported(item) for item in items]


def parse(text: str, file: str) -> Raw:
    """A JSON document as Python's own types.

    Raises:
        InputError: it is not JSON; with line and column.
        CutOffError: it ends in the middle.
    """
    text = text.removeprefix("\ufeff").strip()
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        _refuse(error, text, file)
    except _RepeatedKeyError as error:
        raise InputError(
            f"the JSON gives the property {str(error)!r} twice in one object", Place(file), _AGAIN
        ) from error
    except RecursionError as error:
        raise InputError("the JSON is nested too deep", Place(file), _AGAIN) from error
    except ValueError as error:
        # Python refuses whole numbers of thousands of digits.
        raise InputError(
            "the JSON holds a number beyond all bounds", Place(file), _AGAIN
        ) from error


def _refuse(error: json.JSONDecodeError, text: str, file: str) -> NoReturn:
    place = Place(file, error.lineno, error.colno)
    rest = text[error.pos :]
    if error.msg.startswith("Unterminated string") or _HALF_A_WORD.match(rest):
        raise CutOffError(
            "the export is cut off: the JSON ends in the middle", place, _AGAIN
        ) from error
    raise InputError(f"the JSON is damaged: {error.msg}", place, _AGAIN) from error
