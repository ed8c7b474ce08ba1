"""A snapshot, and the policy beside it, without names: ``audit collect --redact``.

Names of servers, people, domains, sites and organisations, addresses and free texts become
stand-ins; the same audit of both gives the same findings. Stand-ins are numbered in the order in
which names appear, so that nobody can guess a name and test the guess.

What stays: hosts of the gateway, Microsoft's domains that decide what a host is, Guids (they name
nothing, and fingerprints are made of them), numbers, dates, versions, enumeration values, and
names that every organisation has.
"""

from auditor.redact.kept import Kept, kept_of
from auditor.redact.run import Redacted, redact

__all__ = ["Kept", "Redacted", "kept_of", "redact"]
