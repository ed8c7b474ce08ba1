<#
.SYNOPSIS
    Undoes what remediate.ps1 of the same folder has applied, last change first.

.DESCRIPTION
    Written by connector-auditor from an audit. READ IT BEFORE YOU RUN IT: every change is one
    plain command below, in the order in which it is made, and Exchange's own.
    Without -Apply nothing is changed: Exchange shows what it would do (-WhatIf).
    A change that was never applied, or is undone already, is skipped. Where a connector is neither
    as audited nor as remediate.ps1 left it, somebody has changed it since: it is left as it is, and
    the script ends with an error that names it.
    Every changed setting gets the value that was audited. What cannot be given back:
    - a password: it is in no export, so you are asked for it;
    - that a connector was not there: one that was created is disabled, and never removed;
    - mail that has left meanwhile.
    It runs in the Exchange Management Shell (Windows PowerShell 2.0 and later), with an account
    that may change send connectors: Organization Management has that right.

.PARAMETER Apply
    Makes the changes.

.EXAMPLE
    .\rollback.ps1

    Shows what would be put back.

.EXAMPLE
    .\rollback.ps1 -Apply
#>

# Organisation: Contoso
# Policy: mimecast, version 1, sha256 5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f
# Region: na
# Audited: 2026-11-23T08:00:00Z
# From: connectors.xml
# Its sha256: abababababababababababababababababababababababababababababababab
# Written by: connector-auditor 0.1.0
# Ticket: CHG0012345
# Domain controller: dc01.contoso.com
#
# The findings that it answers:
# - SmartHosts on Outbound Mail to Mimecast: The smart hosts are another region's.
# - ConnectorPresent: No connector routes to Mimecast.
[CmdletBinding()]
param(
    [switch] $Apply
)

$domainController = 'dc01.contoso.com'

# If anything goes wrong, say how far it came; "break" then ends the script with that error.
trap {
    Write-Progressed
    Write-Host 'When that is mended, run this script again: what is undone already is skipped.'
    break
}

#@FUNCTIONS@

# ---- The changes, last one first ----------------------------------------------------------------

# Undoes 1 of 1. Connector: Outbound Mail to Mimecast
#     RequireTLS: from true to false
#     IgnoreSTARTTLS: from false to true
#     TlsAuthLevel: from DomainValidation to (not set)
#     TlsDomain: from *.mimecast.com to (not set)
#     MaxMessageSize: from 25 MB to Unlimited
#     ConnectionInactivityTimeOut: from 00:10:00 to 1.00:00:00
#     SourceTransportServers: from EX01, EX02 to EX01
#     Fqdn: from (not set) to mail.contoso.com
if (Test-Applied -Noun 'SendConnector' -Guid '0292c782-9804-4d8b-ae0e-e1c7ab90852b' -Name 'Outbound Mail to Mimecast' -Audited @{
    RequireTLS = $false
    IgnoreSTARTTLS = $true
    TlsAuthLevel = $null
    TlsDomain = $null
    MaxMessageSize = 'Unlimited'
    ConnectionInactivityTimeOut = '1.00:00:00'
    SourceTransportServers = @('EX01')
    Fqdn = 'mail.contoso.com'
} -Changed @{
    RequireTLS = $true
    IgnoreSTARTTLS = $false
    TlsAuthLevel = 'DomainValidation'
    TlsDomain = '*.mimecast.com'
    MaxMessageSize = 26214400
    ConnectionInactivityTimeOut = '00:10:00'
    SourceTransportServers = @('EX01','EX02')
    Fqdn = $null
}) {
    Set-SendConnector -Identity '0292c782-9804-4d8b-ae0e-e1c7ab90852b' -RequireTLS $false -IgnoreSTARTTLS $true -TlsAuthLevel $null -TlsDomain $null -MaxMessageSize 'Unlimited' -ConnectionInactivityTimeOut '1.00:00:00' -SourceTransportServers 'EX01' -Fqdn 'mail.contoso.com' -DomainController 'dc01.contoso.com' -WhatIf:$preview
    Assert-Changed -Noun 'SendConnector' -Guid '0292c782-9804-4d8b-ae0e-e1c7ab90852b' -Name 'Outbound Mail to Mimecast' -Wanted @{
        RequireTLS = $false
        IgnoreSTARTTLS = $true
        TlsAuthLevel = $null
        TlsDomain = $null
        MaxMessageSize = 'Unlimited'
        ConnectionInactivityTimeOut = '1.00:00:00'
        SourceTransportServers = @('EX01')
        Fqdn = 'mail.contoso.com'
    }
}

Write-End -Again 'rollback.ps1'
