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

#@HEAD@
[CmdletBinding()]
param(
    [switch] $Apply
)

#@SETTINGS@

# If anything goes wrong, say how far it came; "break" then ends the script with that error.
trap {
    Write-Progressed
    Write-Host 'When that is mended, run this script again: what is undone already is skipped.'
    break
}

#@FUNCTIONS@

# ---- The changes, last one first ----------------------------------------------------------------

#@STEPS@

Write-End -Again 'rollback.ps1'
