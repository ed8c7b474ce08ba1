"""Writes what every policy in this folder gives now: ``python tests/policies/regenerate.py``.

Beside each ``invalid/<name>.yaml`` a ``<name>.txt`` with what the user is shown, beside each
``valid/<name>.yaml`` one with what the policy says. A file whose text has changed is named, and so
is a policy on the wrong side; read each of them (``git diff tests/policies``) as an administrator
would before you commit it.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE.parent / "unit")]

import test_invalid_policies as tests  # noqa: E402


def regenerate() -> int:
    """Write every text that differs; returns 1 where a policy is on the wrong side."""
    wrong = 0
    for paths, text in ((tests.INVALID, tests.shown), (tests.VALID, tests.said)):
        for path in paths:
            try:
                new = f"{text(path)}\n"
            except (tests.AcceptedError, tests.AuditError) as problem:
                print(f"{path.relative_to(HERE)}: {problem!r}")
                wrong = 1
                continue
            golden = path.with_suffix(".txt")
            if not golden.is_file() or golden.read_text("utf-8") != new:
                golden.write_bytes(new.encode())
                print(golden.relative_to(HERE))
    return wrong


if __name__ == "__main__":
    sys.exit(regenerate())
