"""What the tests of scripts share: plans made by hand, and how a script is taken apart."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import tree_sitter
import tree_sitter_powershell

from auditor.model import Connector, PlannedChange
from auditor.normalise import LazyProperties
from auditor.remediate.script import Answer, Head

ROOT = Path(__file__).resolve().parent.parent.parent
FUNCTIONS = (ROOT / "auditor/remediate/functions.ps1").read_text("ascii")
GUID = "0292c782-9804-4d8b-ae0e-e1c7ab90852b"
_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))


def connector(name=None, guid=GUID, noun="SendConnector"):
    raw = {"Name": name, "Guid": guid}
    return Connector(LazyProperties({k: v for k, v in raw.items() if v is not None}), noun, 3)


def change(before, after, *, on, order=1, caution=None, credential=False):
    """A change of one connector; ``after`` need only hold what differs."""
    return PlannedChange(
        order=order,
        cmdlet=f"Set-{on.cmdlet}",
        connector=on,
        name=on.label,
        parameters={**before, **after},
        before=before,
        findings=(f"mark-{order}",),
        credential=credential,
        caution=caution,
    )


def creation(name, parameters, *, order=1, caution=None, credential=False):
    return PlannedChange(
        order=order,
        cmdlet="New-SendConnector",
        connector=None,
        name=name,
        parameters=parameters,
        before={},
        findings=(f"mark-{order}",),
        credential=credential,
        caution=caution,
    )


HEAD = Head(
    organization="Contoso",
    policy="mimecast",
    policy_version="1",
    policy_sha256="5f" * 32,
    region="na",
    source="connectors.xml",
    source_sha256="ab" * 32,
    evaluated_at=datetime(2026, 11, 23, 8, tzinfo=UTC),
    tool_version="0.1.0",
    ticket="CHG0012345",
    domain_controller="dc01.contoso.com",
    answers=(
        Answer("SmartHosts", "Outbound Mail to Mimecast", "The smart hosts are another region's."),
        Answer("ConnectorPresent", None, "No connector routes to Mimecast."),
    ),
)


def text_of(data: bytes) -> str:
    """A script as text with LF; its bytes are as Windows PowerShell wants them."""
    assert data.startswith(b"\xef\xbb\xbf")
    text = data.decode("utf-8")[1:]
    assert "\n" not in text.replace("\r\n", "")
    assert "\r" not in text.replace("\r\n", "")
    return text.replace("\r\n", "\n")


def around_functions(text: str) -> tuple[str, str]:
    """What is before and after the fixed functions, which are there once, and whole."""
    assert text.count(FUNCTIONS) == 1
    before, _, after = text.partition(FUNCTIONS)
    return before, after


def parses(text: str) -> bool:
    """Whether the grammar, which others made, takes the whole text."""
    return not _PARSER.parse(text.encode()).root_node.has_error
