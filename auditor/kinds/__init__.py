"""Kinds of values: how each is read, compared and shown. One module for each family.

Reading never raises: what cannot be read becomes ``Unreadable`` with the reason, so that a
control on it is unknown and never passes.
"""

from auditor.kinds.address_spaces import ADDRESS_SPACES
from auditor.kinds.base import Kind
from auditor.kinds.hosts import HOST, IP_ADDRESS, SMART_HOSTS
from auditor.kinds.quantities import SIZE, TIME_SPAN, UNLIMITED
from auditor.kinds.scalars import BOOLEAN, INTEGER, NAME, TEXT, enumeration
from auditor.kinds.servers import SERVERS, same_server
from auditor.kinds.text_lists import TEXTS

__all__ = [
    "ADDRESS_SPACES",
    "BOOLEAN",
    "HOST",
    "INTEGER",
    "IP_ADDRESS",
    "NAME",
    "SERVERS",
    "SIZE",
    "SMART_HOSTS",
    "TEXT",
    "TEXTS",
    "TIME_SPAN",
    "UNLIMITED",
    "Kind",
    "enumeration",
    "same_server",
]
