"""Policy × Connectors → findings. Knows no source and no format."""

from auditor.evaluate.audit import evaluate

__all__ = ["evaluate"]
