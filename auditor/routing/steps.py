"""Steps: up to which size of a message which connectors may carry it."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from auditor.routing.carriers import LARGEST, Offer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Step(NamedTuple):
    """The answer for all sizes above the step before, up to ``upto`` bytes.

    Attributes:
        upto: the largest size.
        possible: the offers that may carry the message, the likeliest first; one, where it is
            certain which.
        certain: whether one of them does; else it may also be that none does.
    """

    upto: int
    possible: tuple[Offer, ...]
    certain: bool


Steps: TypeAlias = "tuple[Step, ...]"

NOTHING: Steps = (Step(LARGEST, (), certain=False),)
"""Nothing carries it, whatever its size."""


def steps_of(ordered: Sequence[Offer], in_scope: Sequence[bool | None]) -> Steps:
    """The steps of offers that cover a recipient alike.

    Args:
        ordered: the best first.
        in_scope: of each, whether the sender may use its connector; None where it is not known.
    """
    if len(ordered) == 1 and in_scope[0] and ordered[0].carrier.limit is not None:
        return _alone(ordered[0])
    limits = {offer.carrier.limit for offer in ordered}
    # Whatever the limit is, a message without any size is not above it.
    sizes = sorted({LARGEST, *(limit for limit in limits if limit is not None)})
    if None in limits:
        sizes.insert(0, 0)
    return merged(Step(size, *_at(size, ordered, in_scope)) for size in sizes)


def _alone(offer: Offer) -> Steps:
    """The same for one offer, quickly: most address spaces have one connector only."""
    carrier = offer.carrier
    limit = LARGEST if carrier.limit is None else carrier.limit
    mine = Step(limit, (offer,), carrier.is_certain)
    return (mine,) if limit == LARGEST else (mine, Step(LARGEST, (), certain=False))


def _at(
    size: int, ordered: Sequence[Offer], in_scope: Sequence[bool | None]
) -> tuple[tuple[Offer, ...], bool]:
    possible: list[Offer] = []
    for offer, usable in zip(ordered, in_scope, strict=True):
        carrier = offer.carrier
        fits = size == 0 if carrier.limit is None else size <= carrier.limit
        if usable is False or (carrier.limit is not None and not fits):
            continue
        possible.append(offer)
        if fits and usable and carrier.is_certain:
            return tuple(possible), True
    return tuple(possible), False


def fall_back(upper: Steps, lower: Steps) -> Steps:
    """The steps of one level of address spaces, and of the less specific ones below it."""
    if all(step.certain for step in upper):
        return upper
    return merged(
        Step(high.upto if high.upto < low.upto else low.upto, high.possible, certain=True)
        if high.certain
        else Step(min(high.upto, low.upto), _joined(high.possible, low.possible), low.certain)
        for high, low in _side_by_side(upper, lower)
    )


def united(every: Sequence[Steps]) -> Steps:
    """What may happen where it is not known which of several steps holds."""
    found = every[0]
    for other in every[1:]:
        if other != found:
            found = merged(
                Step(
                    min(one.upto, two.upto),
                    _joined(one.possible, two.possible),
                    one.certain and two.certain,
                )
                for one, two in _side_by_side(found, other)
            )
    return found


def step_at(steps: Steps, size: int) -> Step:
    """The step that holds for a size in bytes."""
    return next((step for step in steps if size <= step.upto), steps[-1])


def merged(steps: Iterable[Step]) -> Steps:
    """The same steps, with neighbours of one answer as one."""
    found: list[Step] = []
    for step in steps:
        if found and found[-1].possible == step.possible and found[-1].certain is step.certain:
            found[-1] = step
        else:
            found.append(step)
    return tuple(found)


def _joined(one: tuple[Offer, ...], two: tuple[Offer, ...]) -> tuple[Offer, ...]:
    """All of both, each once."""
    if not one or not two:
        return one or two
    return tuple(dict.fromkeys(chain(one, two)))


def _side_by_side(one: Steps, two: Steps) -> Iterable[tuple[Step, Step]]:
    """The steps of both that hold for the same sizes, in the order of the sizes."""
    left = right = 0
    while left < len(one) and right < len(two):
        yield one[left], two[right]
        upto_left, upto_right = one[left].upto, two[right].upto
        left += upto_left <= upto_right
        right += upto_right <= upto_left
