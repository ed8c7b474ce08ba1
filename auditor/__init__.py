"""Proves whether an Exchange organisation's outbound mail leaves through its gateway.

The house is one straight line: ``collect`` makes a Snapshot, ``normalise`` makes Connectors,
``evaluate`` holds them against a Policy and makes an Audit, ``report`` writes it down.
"""

__version__ = "0.1.0"
