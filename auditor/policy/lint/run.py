"""All rules, and what they find in a policy or a pack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.policy.lint.companions import (
    domain_validation_alone,
    tls_domain_alone,
    tls_level_alone,
)
from auditor.policy.lint.contradictions import (
    impossible_condition,
    impossible_control,
    impossible_guard,
    impossible_in_pack,
)
from auditor.policy.lint.draft import Draft, Found, Level, Remark, position
from auditor.policy.lint.emptiness import control_that_always_passes, region_host_elsewhere
from auditor.policy.lint.exemptions import (
    exemption_of_inapplicable_control,
    exemption_of_no_control,
    exemption_of_the_subject,
    exemption_of_unused_pack,
    exemption_without_connector,
    guard_of_a_disabled_connector,
    guard_that_passes,
)
from auditor.policy.lint.inherited import restated_detail, restated_region, restated_value
from auditor.policy.lint.permissions import (
    exemption_expired,
    exemption_of_every_connector,
    exemption_twice,
)
from auditor.policy.lint.proof import proof_ignored, proof_weakened
from auditor.policy.lint.settings import (
    dns_routing_with_authentication,
    dns_routing_with_smart_hosts,
    domain_security_without_its_needs,
    domain_validation_without_tls_domain,
    no_route_at_all,
    required_tls_with_starttls_ignored,
    tls_domain_without_domain_validation,
    tls_level_without_tls,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date

    from auditor.model import Pack, Policy
    from auditor.policy.documents import Document
    from auditor.yamlfile import Node


class Rule(NamedTuple):
    """One rule: how much it matters, and what finds it. Its docstring is its documentation."""

    level: Level
    check: Callable[[Draft], Iterator[Found]]


RULES: Final[Mapping[str, Rule]] = {
    "dns-routing-with-smart-hosts": Rule("error", dns_routing_with_smart_hosts),
    "dns-routing-with-authentication": Rule("error", dns_routing_with_authentication),
    "no-route-at-all": Rule("error", no_route_at_all),
    "required-tls-with-starttls-ignored": Rule("error", required_tls_with_starttls_ignored),
    "tls-level-without-tls": Rule("error", tls_level_without_tls),
    "tls-domain-without-domain-validation": Rule("error", tls_domain_without_domain_validation),
    "domain-validation-without-tls-domain": Rule("error", domain_validation_without_tls_domain),
    "domain-security-without-its-needs": Rule("error", domain_security_without_its_needs),
    "impossible-control": Rule("error", impossible_control),
    "impossible-condition": Rule("error", impossible_condition),
    "impossible-guard": Rule("error", impossible_guard),
    "exemption-of-no-control": Rule("error", exemption_of_no_control),
    "exemption-of-inapplicable-control": Rule("error", exemption_of_inapplicable_control),
    "exemption-without-connector": Rule("error", exemption_without_connector),
    "exemption-of-the-subject": Rule("error", exemption_of_the_subject),
    "guard-of-a-disabled-connector": Rule("error", guard_of_a_disabled_connector),
    "guard-that-passes": Rule("error", guard_that_passes),
    "exemption-of-unused-pack": Rule("warning", exemption_of_unused_pack),
    "exemption-expired": Rule("warning", exemption_expired),
    "exemption-of-every-connector": Rule("warning", exemption_of_every_connector),
    "exemption-twice": Rule("warning", exemption_twice),
    "tls-level-alone": Rule("warning", tls_level_alone),
    "domain-validation-alone": Rule("warning", domain_validation_alone),
    "tls-domain-alone": Rule("warning", tls_domain_alone),
    "proof-ignored": Rule("warning", proof_ignored),
    "proof-weakened": Rule("warning", proof_weakened),
    "control-that-always-passes": Rule("warning", control_that_always_passes),
    "region-host-elsewhere": Rule("warning", region_host_elsewhere),
    "restated-value": Rule("warning", restated_value),
    "restated-detail": Rule("warning", restated_detail),
    "restated-region": Rule("warning", restated_region),
}


def lint(policy: Policy, document: Document | None, today: date) -> tuple[Remark, ...]:
    """What is wrong with a policy that can be loaded, in the order of the files and lines.

    Args:
        policy: the effective one, with its packs.
        document: the same as YAML nodes; None where there is none: places are less exact then,
            and nothing is said of what is inherited or ignored.
        today: the day by which exemptions are expired.

    Raises:
        PolicyError: a file of the document can no longer be read.
    """
    draft = Draft(policy, document, today)
    return _sorted(
        Remark(rule.level, *found) for rule in RULES.values() for found in rule.check(draft)
    )


def lint_pack(pack: Pack, root: Node | None = None) -> tuple[Remark, ...]:
    """What is wrong with a pack that can be loaded: controls that nothing can pass.

    Args:
        pack: the pack.
        root: its file's root node; None where there is none: places are less exact then.
    """
    return _sorted(Remark("error", *found) for found in impossible_in_pack(pack, root))


def _sorted(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    def order(remark: Remark) -> tuple[str, int, int, str]:
        return (remark.place.file or "", *position(remark.place), remark.message)

    return tuple(sorted(remarks, key=order))
