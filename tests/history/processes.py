"""Processes that keep runs in a history."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT


def writer(where, key, count):
    """A process that waits for its start."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.history.writer", where, key, str(count)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
