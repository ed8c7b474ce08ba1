"""A pytest plugin for runs on mutants: the same examples every time, tables before searches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, settings

if TYPE_CHECKING:
    from collections.abc import Iterable

# A mutant needs one failing example, no smallest one, and none kept from the mutant before.
settings.register_profile(
    "mutation",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=40,
    phases=(Phase.explicit, Phase.generate),
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole files keep their order; within all, what searches for examples comes last."""
    items[:] = _sorted(items)


def _sorted(items: Iterable[Any]) -> list[pytest.Item]:
    return sorted(items, key=lambda item: hasattr(getattr(item, "obj", None), "hypothesis"))
