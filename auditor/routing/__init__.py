"""Which connector a message really takes: connectors, a recipient, a size, a server → the route.

The rules are Microsoft's, "Connector selection in external message routing":
https://learn.microsoft.com/exchange/mail-flow/mail-routing/connector-selection. Connectors that
are disabled, out of scope or too small for the message do not count. Of the others the most
specific address space wins; then the lowest cost, address space and site links together; then the
nearest source server; then the lowest name.

What is not known is not guessed: a route is then every connector that it may be.
"""

from auditor.routing.carriers import LARGEST, Carrier, Offer
from auditor.routing.classes import OTHER, MailClass, class_of, mail_classes
from auditor.routing.explain import ladder, passed_over, why_taken
from auditor.routing.network import Network
from auditor.routing.places import Place
from auditor.routing.steps import Step, Steps, step_at
from auditor.routing.traffic import Stretch, Traffic, stretches_of, traffic_of

__all__ = [
    "LARGEST",
    "OTHER",
    "Carrier",
    "MailClass",
    "Network",
    "Offer",
    "Place",
    "Step",
    "Steps",
    "Stretch",
    "Traffic",
    "class_of",
    "ladder",
    "mail_classes",
    "passed_over",
    "step_at",
    "stretches_of",
    "traffic_of",
    "why_taken",
]
