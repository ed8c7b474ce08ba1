"""The configuration file, ``audit-config/1``: options, named audits, and who is told.

::

    schema: audit-config/1
    region: na                      # any option, by its name: for every audit
    notifications: [...]            # who is told, and when
    ping: {env: HEALTHCHECK_URL}    # a dead man's switch
    password: {file: password.txt}  # of --username
    audits:
      emea: {region: eu, server: ex01.emea.contoso.com}   # the same keys, for this one
"""

from auditor.cli.configuration.extras import Extras, PingSpec, RouteSpec
from auditor.cli.configuration.file import SCHEMA, Configuration, read_configuration
from auditor.cli.configuration.references import Reference, resolved

__all__ = [
    "SCHEMA",
    "Configuration",
    "Extras",
    "PingSpec",
    "Reference",
    "RouteSpec",
    "read_configuration",
    "resolved",
]
