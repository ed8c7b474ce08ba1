"""The engine and the naive reference agree on organisations made at random.

``ROUTING_EXAMPLES=20000 python -m pytest tests/routing/test_against_reference.py`` tries more.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.routing import LARGEST, class_of, traffic_of
from tests.routing.organisations import DOMAINS, SIZES, organisations
from tests.routing.reference import answers, inside, senders

EXAMPLES = int(os.environ.get("ROUTING_EXAMPLES", "2000"))
DRAWN = (*DOMAINS, "new.test", "x.a.example", "x.y.b.a.example", "z.example")
MEASURES = (0, 1, *(size + more for size in SIZES for more in (0, 1)), 10**6)


def engine(organisation, domain, size, sender):
    """What the engine says, in the reference's words: connectors, and None for none of them."""
    traffic = traffic_of(organisation)
    network = traffic.network
    place = next(
        n
        for n, place in enumerate(network.places)
        if (sender is None and not place.servers) or (sender or "").lower() in place.servers
    )
    mail = class_of(domain, network)
    stretches = [
        s
        for s in traffic.stretches
        if s.mail == mail and s.places >> place & 1 and s.above < size <= s.step.upto
    ]
    assert len(stretches) == 1, "the stretches are apart, and together they are everything"
    (stretch,) = stretches
    assert stretch.inside == inside(organisation.accepted_domains, domain)
    if stretch.inside:
        return None
    found = {offer.carrier.connector for offer in stretch.step.possible}
    return found if stretch.step.certain else found | {None}


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(organisations(), st.sampled_from(DRAWN), st.sampled_from(MEASURES), st.data())
def test_engine_and_reference_give_the_same_answer(organisation, domain, size, data):
    sender = data.draw(st.sampled_from(senders(organisation)))
    found = engine(organisation, domain, size, sender)
    if found is None:
        assert inside(organisation.accepted_domains, domain) is True
        return
    assert found == answers(organisation, domain, size, sender)


@settings(max_examples=EXAMPLES // 4, suppress_health_check=[HealthCheck.too_slow])
@given(organisations())
def test_the_stretches_of_a_class_are_all_sizes_and_all_places_once(organisation):
    traffic = traffic_of(organisation)
    for mail in dict.fromkeys(stretch.mail for stretch in traffic.stretches):
        mine = [stretch for stretch in traffic.stretches if stretch.mail == mail]
        for place in range(len(traffic.network.places)):
            here = [s for s in mine if s.places >> place & 1]
            assert here[0].above == -1
            assert here[-1].step.upto == LARGEST
            assert [s.above for s in here[1:]] == [s.step.upto for s in here[:-1]]
