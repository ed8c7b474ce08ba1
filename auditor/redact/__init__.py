"""A snapshot, and the policy and packs beside it, without names: ``audit collect --redact``.

Names of servers, people, domains, sites and organisations, addresses and free texts become
stand-ins, and so do the ids of controls in packs of one's own, which can hold a name; the same
audit of all gives the same findings. Stand-ins are numbered in the order in which names appear,
so that nobody can guess a name and test the guess.

What stays: hosts of the built-in policies' gateways and what those policies call them,
Microsoft's domains that decide what a host is, documented names of properties, Guids (they name
nothing, and fingerprints are made of them), small numbers, dates, versions, enumeration values,
and names that every organisation has.

What can still be seen, because the findings need it: the alphabetical rank of connectors' names,
Guids and times of creation, which hosts have the same label under different domains, and which
connectors a wildcard of an exemption covers.
"""

from auditor.redact.kept import Kept, builtin
from auditor.redact.run import Redacted, redact

__all__ = ["Kept", "Redacted", "builtin", "redact"]
