"""Exports of the other cmdlets are known by their .NET type, or by what only they have."""

from __future__ import annotations

import pytest

from auditor.collect.cmdlets import COLLECTED_NOUNS
from auditor.collect.identify import NOUNS, contradicts, shape_of

_SETTINGS = "Microsoft.Exchange.Data.Directory.SystemConfiguration."
_MANAGEMENT = "Microsoft.Exchange.Data.Directory.Management."


@pytest.mark.parametrize("prefix", ["", "Selected.", "Deserialized.", "Selected.Deserialized."])
@pytest.mark.parametrize(
    ("type_name", "noun"),
    [
        (f"{_MANAGEMENT}TransportServer", "TransportService"),
        (f"{_MANAGEMENT}EdgeSubscription", "EdgeSubscription"),
        (f"{_SETTINGS}ADSite", "AdSite"),
        (f"{_SETTINGS}ADSiteLink", "AdSiteLink"),
        (f"{_MANAGEMENT}OrganizationConfig", "OrganizationConfig"),
    ],
)
def test_a_type_names_the_cmdlet(prefix, type_name, noun):
    assert shape_of(prefix + type_name, ("Name", "Site", "Domain")).noun == noun


@pytest.mark.parametrize(
    ("names", "noun"),
    [
        (("Name", "PickupDirectoryPath", "ReplayDirectoryPath"), "TransportService"),
        (("name", "adcost", "exchangecost", "sites"), "AdSiteLink"),
        (("Name", "HubSiteEnabled"), "AdSite"),
        (("Name", "MailTipsAllTipsEnabled"), "OrganizationConfig"),
        (("Name", "Site", "Domain"), None),
    ],
)
def test_properties_name_the_cmdlet(names, noun):
    assert shape_of(None, names).noun == noun


def test_every_noun_that_is_collected_is_known():
    assert NOUNS >= COLLECTED_NOUNS
    assert "ReceiveConnector" not in NOUNS


@pytest.mark.parametrize("noun", ["TransportServer", "TransportService"])
def test_both_names_of_the_transport_service_fit_its_objects(noun):
    shape = shape_of(f"{_MANAGEMENT}TransportServer", ("PickupDirectoryPath",))
    assert not contradicts(shape, noun)
    assert contradicts(shape, "ExchangeServer")


def test_what_has_no_shape_contradicts_nothing_but_what_is_foreign_does():
    assert not contradicts(shape_of(None, ("Name",)), "EdgeSubscription")
    assert contradicts(shape_of(None, ("RecipientDomains",)), "EdgeSubscription")
