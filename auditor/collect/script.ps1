<#
.SYNOPSIS
    Writes what connector-auditor needs to know of an Exchange organisation to one file.

.DESCRIPTION
    Changes nothing: of Exchange it calls the Get- cmdlets in the list below and no other. It needs
    no more than View-Only Organization Management. A cmdlet that this version of Exchange has not,
    or that you may not use, is written down as not collected. Credentials are not written; of the
    one that a send connector can hold, the file says only whether it is set.
    Runs in Windows PowerShell 2.0 and later, with Exchange Server 2010 to Subscription Edition.

    HOW TO RUN IT
    1. Copy this file to an Exchange server, or to a computer with the Exchange management tools.
    2. Open the Exchange Management Shell there. (A plain PowerShell has no Exchange cmdlets;
       neither has "powershell -ExecutionPolicy Bypass -File ...".)
    3. Go to a folder that you may write to, and type the script's path:
           C:\Temp\connector-auditor.ps1
       If that is refused because scripts are disabled or this one is not signed, this line runs the
       same text, and changes no setting. It needs the full path:
           & ([ScriptBlock]::Create([IO.File]::ReadAllText('C:\Temp\connector-auditor.ps1')))
    4. Take the file to where connector-auditor is installed, and run:
           audit check --region na --snapshot FILE

.PARAMETER Path
    The file to write; it must not exist. Default: connector-auditor-<date>.xml in this folder.

.PARAMETER DomainController
    The domain controller to ask. Default: the one that Exchange chooses.

.EXAMPLE
    C:\Temp\connector-auditor.ps1 -Path C:\Temp\contoso.xml -DomainController dc01.contoso.com
#>
[CmdletBinding()]
param(
    [string] $Path,
    [string] $DomainController
)

Set-StrictMode -Off
$ErrorActionPreference = 'Continue'

# Where Exchange has not the first cmdlet of a line, the next on the line is asked.
$wanted = @(
    '@CMDLETS@'
)

# What is never written. SerializationData is the whole object once more in binary, credential
# included; the Exchange Management Shell adds it to every object.
$dropped = @('SerializationData', '*Credential*', '*Password*', '*Secret*')

if (-not (Get-Command -Name Get-SendConnector -ErrorAction SilentlyContinue)) {
    throw ('There is no Get-SendConnector in this shell, so nothing was collected. ' +
        'Open the Exchange Management Shell and run this script there, with an account that has ' +
        'at least View-Only Organization Management. (On a server whose Exchange Management ' +
        'Shell cannot start, "Get-PSSnapin -Registered" names the Exchange snap-in, and ' +
        'Add-PSSnapin loads it.)')
}

$now = [DateTime]::UtcNow
$invariant = [Globalization.CultureInfo]::InvariantCulture
if (-not $Path) {
    $Path = 'connector-auditor-' + $now.ToString('yyyy-MM-dd-HHmmss', $invariant) + '.xml'
}
$file = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
if ($file -match '[\[\]*?]') {
    throw ('Choose a file name without [ ] * and ?: ' + $file)
}
if (Test-Path -LiteralPath $file) {
    throw ('The file is there already, and is not overwritten: ' + $file)
}

$with = @{}
if ($DomainController) {
    $with['DomainController'] = $DomainController
}

$collect = {
    # First of all: without it, a file that was cut short could pass for a whole one.
    New-Object PSObject -Property @{
        ConnectorAuditorFormat  = '@FORMAT@'
        ConnectorAuditorVersion = '@VERSION@'
        ConnectorAuditorTime    = $now.ToString('s', $invariant) + 'Z'
        ConnectorAuditorServer  = [Environment]::MachineName
        ConnectorAuditorUser    = [Environment]::UserDomainName + '\' + [Environment]::UserName
    }
    $cmdlets = 0
    foreach ($line in $wanted) {
        $name = $null
        foreach ($choice in $line.Split(' ')) {
            if (-not $name -and (Get-Command -Name $choice -ErrorAction SilentlyContinue)) {
                $name = $choice
            }
        }
        $count = 0
        $problems = @()
        if (-not $name) {
            $name = $line.Split(' ')[0]
            $problems += '@REFUSED@'
        }
        elseif ($name -cnotmatch '\AGet-[A-Za-z]+\z') {
            throw ('Not a cmdlet that only reads: ' + $name)
        }
        else {
            $answer = @()
            $reported = @()
            $last = $null
            if ($global:Error.Count -gt 0) {
                $last = $global:Error[0]
            }
            try {
                # Errors come by any of these ways: the proxies of a remote session redirect some
                # nowhere, and $Error then still has them.
                $answer = @(& $name @with -ErrorAction Continue -ErrorVariable reported 2>&1)
            }
            catch {
                $problems += [string] $_
            }
            $new = @()
            foreach ($entry in $global:Error) {
                if ([object]::ReferenceEquals($entry, $last)) {
                    break
                }
                $new += $entry
            }
            foreach ($problem in @($reported) + $new) {
                if (($null -ne $problem) -and ($problems -notcontains [string] $problem)) {
                    $problems += [string] $problem
                }
            }
            foreach ($item in $answer) {
                if ($null -eq $item) {
                    continue
                }
                if ($item -is [System.Management.Automation.ErrorRecord]) {
                    if ($problems -notcontains [string] $item) {
                        $problems += [string] $item
                    }
                    continue
                }
                $kept = $item | Select-Object -Property * -ExcludeProperty $dropped
                if ($item.PSObject.Properties['AuthenticationCredential']) {
                    $note = $null
                    if ($item.AuthenticationCredential) {
                        $note = '(set; dropped)'
                    }
                    $kept | Add-Member -MemberType NoteProperty -Name AuthenticationCredential -Value $note
                }
                $count += 1
                $kept
            }
        }
        $cmdlets += 1
        New-Object PSObject -Property @{
            ConnectorAuditorCmdlet = $name
            ConnectorAuditorCount  = [int] $count
            ConnectorAuditorErrors = [string[]] $problems
        }
        if ($problems.Count -gt 0) {
            Write-Host ($name + ': not collected: ' + $problems[0]) -ForegroundColor Yellow
        }
        else {
            Write-Host ($name + ': ' + $count)
        }
    }
    New-Object PSObject -Property @{ ConnectorAuditorEnd = [int] $cmdlets }
}

try {
    & $collect | Export-Clixml -Path $file -Encoding UTF8 -NoClobber -ErrorAction Stop
}
catch {
    throw ('This did not come to its end; if there is a file, delete it: ' + $file + ': ' + $_)
}

Write-Host ''
Write-Host ('Written: ' + $file)
Write-Host 'Take it to where connector-auditor is installed, and run there, with your region:'
Write-Host ('    audit check --region na --snapshot "' + (Split-Path -Path $file -Leaf) + '"')
