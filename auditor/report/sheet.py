"""What a paged report is printed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Paper: TypeAlias = Literal["a4", "letter"]
PAPERS: Final[tuple[Paper, ...]] = ("a4", "letter")


def _nobody(_: str) -> None:
    """Nobody is told."""


class Sheet(NamedTuple):
    """Paper and fonts.

    Attributes:
        paper: its size.
        fonts: files of fonts for what those that come along cannot print.
        warn: is told, in a sentence, what could not be printed as it is.
    """

    paper: Paper = "a4"
    fonts: tuple[Path, ...] = ()
    warn: Callable[[str], object] = _nobody
