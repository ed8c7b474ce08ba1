"""Settings that Exchange holds only beside others, which the policy does not look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.policy.lint.asked import is_controlled, must_be, must_be_set, says
from auditor.policy.lint.draft import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.policy.lint.draft import Draft


def tls_level_alone(draft: Draft) -> Iterator[Found]:
    """TlsAuthLevel must be set, and RequireTLS or IgnoreSTARTTLS is not under control.

    Exchange accepts a TlsAuthLevel only with RequireTLS true and IgnoreSTARTTLS false.
    """
    needed = {"RequireTLS": "true", "IgnoreSTARTTLS": "false"}
    missing = [name for name in needed if not is_controlled(draft, name)]
    if must_be_set(draft, "TlsAuthLevel") and missing:
        yield _alone(
            draft,
            "TlsAuthLevel",
            missing,
            "Exchange accepts it only with RequireTLS true and IgnoreSTARTTLS false",
            f"Add {' and '.join(f'{name}: {needed[name]}' for name in missing)}.",
        )


def domain_validation_alone(draft: Draft) -> Iterator[Found]:
    """TlsAuthLevel must be DomainValidation with smart hosts, and TlsDomain is not under control.

    With smart hosts, Exchange needs the name to look for in the certificate.
    """
    if is_controlled(draft, "TlsDomain") or not must_be_set(draft, "SmartHosts"):
        return
    if must_be(draft, "TlsAuthLevel", "DomainValidation"):
        yield _alone(
            draft,
            "TlsAuthLevel",
            ["TlsDomain"],
            "with smart hosts it says which name the gateway's certificate must bear",
            "Add TlsDomain with that name; ask the gateway's vendor for it.",
        )


def tls_domain_alone(draft: Draft) -> Iterator[Found]:
    """TlsDomain must be set, and TlsAuthLevel is not under control.

    Exchange accepts a TlsDomain only with DomainValidation.
    """
    if must_be_set(draft, "TlsDomain") and not is_controlled(draft, "TlsAuthLevel"):
        yield _alone(
            draft,
            "TlsDomain",
            ["TlsAuthLevel"],
            "Exchange accepts it only with DomainValidation",
            "Add TlsAuthLevel: DomainValidation.",
        )


def _alone(draft: Draft, name: str, missing: list[str], why: str, hint: str) -> Found:
    control = draft.policy.controls[name]
    verb = "is" if len(missing) == 1 else "are"
    message = f"{says(control)}, but {' and '.join(missing)} {verb} not under control: {why}"
    return Found(message, draft.value_place(control), hint)
