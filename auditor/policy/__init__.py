"""YAML → Policy: what must hold, declared, strict, with the place of every value."""

from auditor.policy.load import builtin_names, load_policy
from auditor.policy.regions import find_region

__all__ = ["builtin_names", "find_region", "load_policy"]
