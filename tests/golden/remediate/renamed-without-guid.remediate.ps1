<#
.SYNOPSIS
    Brings the send connectors of an Exchange organisation back to what its policy says.

.DESCRIPTION
    Written by connector-auditor from an audit. READ IT BEFORE YOU RUN IT: every change is one
    plain command below, in the order in which it is made, and Exchange's own.
    Without -Apply nothing is changed: Exchange shows what it would do (-WhatIf).
    Before each change the connector is read again. Where it is not as it was audited, the script
    stops. After each change it is read once more, and the script says what holds, or stops.
    rollback.ps1, written together with this file, undoes what was applied.
    It runs in the Exchange Management Shell (Windows PowerShell 2.0 and later), with an account
    that may change send connectors: Organization Management has that right.

.PARAMETER Apply
    Makes the changes.

.EXAMPLE
    .\remediate.ps1

    Shows what would be changed.

.EXAMPLE
    .\remediate.ps1 -Apply
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
    if (-not $preview -and ($progress['Applied'].Count -gt 0 -or $progress['Begun'])) {
        Write-Host 'To undo it: .\rollback.ps1 shows what it would put back, and -Apply does it.'
    }
    break
}

#@FUNCTIONS@

# ---- The changes, in order ----------------------------------------------------------------------

# 1 of 1. Connector: Mimecast
#     Name: from Mimecast to Outbound Mail to Mimecast
#     SmartHostAuthMechanism: from BasicAuth to None
Assert-Audited -Noun 'SendConnector' -Name 'Mimecast' -Audited @{
    Name = 'Mimecast'
    SmartHostAuthMechanism = 'BasicAuth'
}
Set-SendConnector -Identity 'Mimecast' -Name 'Outbound Mail to Mimecast' -SmartHostAuthMechanism 'None' -DomainController 'dc01.contoso.com' -WhatIf:$preview
Assert-Changed -Noun 'SendConnector' -Name 'Outbound Mail to Mimecast' -Wanted @{
    Name = 'Outbound Mail to Mimecast'
    SmartHostAuthMechanism = 'None'
}

Write-End -Again 'remediate.ps1'
