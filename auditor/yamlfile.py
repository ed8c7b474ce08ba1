"""YAML with positions: the one door to PyYAML, for policies and the configuration.

libyaml, where the wheel has it, reads ten times faster than PyYAML's own reader. What both read
gives the same nodes; only places differ, of nothing at all and after a byte order mark within a
line. Only libyaml takes tabs between signs and values; only the other one takes directives that
nobody knows, and in brackets a colon without a blank before another bracket or a comma.
"""

from __future__ import annotations

from typing import Final

import yaml

from auditor.errors import AuditError, Place
from auditor.yamlcompose import Composer, spot_of
from auditor.yamlnodes import Node, Scalar
from auditor.yamlwords import explained
from auditor.yamlwords.signs import refused
from auditor.yamlwords.trouble import Said, Spot, Trouble

__all__ = ["Node", "Scalar", "flow", "parse"]

_LINE_ENDS: Final = ("\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")
_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def parse(text: str, file: str, error: type[AuditError]) -> Node:
    """The root node of a YAML text; null where there is nothing in it but comments.

    Args:
        text: the document, already decoded.
        file: its name, for messages.
        error: the class to raise.

    Raises:
        AuditError: of the given class, with the place, for whatever is wrong with the text.
    """
    if said := refused(text):
        raise _not_yaml(said, file, error)
    loader = _LOADER(text)
    composer = Composer(loader, file, error)
    try:
        return composer.document()
    except yaml.MarkedYAMLError as problem:
        raise _not_yaml(explained(_trouble(problem, text, composer.opened)), file, error) from None
    except (ValueError, OverflowError) as problem:
        # PyYAML's own reader makes any number that is written a character.
        trouble = Trouble(text, "escape code", spot_of(loader.get_mark()))
        raise _not_yaml(explained(trouble), file, error) from problem
    finally:
        loader.dispose()


def flow(value: Scalar) -> str:
    """A scalar as YAML text on one line, which any reader of YAML takes as the same.

    What some reader takes for something else (``no``, ``2026-01-31``) is put in quotes.
    """
    if not isinstance(value, str):
        return "null" if value is None else str(value).lower()
    # Characters that end a line somewhere are escaped, and only this style can.
    style = '"' if len(value.splitlines()) > 1 or value.endswith(_LINE_ENDS) else None
    dumped: str = yaml.dump(
        [value],
        Dumper=yaml.SafeDumper,
        default_flow_style=True,
        default_style=style,
        allow_unicode=True,
        width=1 << 30,
    )
    return dumped.strip()[1:-1]


def _not_yaml(said: Said, file: str, error: type[AuditError]) -> AuditError:
    place = Place(file, said.line, said.column)
    return error(f"this is not YAML: {said.message}", place, said.hint)


def _trouble(problem: yaml.MarkedYAMLError, text: str, opened: Spot | None) -> Trouble:
    words = f"{problem.context or ''}: {problem.problem or ''}"
    start = spot_of(problem.context_mark) if problem.context_mark else None
    return Trouble(text, words, spot_of(problem.problem_mark), start, opened)
