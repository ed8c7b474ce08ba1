"""JUnit XML, for CI servers: one test case for each finding.

A failed finding is a failure, an unknown one an error, and what is exempt or does not apply is
skipped, with the reason. The schema is that of Jenkins' xUnit plugin (junit-10.xsd,
https://github.com/jenkinsci/xunit-plugin). No time was measured: the timestamp is the instant of
the evaluation, in UTC and without a zone, as the schema of Apache Ant has it
(https://github.com/windyroad/JUnit-Schema).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

import auditor
from auditor.digests import fingerprints
from auditor.moments import rfc3339
from auditor.report.answers import NO_ANSWER, answers
from auditor.report.error_text import in_a_line
from auditor.report.printable import printable
from auditor.report.wording import meaning, permission, value_text
from auditor.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from junitparser.junitparser import FinalResult

    from auditor.errors import AuditError
    from auditor.model import Audit, Finding

_NAME: Final = "connector-auditor"


def render(audit: Audit) -> str:
    """The report as one test suite."""
    cases, names = [], Counter[tuple[str, str]]()
    planned, packs = answers(audit.plan), audit.policy.packs_by_control
    for finding, mark in zip(audit.findings, fingerprints(audit.findings), strict=True):
        pack = packs.get(finding.control.id)
        group = f"{audit.policy.name}.{pack.name}" if pack else audit.policy.name
        names[group, _name(finding)] += 1
        # Servers follow a test by its name: two that bear one name are told apart.
        again = names[group, _name(finding)]
        case = _case(group, _name(finding) + (f" ({again})" if again > 1 else ""))
        result = _result(finding, planned.get(mark, NO_ANSWER).shown)
        if result is not None:
            case.result = result
        cases.append(case)
    organization = audit.organization or audit.snapshot.provenance.location
    return _written(organization, audit.evaluated_at, _properties(audit), cases)


def render_errors(errors: Iterable[AuditError], evaluated_at: datetime | None = None) -> str:
    """One test case in error for each of what stopped the run."""
    cases = []
    for number, error in enumerate(errors, 1):
        case = _case("connector-auditor", "evaluation" + (f" ({number})" if number > 1 else ""))
        case.result = Error(in_a_line(error), error.code)
        cases.append(case)
    return _written("nothing was evaluated", evaluated_at, _tool(), cases)


def _name(finding: Finding) -> str:
    where = f": {finding.connector.label}" if finding.connector else ""
    return f"{finding.control.id}{where}"


def _case(group: str, name: str) -> TestCase:
    return TestCase(printable(name), printable(group))


def _result(finding: Finding, command: str | None) -> FinalResult | None:
    """What became of a test case; None where it passed."""
    message = printable(finding.message)
    if finding.status == "pass":
        return None
    if finding.status == "fail":
        failure = Failure(message, finding.severity)
        failure.text = _details(finding, command)
        return failure
    if finding.status == "unknown":
        return Error(message, "unknown")
    if finding.exemption is not None:
        return Skipped(printable(permission(finding.exemption)), "exempt")
    return Skipped(message, finding.status)


def _details(finding: Finding, command: str | None) -> str:
    """All that a person needs of a failure, a line each."""
    name, lines = finding.control.property, [finding.message]
    if name is not None:
        lines.append(f"expected: {value_text(name, finding.expected)}")
        lines.append(f"actual: {value_text(name, finding.actual)}")
    lines += [f"to put it right: {command}"] if command else []
    lines += [f"see: {reference}" for reference in finding.control.references]
    return "\n".join(map(printable, lines))


def _tool() -> dict[str, str | None]:
    return {"tool": f"{_NAME} {auditor.__version__}"}


def _properties(audit: Audit) -> dict[str, str | None]:
    """What was audited, by what, and when."""
    policy, origin = audit.policy, audit.snapshot.provenance
    return {
        "verdict": audit.verdict,
        "meaning": meaning(audit),
        "organization": audit.organization,
        "region": audit.region.id if audit.region else None,
        "policy": f"{policy.name} {policy.version}",
        "policy_sha256": policy.sha256,
        "packs": ", ".join(pack.name for pack in policy.packs) or None,
        "snapshot": origin.location,
        "snapshot_sha256": digest(audit.snapshot),
        "collected_at": rfc3339(origin.collected_at) if origin.collected_at else None,
        "cautions": ", ".join(origin.cautions) or None,
        "evaluated_at": rfc3339(audit.evaluated_at),
        **_tool(),
    }


def _written(
    name: str,
    moment: datetime | None,
    properties: Mapping[str, str | None],
    cases: list[TestCase],
) -> str:
    suite = TestSuite(printable(name))
    if moment is not None:
        suite.timestamp = rfc3339(moment).removesuffix("Z")
    for key, value in properties.items():
        if value is not None:
            suite.add_property(key, printable(value))
    suite.add_testcases(cases)
    root = JUnitXml(_NAME)
    root.tests, root.failures, root.errors = suite.tests, suite.failures, suite.errors
    root.add_testsuite(suite)
    # junitparser writes by whichever XML library is there; the bytes must not depend on that.
    written: bytes = root.tostring()  # type: ignore[no-untyped-call]
    tree = ElementTree.fromstring(written)  # noqa: S314 (it was written just now)
    ElementTree.indent(tree)
    body = ElementTree.tostring(tree, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'
