"""What can go wrong on the way to a server: one sentence on what happened, one on what to try.

Codes of Kerberos: https://web.mit.edu/kerberos/krb5-latest/doc/appdev/refs/macros/ (the error
table krb5, base -1765328384); of Windows' security package:
https://learn.microsoft.com/windows/win32/com/com-error-codes-4
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Known(NamedTuple):
    """What happened, and what to try; ``{url}`` and the like are filled in."""

    message: str
    hint: str


NO_HOST: Final = Known(
    "there is no host of the name {host}", "Check the spelling, the DNS suffix, and the network."
)
REFUSED: Final = Known(
    "nothing listens on port {port} of {host}",
    "Exchange's endpoint is on port 80 (http) or 443 (https), not on WinRM's 5985. Is IIS running?",
)
NO_WAY: Final = Known(
    "there is no way to {host}, port {port}: {detail}", "Check the network and the firewalls."
)
TOO_LATE: Final = Known(
    "{url} did not answer within {timeout:g} seconds",
    "Is the server busy, or does a firewall drop the packets? More time: --timeout SECONDS",
)
LOST: Final = Known(
    "{url}: {detail}",
    "Try again. If it stays so: does the port speak https? Look at the load balancer and at IIS's "
    "log; over http also try --message-encryption never.",
)
BROKEN: Final = Known(
    "{url} sent something that is not PowerShell remoting: {detail}",
    "Try again, and another server of the organisation.",
)
TOO_MUCH: Final = Known(
    "{url} sent {detail} for one cmdlet",
    "Export it there (Get-SendConnector | Export-Clixml connectors.xml) and give --snapshot.",
)
SIGN_IN: Final = Known(
    "{url} answered with a web page, and without asking who this is, as PowerShell never does",
    "A load balancer or a sign-in page may stand before it: name the server itself.",
)
ELSEWHERE: Final = Known(
    "{url} sends us to another address, where nobody is asked",
    "Name the server that is to be asked: --server https://SERVER/PowerShell/",
)
HTTP: Final[Mapping[int, Known]] = {
    401: Known(
        "{url} did not accept the account",
        "Check the user name and the password, and that the account may use remote PowerShell.",
    ),
    400: Known(
        "{url} could not read the request (400)",
        "It may not take encrypted messages over http: use https, or --message-encryption never.",
    ),
    403: Known(
        "{url} refuses this account, or this way of asking (403)",
        "https may be required: --server https://{host}/PowerShell/. The account must be enabled "
        "for remote PowerShell (Set-User -RemotePowerShellEnabled).",
    ),
    404: Known(
        "there is no PowerShell endpoint at {url} (404)",
        "Exchange's own is {scheme}://{host}/PowerShell/: check the port and the path.",
    ),
    503: Known(
        "the service behind {url} is not available (503)",
        "Is the application pool MSExchangePowerShellAppPool running? Try another server.",
    ),
}
REFUSED_WAYS: Final[Mapping[str, str]] = {
    "certificate": "Does the server know an account for this certificate (certificate mapping)? "
    "It must also take client certificates at this address.",
    "ntlm": "Check the user name and the password. Exchange mostly refuses NTLM here: try "
    "--auth kerberos.",
}
"""What to try after a 401, where it is not the password alone."""
OTHER_HTTP: Final = Known(
    "{url} answered with the HTTP status {detail}", "Look at IIS's log on the server."
)
NO_CONFIGURATION: Final = Known(
    "{url} has no session configuration Microsoft.Exchange: {detail}",
    "WinRM's own endpoint (port 5985, path /wsman) is another one: http://SERVER/PowerShell/ is "
    "Exchange's.",
)
TOO_MANY: Final = Known(
    "this account has too many sessions on {host}: {detail}",
    "Close other Exchange shells of the account, or wait: the server ends idle ones.",
)
DENIED: Final = Known(
    "{host} does not let this account in: {detail}",
    "It must be enabled for remote PowerShell, and in a role group such as View-Only "
    "Organization Management.",
)
FAULT: Final = Known("{url} reports a fault: {detail}", "Look at the server's event log.")

CERTIFICATES: Final[Mapping[int, Known]] = {
    10: Known(
        "the certificate of {host} has expired", "Renew it; the clock of this machine counts too."
    ),
    9: Known("the certificate of {host} is not valid yet", "Check the clock of this machine."),
    18: Known(
        "the certificate of {host} is self-signed",
        "Trust it with --ca-file FILE (PEM). --insecure would prove nothing about the server.",
    ),
    62: Known(
        "the certificate of {host} is for another name", "Use the name that is in the certificate."
    ),
    64: Known(
        "the certificate of {host} is not for this address",
        "Use the name that is in the certificate.",
    ),
}
UNTRUSTED: Final = Known(
    "the certificate of {host} comes from an authority that is not trusted here",
    "Trust your organisation's root authority with --ca-file FILE (PEM; the system's own store is "
    "not asked). Where one is given, the certificate does not lead to it, or the server does not "
    "send its intermediates.",
)
NO_TLS: Final = Known(
    "{host} does not speak TLS on port {port}: {detail}", "Check the port; https is on 443."
)
TLS: Final = (
    (
        "PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS|HANDSHAKE_FAILURE",
        Known(
            "{host} and this machine share no version of TLS: {detail}",
            "Switch TLS 1.2 on at the server (Exchange's own guidance), or ask another server.",
        ),
    ),
    (
        "CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN",
        Known(
            "{host} does not accept this client's certificate: {detail}",
            "Use --auth certificate with --certificate and --certificate-key, from an authority "
            "that the server trusts.",
        ),
    ),
)
"""Parts of OpenSSL's reasons that mean something else than that nobody speaks TLS there."""
NO_HTTP: Final = Known(
    "what listens on port {port} of {host} does not speak HTTP",
    "Exchange's endpoint is on port 80 (http) or 443 (https): check the port.",
)
IN_CLEAR: Final = Known(
    "{url} answered an encrypted request without encryption",
    "Without --message-encryption always this is accepted, and said in every report; https is "
    "better.",
)
ODD_CHARACTER: Final = Known(
    "the user name or the password holds a character that cannot be sent this way",
    "Try another way of authentication (--auth), or an account without such characters.",
)

