"""YAML → Policy: what must hold, declared, strict, with the place of every value."""

from auditor.policy.documents import builtin_names, own_files
from auditor.policy.load import load_policy
from auditor.policy.regions import find_region

__all__ = ["builtin_names", "find_region", "load_policy", "own_files"]
