"""Metrics for Prometheus: the text format, as node_exporter's textfile collector reads it.

What it says, each with the labels ``organization`` and ``region`` (empty where there is none):

- ``connector_audit_success``: 1 where an audit was evaluated, whatever its verdict; 0 where not.
- ``connector_audit_verdict``: 1 for the verdict it has, 0 for the others. ``none``: not evaluated.
- ``connector_audit_evaluation_timestamp_seconds``: of this run, evaluated or not.
- ``connector_audit_last_success_timestamp_seconds``: of this run, where it was evaluated.
- ``connector_audit_findings``: by ``severity`` and ``status``, every pair, also those with 0.
- ``connector_audit_changes``: findings by ``change`` (``new``, ``fixed``, ``still`` failing) since
  the run before; only where there is a history.
- ``connector_audit_connectors``: how many send connectors there are.
- ``connector_audit_next_exemption_daysleft``: days to the last day of the exemption that ends next,
  of those that cover something or may; absent where there is none.
- ``connector_audit_next_exemption_end_timestamp_seconds``: the same end, as an instant.
- ``connector_audit_info``: always 1; the policy, its version, and the program's.

A run that failed has the first three only, without labels' values (nobody knows whose audit it
would have been), and says why in comments. An audit of an earlier run does not live on: what it
said is gone. So alert on all of these::

    connector_audit_success == 0
    absent(connector_audit_success{organization="Contoso"})
    time() - max_over_time(connector_audit_last_success_timestamp_seconds[7d]) > 2 * 86400
    connector_audit_verdict{verdict="compliant"} == 0

``daysleft`` is no unit that ``promtool check metrics`` knows: it would have seconds for days, which
is what the metric after it gives.

Sources: https://prometheus.io/docs/instrumenting/exposition_formats/ and
https://prometheus.io/docs/practices/naming/ .
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

import auditor
from auditor.model import SEVERITIES, STATUSES
from auditor.report.error_text import in_words
from auditor.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from prometheus_client.core import Metric

    from auditor.errors import AuditError
    from auditor.model import Audit, ExemptionUse

_PREFIX: Final = "connector_audit_"
_VERDICTS: Final = ("compliant", "drift", "incomplete", "none")
_IN_FORCE: Final = frozenset({"in use", "undecided"})
_DAY: Final = 86400
_EPOCH: Final = date(1970, 1, 1).toordinal()


class _Metrics:
    """Gauges of one run; what prometheus-client calls a collector.

    Its ready-made gauges would look at the environment for where several processes meet.
    """

    def __init__(self, organization: str, region: str) -> None:
        self._shared = {"organization": organization, "region": region}
        self._families: list[GaugeMetricFamily] = []

    def add(
        self, name: str, about: str, value: float, labels: Mapping[str, str] | None = None
    ) -> None:
        """A gauge with one value."""
        found = labels or {}
        self.add_all(name, about, tuple(found), [(tuple(found.values()), value)])

    def add_all(
        self,
        name: str,
        about: str,
        labels: Sequence[str],
        values: Iterable[tuple[Sequence[str], float]],
    ) -> None:
        """A gauge with a value for each of several texts of its labels."""
        family = GaugeMetricFamily(_PREFIX + name, about, labels=[*self._shared, *labels])
        for texts, value in values:
            shown = [printable(text) for text in (*self._shared.values(), *texts)]
            family.add_metric(shown, value)
        self._families.append(family)

    def collect(self) -> Iterator[Metric]:
        """All of them, in the order in which they were added."""
        yield from self._families

    def text(self) -> str:
        """The text format."""
        # A registry of its own: nothing of this process or machine gets in.
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry).decode("utf-8")


def render(audit: Audit) -> str:
    """The metrics of one audit."""
    metrics = _Metrics(audit.organization or "", audit.region.id if audit.region else "")
    _outcome(metrics, audit.verdict, audit.evaluated_at)
    counts = Counter((finding.severity, finding.status) for finding in audit.findings)
    metrics.add_all(
        "findings",
        "Findings by the severity of the control and their status.",
        ("severity", "status"),
        [((how, what), counts[how, what]) for how in SEVERITIES for what in STATUSES],
    )
    if audit.drift is not None:
        groups = {"new": audit.drift.new, "fixed": audit.drift.fixed, "still": audit.drift.still}
        metrics.add_all(
            "changes",
            "Findings that are new, fixed or still failing since the run before.",
            ("change",),
            [((name,), len(found)) for name, found in groups.items()],
        )
    metrics.add("connectors", "Send connectors in what was audited.", audit.connectors)
    _next_exemption(metrics, audit.exemptions)
    _info(metrics, audit)
    return metrics.text()


def render_errors(errors: Iterable[AuditError], evaluated_at: datetime | None = None) -> str:
    """The metrics of a run that evaluated nothing, and why in comments."""
    metrics = _Metrics("", "")
    _outcome(metrics, "none", evaluated_at)
    lines = [line for error in errors for line in in_words(error).splitlines()]
    return metrics.text() + "".join(f"# audit: {line.removeprefix('audit: ')}\n" for line in lines)


def _outcome(metrics: _Metrics, verdict: str, moment: datetime | None) -> None:
    done = verdict != "none"
    metrics.add("success", "Whether an audit was evaluated, whatever its verdict.", done)
    metrics.add_all(
        "verdict",
        "The verdict: 1 for the one it is; none: nothing was evaluated.",
        ("verdict",),
        [((name,), name == verdict) for name in _VERDICTS],
    )
    if moment is None:
        return
    seconds = int(moment.timestamp())
    about = "When this run evaluated, or tried to, in seconds since 1970."
    metrics.add("evaluation_timestamp_seconds", about, seconds)
    if done:
        about = "When an audit was evaluated last, in seconds since 1970."
        metrics.add("last_success_timestamp_seconds", about, seconds)


def _next_exemption(metrics: _Metrics, uses: Iterable[ExemptionUse]) -> None:
    ending = [use for use in uses if use.state in _IN_FORCE]
    if not ending:
        return
    first = min(ending, key=lambda use: use.days_left)
    about = "Days to the last day of the exemption that ends next."
    metrics.add("next_exemption_daysleft", about, first.days_left)
    about = "When the exemption that ends next has ended, in seconds since 1970."
    # It holds to the end of its last day. Counted, because the last of all dates has no next.
    end = (first.exemption.expires.toordinal() + 1 - _EPOCH) * _DAY
    metrics.add("next_exemption_end_timestamp_seconds", about, end)


def _info(metrics: _Metrics, audit: Audit) -> None:
    policy = audit.policy
    labels = {
        "policy": policy.name,
        "policy_version": policy.version,
        "policy_sha256": policy.sha256,
        "packs": ",".join(pack.name for pack in policy.packs),
        "version": auditor.__version__,
    }
    metrics.add("info", "What was audited with; always 1.", 1, labels)