NO_TICKET: Final = Known(
    "there is no Kerberos ticket for the account {user}",
    "Get one with kinit, give --username auditor@CONTOSO.COM and AUDIT_PASSWORD, or set "
    "KRB5_CLIENT_KTNAME to a keytab of that account; on Windows log on with an account of the "
    "domain.",
)
EXPIRED_TICKET: Final = Known("the Kerberos ticket has expired", "Get a new one with kinit.")
SKEW: Final = Known(
    "the clocks of this machine and of the domain differ too much for Kerberos",
    "Set the clock of this machine (within five minutes of the domain controllers).",
)
NO_PRINCIPAL: Final = Known(
    "the domain knows no service {spn}",
    "Use the server's own full name, or name the service with --spn-service and --spn-host.",
)
NO_USER: Final = Known(
    "the domain knows no account {user}",
    "Check the name; with its realm it is written auditor@CONTOSO.COM, in capitals.",
)
WRONG_PASSWORD: Final = Known(
    "the password of {user} is wrong", "Check AUDIT_PASSWORD, the keyring, or what was typed."
)
LOCKED: Final = Known(
    "the account {user} is locked, disabled or expired", "Ask the domain's administrators."
)
OLD_PASSWORD: Final = Known(
    "the password of {user} has expired", "Change it first, on a Windows machine or with kpasswd."
)
NO_KDC: Final = Known(
    "no domain controller of the realm answers: {detail}",
    "Check the realm (in capitals: auditor@CONTOSO.COM), DNS, and port 88 to the domain "
    "controllers.",
)
WRONG_KEY: Final = Known(
    "{host} cannot read the ticket for {spn}",
    "The service belongs to another account, as behind a load balancer: try --spn-host with the "
    "server's own name.",
)
_KRB5: Final = -1765328384
KERBEROS: Final[Mapping[int, Known]] = {
    _KRB5 + 6: NO_USER,  # KDC_ERR_C_PRINCIPAL_UNKNOWN
    _KRB5 + 7: NO_PRINCIPAL,  # KDC_ERR_S_PRINCIPAL_UNKNOWN
    _KRB5 + 18: LOCKED,  # KDC_ERR_CLIENT_REVOKED
    _KRB5 + 1: LOCKED,  # KDC_ERR_NAME_EXP
    _KRB5 + 23: OLD_PASSWORD,  # KDC_ERR_KEY_EXP
    _KRB5 + 24: WRONG_PASSWORD,  # KDC_ERR_PREAUTH_FAILED
    _KRB5 + 31: WRONG_PASSWORD,  # KRB_AP_ERR_BAD_INTEGRITY
    _KRB5 + 32: EXPIRED_TICKET,  # KRB_AP_ERR_TKT_EXPIRED
    _KRB5 + 37: SKEW,  # KRB_AP_ERR_SKEW
    _KRB5 + 41: WRONG_KEY,  # KRB_AP_ERR_MODIFIED
    _KRB5 + 141: NO_TICKET,  # KRB5_CC_NOTFOUND
    _KRB5 + 154: NO_KDC,  # KRB5_REALM_UNKNOWN
    _KRB5 + 156: NO_KDC,  # KRB5_KDC_UNREACH
    _KRB5 + 195: NO_TICKET,  # KRB5_FCC_NOFILE
    100001: EXPIRED_TICKET,  # of the library itself: the credential that was referred to
}
WINDOWS: Final[Mapping[int, Known]] = {
    0x80090303: NO_PRINCIPAL,  # SEC_E_TARGET_UNKNOWN
    0x8009030C: WRONG_PASSWORD,  # SEC_E_LOGON_DENIED
    0x8009030E: NO_TICKET,  # SEC_E_NO_CREDENTIALS
    0x80090311: NO_KDC,  # SEC_E_NO_AUTHENTICATING_AUTHORITY
    0x80090322: WRONG_KEY,  # SEC_E_WRONG_PRINCIPAL
    0x80090324: SKEW,  # SEC_E_TIME_SKEW
}
KERBEROS_ELSE: Final = Known(
    "Kerberos failed: {detail}", "Try kinit on this machine; it may say more."
)
OFFERS_OTHER: Final = Known(
    "{url} does not offer {auth} authentication ({detail})",
    "Use --auth with one that it offers, or switch it on for the virtual directory PowerShell.",
)
ANY: Final = Known(
    "{url} could not be asked: {detail}",
    "audit doctor --server {url} tries each step of the way and says more.",
)
