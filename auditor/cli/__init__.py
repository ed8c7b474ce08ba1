"""The command line: the only layer that prints, exits, reads the environment or the clock."""

from auditor.cli.main import main

__all__ = ["main"]
