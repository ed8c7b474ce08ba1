"""``audit-bundle/1``: what manifest.json says of a bundle, and what is signed."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from auditor.errors import AlteredError, Place, shortened
from auditor.report.sheet import PAPERS
from auditor.signoff.contents import Inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.model import Json
    from auditor.report.sheet import Paper

SCHEMA: Final = "audit-bundle/1"
MANIFEST: Final = "manifest.json"
SIGNATURES: Final = "signatures/"
# https://packaging.python.org/specifications/version-specifiers/
_VERSION: Final = re.compile(r"[0-9]+(\.[0-9]+)*([a-z.+]+[0-9a-z.+]*)?", re.ASCII)
_AGAIN: Final = "Get the bundle again from who made it."
_INPUTS: Final = ("region", "organization", "domain_controller", "ticket")


class Listed(NamedTuple):
    """A file as a manifest lists it."""

    path: str
    sha256: str
    size: int


class Font(NamedTuple):
    """A font that the PDF was made with besides those that come along."""

    name: str
    sha256: str


class Printing(NamedTuple):
    """What a PDF was made with; without typst there is none."""

    paper: Paper = PAPERS[0]
    typst: str | None = None
    fonts: tuple[Font, ...] = ()


class Manifest(NamedTuple):
    """What a bundle is, what it was made with and what is in it.

    Attributes:
        version: of this program, that made it.
        inputs: what it was made with besides its evidence.
        verdict: of the audit.
        go_live: whether it is ready.
        printing: what the PDF was made with.
        files: all but the manifest and the signatures, by their paths.
    """

    version: str
    inputs: Inputs
    verdict: str
    go_live: str
    printing: Printing
    files: tuple[Listed, ...]


def listed(files: Mapping[str, bytes]) -> tuple[Listed, ...]:
    """The files as a manifest lists them: all but itself and the signatures."""
    return tuple(
        Listed(path, sha256(files[path]).hexdigest(), len(files[path]))
        for path in sorted(files)
        if path != MANIFEST and not path.startswith(SIGNATURES)
    )


def written_manifest(manifest: Manifest) -> bytes:
    """A manifest's bytes; the same one gives the same."""
    inputs, printing = manifest.inputs, manifest.printing
    return canonical_text(
        {
            "schema": SCHEMA,
            "tool": {"name": "audit", "version": manifest.version},
            "inputs": {
                **{name: getattr(inputs, name) for name in _INPUTS},
                "evaluated_at": instant(inputs.evaluated_at),
                "paper": printing.paper,
            },
            "verdict": manifest.verdict,
            "go_live": manifest.go_live,
            "pdf": {
                "typst": printing.typst,
                "fonts": [font._asdict() for font in printing.fonts],
            },
            "files": [file._asdict() for file in manifest.files],
        }
    )


def read_manifest(data: bytes, bundle: str) -> Manifest:
    """What a manifest says; it is nobody's word until a signature over it holds.

    Args:
        data: the bytes of manifest.json.
        bundle: what it stands in, for messages.

    Raises:
        AlteredError: it is not as this program writes it.
    """
    place = Place(f"{bundle}/{MANIFEST}")
    try:
        content = canonical_value(data)
        if not isinstance(content, dict) or content.get("schema") != SCHEMA:
            raise ValueError(f"the schema is not {SCHEMA}")
        return _manifest(content)
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        message = f"{MANIFEST} is not as this program writes it ({type(error).__name__}: {error})"
        raise AlteredError(message, place, _AGAIN) from error


def _manifest(content: dict[str, Any]) -> Manifest:
    said, pdf = content["inputs"], content["pdf"]
    return Manifest(
        version=_version(content["tool"]["version"]),
        inputs=Inputs(
            region=_word_or_none(said["region"]),
            organization=_word_or_none(said["organization"]),
            evaluated_at=read_instant(_word(said["evaluated_at"])),
            domain_controller=_word_or_none(said["domain_controller"]),
            ticket=_word_or_none(said["ticket"]),
        ),
        verdict=_word(content["verdict"]),
        go_live=_word(content["go_live"]),
        printing=Printing(
            paper=_paper(said["paper"]),
            typst=_word_or_none(pdf["typst"]),
            fonts=tuple(Font(_word(f["name"]), _word(f["sha256"])) for f in pdf["fonts"]),
        ),
        files=tuple(
            Listed(_word(f["path"]), _word(f["sha256"]), _number(f["size"]))
            for f in content["files"]
        ),
    )


def canonical_text(value: Json) -> bytes:
    """JSON as the files of a bundle hold it: sorted keys, ASCII, one line end at the end."""
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=True) + "\n").encode("ascii")


def canonical_value(data: bytes) -> Json:
    """The value of such a text.

    Raises:
        ValueError: written again it would be another text: blanks, repeated keys, escapes.
    """
    value: Json = json.loads(data.decode("ascii"))
    if canonical_text(value) != data:
        raise ValueError("it was written by another program, or altered")
    return value


def instant(moment: datetime) -> str:
    """A moment as RFC 3339 writes it, to the last digit that it has."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def read_instant(text: str) -> datetime:
    """The moment that a text says.

    Raises:
        ValueError: it is not as ``instant`` writes it.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or instant(moment) != text:
        raise ValueError(f"{text} is no time in UTC")
    return moment.astimezone(UTC)


def _word(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is none")
    return value


def _version(value: Json) -> str:
    word = _word(value)
    if _VERSION.fullmatch(word) is None:
        raise ValueError(f"{shortened(word)} is no version")
    return word


def _word_or_none(value: Json) -> str | None:
    return None if value is None else _word(value)


def _paper(value: Json) -> Paper:
    known = next((paper for paper in PAPERS if paper == value), None)
    if known is None:
        raise ValueError("there is no such paper")
    return known


def _number(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("a number is none")
    return value
