"""JSON of the types of the model: written, and read again as strictly as the types are.

A ``NamedTuple`` is an object with its fields as keys, a tuple is a list, a time is a text.
"""

from __future__ import annotations

import json
import typing
from datetime import UTC, datetime
from types import NoneType
from typing import Any, Final, NamedTuple, get_args, get_origin, get_type_hints

from auditor.errors import InputError, Place, shortened
from auditor.moments import rfc3339
from auditor.textfile import decode

_MOST_NUMBER: Final = 2**62


class Form(NamedTuple):
    """A kind of files.

    Attributes:
        type: what one holds.
        schema: the name that it says it is of.
        noun: what it is called in messages.
        hint: what to give instead of what is none.
        most_bytes: a file is no larger.
        most: so many entries may a list have.
    """

    type: Any
    schema: str
    noun: str
    hint: str
    most_bytes: int
    most: int


def written(form: Form, value: object) -> bytes:
    """A value as a file; the same value gives the same bytes."""
    content: Any = plain(value)
    text = json.dumps({"schema": form.schema, **content}, indent=2, ensure_ascii=True)
    return (text + "\n").encode("ascii")


def read_file(form: Form, data: bytes, file: str) -> Any:  # noqa: ANN401 - what the form says
    """A value from a file.

    Args:
        form: what it must be.
        data: the whole file.
        file: its name, for messages.

    Raises:
        InputError: it is none, or not a whole one.
    """
    if len(data) > form.most_bytes:
        raise InputError(f"the file is larger than any {form.noun}", Place(file), form.hint)
    try:
        content = json.loads(decode(data, file, InputError))
    except json.JSONDecodeError as error:
        place = Place(file, error.lineno, error.colno)
        raise InputError(f"the file is no JSON: {error.msg}", place, form.hint) from error
    except (ValueError, RecursionError) as error:
        raise InputError("the file is no JSON that can be read", Place(file), form.hint) from error
    if not isinstance(content, dict) or content.get("schema") != form.schema:
        raise InputError(f"the file is no {form.noun} ({form.schema})", Place(file), form.hint)
    try:
        return read(form.type, content, form.noun, form.most)
    except WrongError as error:
        raise InputError(
            f"the {form.noun} is not whole: {error}", Place(file), form.hint
        ) from error


def plain(value: object) -> object:
    """A value as JSON has it; the same value gives the same."""
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, float):
        return round(value, 3)
    if hasattr(value, "_asdict"):
        return {key: plain(item) for key, item in value._asdict().items()}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


class WrongError(Exception):
    """What is wrong, and where in the document."""


def read(hint: Any, value: Any, where: str, most: int) -> Any:  # noqa: ANN401 - a type, and whatever JSON gives
    """A value of a type of the model.

    Args:
        hint: the type.
        value: what JSON gave.
        where: its place in the document, for messages.
        most: so many entries may a list have.

    Raises:
        WrongError: it is not of the type.
    """
    origin = get_origin(hint)
    if origin is typing.Literal:
        if value not in get_args(hint):
            raise WrongError(f"{where} cannot be {shortened(str(value))}")
        return value
    if origin is tuple:
        if not isinstance(value, list) or len(value) > most:
            raise WrongError(f"{where} is no list, or too long a one")
        item = get_args(hint)[0]
        return tuple(read(item, one, f"{where}[{n}]", most) for n, one in enumerate(value))
    if origin is not None:  # X | None
        others = [one for one in get_args(hint) if one is not NoneType]
        return None if value is None else read(others[0], value, where, most)
    if hasattr(hint, "_fields"):
        return _read_fields(hint, value, where, most)
    return _read_scalar(hint, value, where)


def _read_fields(hint: Any, value: Any, where: str, most: int) -> Any:  # noqa: ANN401 - likewise
    if not isinstance(value, dict):
        raise WrongError(f"{where} is no object")
    hints, defaults = get_type_hints(hint), hint._field_defaults
    missing = [name for name in hint._fields if name not in value and name not in defaults]
    if missing:
        raise WrongError(f"{where} has no {missing[0]}")
    found = {
        name: read(hints[name], value[name], f"{where}.{name}", most)
        for name in hint._fields
        if name in value
    }
    return hint(**found)


def _read_scalar(hint: Any, value: Any, where: str) -> Any:  # noqa: ANN401 - likewise
    if hint is datetime and isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                raise WrongError(f"{where} has no time zone: {shortened(value)}")
            return moment.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise WrongError(f"{where} is no time: {shortened(value)}") from error
    if hint is float and type(value) in {int, float} and 0 <= value < 1e6:
        return float(value)
    if hint is int and type(value) is int and 0 <= value < _MOST_NUMBER:
        return value
    if hint in {str, bool} and type(value) is hint:
        return value
    raise WrongError(f"{where} cannot be {shortened(str(value))}")
