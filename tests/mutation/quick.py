"""A pytest plugin for runs on mutants: the same examples every time, tables before searches."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings

# A mutant needs one failing example, no smallest one, and none kept from the mutant before.
settings.register_profile(
    "mutation",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=30,
    phases=(Phase.explicit, Phase.generate),
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files keep their order; of all tests, those that search for examples come last."""
    items.sort(key=lambda item: hasattr(getattr(item, "obj", None), "hypothesis"))
