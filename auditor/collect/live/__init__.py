"""Live Exchange over PowerShell remoting → Snapshot. The only place that knows pypsrp."""

from auditor.collect.live.checks import check_target
from auditor.collect.live.endpoint import (
    AUTHS,
    ENCRYPTIONS,
    SPN_SERVICE,
    Endpoint,
    Login,
    Target,
    parse_endpoint,
)

__all__ = [
    "AUTHS",
    "ENCRYPTIONS",
    "SPN_SERVICE",
    "Endpoint",
    "Login",
    "Target",
    "check_target",
    "parse_endpoint",
]
