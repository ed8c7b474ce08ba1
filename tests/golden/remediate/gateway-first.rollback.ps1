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

# Undoes 3 of 3. Connector: Fax
#     Enabled: from false to true
if (Test-Applied -Noun 'ForeignConnector' -Name 'Fax' -Audited @{
    Enabled = $true
} -Changed @{
    Enabled = $false
}) {
    Set-ForeignConnector -Identity 'Fax' -Enabled $true -DomainController 'dc01.contoso.com' -WhatIf:$preview
    Assert-Changed -Noun 'ForeignConnector' -Name 'Fax' -Wanted @{
        Enabled = $true
    }
}

# Undoes 2 of 3. Connector: Internet
#     Enabled: from false to true
if (Test-Applied -Noun 'SendConnector' -Guid '11111111-2222-3333-4444-555555555555' -Name 'Internet' -Audited @{
    Enabled = $true
} -Changed @{
    Enabled = $false
}) {
    Set-SendConnector -Identity '11111111-2222-3333-4444-555555555555' -Enabled $true -DomainController 'dc01.contoso.com' -WhatIf:$preview
    Assert-Changed -Noun 'SendConnector' -Guid '11111111-2222-3333-4444-555555555555' -Name 'Internet' -Wanted @{
        Enabled = $true
    }
}

# Undoes 1 of 3. Connector: Outbound Mail to Mimecast
#     DNSRoutingEnabled: from false to true
#     SmartHosts: from us-smtp-outbound-1.mimecast.com, us-smtp-outbound-2.mimecast.com to (empty)
if (Test-Applied -Noun 'SendConnector' -Guid '0292c782-9804-4d8b-ae0e-e1c7ab90852b' -Name 'Outbound Mail to Mimecast' -Audited @{
    DNSRoutingEnabled = $true
    SmartHosts = @()
} -Changed @{
    DNSRoutingEnabled = $false
    SmartHosts = @('us-smtp-outbound-1.mimecast.com','us-smtp-outbound-2.mimecast.com')
}) {
    Set-SendConnector -Identity '0292c782-9804-4d8b-ae0e-e1c7ab90852b' -DNSRoutingEnabled $true -DomainController 'dc01.contoso.com' -WhatIf:$preview
    Assert-Changed -Noun 'SendConnector' -Guid '0292c782-9804-4d8b-ae0e-e1c7ab90852b' -Name 'Outbound Mail to Mimecast' -Wanted @{
        DNSRoutingEnabled = $true
        SmartHosts = @()
    }
}

Write-End -Again 'rollback.ps1'
