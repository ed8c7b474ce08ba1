"""Raw objects → what an organisation has, normalised. Never raises: what is unreadable says so."""

from auditor.normalise.connectors import (
    LazyProperties,
    normalise,
    organization_of,
    proven_versions,
)

__all__ = ["LazyProperties", "normalise", "organization_of", "proven_versions"]
