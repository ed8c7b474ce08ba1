"""YAML → Policy: what must hold, declared, strict, with the place of every value."""

from auditor.policy.documents import (
    builtin_names,
    builtin_packs,
    find_pack,
    own_files,
    own_packs,
)
from auditor.policy.load import load_policy
from auditor.policy.pack_files import load_builtin_packs, load_pack
from auditor.policy.regions import find_region

__all__ = [
    "builtin_names",
    "builtin_packs",
    "find_pack",
    "find_region",
    "load_builtin_packs",
    "load_pack",
    "load_policy",
    "own_files",
    "own_packs",
]
