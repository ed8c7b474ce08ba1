"""No recipient outside the classes can behave differently: its class's answer is its own."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.routing import LARGEST, MailClass, class_of, step_at, stretches_of, traffic_of
from auditor.routing.network import Network
from tests.routing.organisations import DOMAINS, organisations

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
FREE = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
RECIPIENTS = st.one_of(
    FREE,
    st.builds("{}.{}".format, FREE, st.sampled_from(DOMAINS)),
    st.builds("{}{}".format, LABELS, st.sampled_from(DOMAINS)),
    st.sampled_from(DOMAINS).map(lambda domain: domain.partition(".")[2] or domain),
)
SIZES = st.one_of(st.integers(0, 40), st.integers(0, LARGEST))


def answer(network, mail, size, place):
    """What may happen, without what the address space is called by which it happens."""
    found = set()
    for stretch in stretches_of(mail, network):
        if stretch.places >> place & 1 and stretch.above < size <= stretch.step.upto:
            carriers = frozenset(offer.carrier for offer in stretch.step.possible)
            found.add((carriers, stretch.step.certain, stretch.inside))
    (one,) = found
    return one


@settings(max_examples=1000)
@given(organisations(), RECIPIENTS, SIZES, st.data())
def test_the_answer_of_its_class_is_the_answer_for_a_recipient(organisation, domain, size, data):
    network = Network(organisation)
    place = data.draw(st.integers(0, len(network.places) - 1))
    itself = MailClass("exact", domain)
    assert answer(network, class_of(domain, network), size, place) == answer(
        network, itself, size, place
    )


@settings(max_examples=300)
@given(organisations(), RECIPIENTS)
def test_every_recipient_is_in_a_class_that_every_check_tries(organisation, domain):
    traffic = traffic_of(organisation)
    tried = {stretch.mail for stretch in traffic.stretches}
    assert class_of(domain, traffic.network) in tried


@settings(max_examples=300)
@given(organisations(), RECIPIENTS, SIZES)
def test_a_step_holds_for_every_size_up_to_its_own(organisation, domain, size):
    network = Network(organisation)
    for part in network.parts(MailClass("exact", domain).ladder()):
        step = step_at(part.steps, size)
        assert size <= step.upto
        limits = {o.carrier.limit for s in part.steps for o in s.possible} - {None}
        # Nothing changes between the limits that there are.
        assert {s.upto for s in part.steps} <= limits | {0, LARGEST} | _all_limits(network)


def _all_limits(network):
    return {carrier.limit for carrier in network.carriers} - {None}
