"""Findings → a plan, and reviewed PowerShell with its rollback. Reads an Audit, changes nothing."""

from auditor.remediate.plan import make_plan

__all__ = ["make_plan"]
