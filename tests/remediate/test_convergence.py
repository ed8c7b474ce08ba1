"""Every law holds of the plan for any organisation, carried out on the model of Exchange."""

from __future__ import annotations

from exchange import refuse_state
from following import audited, follow
from hypothesis import HealthCheck, given, settings
from laws import LAWS
from organisations import cases

from auditor.digests import fingerprints


@settings(max_examples=500, suppress_health_check=list(HealthCheck))
@given(cases())
def test_every_law_holds_whatever_the_organisation(case):
    followed = follow(case)
    for law in LAWS:
        law(followed)


@settings(max_examples=500, suppress_health_check=list(HealthCheck))
@given(cases(lens=False, twins=False))
def test_every_law_holds_where_all_is_known(case):
    followed = follow(case)
    for law in LAWS:
        law(followed)


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(cases())
def test_every_organisation_is_one_that_exchange_can_hold(case):
    for connector in case.exchange.objects["SendConnector"]:
        refuse_state(connector)
    marks = fingerprints(audited(case, case.exchange).findings)
    assert len(set(marks)) == len(marks)
