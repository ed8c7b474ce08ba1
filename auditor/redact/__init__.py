"""A snapshot, and the policy beside it, without names: ``audit collect --redact``.

Names of servers, people, domains, sites and organisations, addresses and free texts become
stand-ins; the same audit of both gives the same findings. Stand-ins are numbered in the order in
which names appear, so that nobody can guess a name and test the guess.

What stays: hosts of the built-in policies' gateways and what those policies call them,
Microsoft's domains that decide what a host is, documented names of properties, Guids (they name
nothing, and fingerprints are made of them), small numbers, dates, versions, enumeration values,
and names that every organisation has.

What can still be seen, because the findings need it: the alphabetical rank of connectors' names,
Guids and times of creation, and which hosts have the same label under different domains.
"""

from auditor.redact.kept import Kept, builtin
from auditor.redact.run import Redacted, redact

__all__ = ["Kept", "Redacted", "builtin", "redact"]
