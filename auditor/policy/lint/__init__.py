"""What is wrong with a policy that can be loaded: what it asks can never be, or says too little.

``lint`` takes a policy and gives remarks; it prints nothing and raises nothing of its own. A rule
is a function with a docstring for people, and a line in ``RULES``.
"""

from auditor.policy.lint.draft import Remark
from auditor.policy.lint.run import RULES, lint, lint_pack

__all__ = ["RULES", "Remark", "lint", "lint_pack"]
