Set-StrictMode -Off
$ErrorActionPreference = 'Stop'
$preview = -not $Apply
$progress = @{ Applied = @(); Begun = $null; Left = @(); Seen = $null }

# ---- What the commands below are guarded by: it reads, compares and speaks, and changes nothing --

# All connectors of a kind. Asked for one that does not exist, Get-SendConnector returns all: so
# all are asked for, and the one is chosen here.
function Get-Every {
    param([string] $Noun)
    $with = @{ ErrorAction = 'Stop' }
    $last = Get-LastError
    if ($domainController) {
        $with['DomainController'] = $domainController
    }
    if ($Noun -eq 'SendConnector') {
        Get-SendConnector @with
    }
    elseif ($Noun -eq 'ForeignConnector') {
        Get-ForeignConnector @with
    }
    elseif ($Noun -eq 'DeliveryAgentConnector') {
        Get-DeliveryAgentConnector @with
    }
    else {
        throw ('Not a kind of connector: ' + $Noun)
    }
    # A proxy of remoting does not heed $ErrorActionPreference: an error that passed is seen here.
    if (Test-NewError -Last $last) {
        throw ('Stopped: the connectors cannot be read: ' + $Error[0])
    }
}

# The newest error of the session, if there was any.
function Get-LastError {
    if ($Error.Count -gt 0) {
        return $Error[0]
    }
}

# Whether there was an error since.
function Test-NewError {
    param($Last)
    return ($Error.Count -gt 0 -and -not [object]::ReferenceEquals($Last, $Error[0]))
}

# The connectors with a Guid, or where none is known, with exactly that name.
function Find-Connector {
    param([string] $Noun, [string] $Guid, [string] $Name)
    foreach ($connector in @(Get-Every -Noun $Noun)) {
        if ($null -eq $connector) {
            continue
        }
        if ($Guid) {
            $own = ([string] $connector.Guid) -replace '[{}]', ''
            $wanted = $Guid
        }
        else {
            $own = ([string] $connector.Name).Trim()
            $wanted = $Name.Trim()
        }
        # Never by -eq: it does not see characters without a width.
        if ([string]::Equals($own, $wanted, [StringComparison]::OrdinalIgnoreCase)) {
            $connector
        }
    }
}

# The one connector that is meant; anything else stops the script.
function Get-One {
    param([string] $Noun, [string] $Guid, [string] $Name)
    $found = @(Find-Connector -Noun $Noun -Guid $Guid -Name $Name)
    if ($found.Count -eq 0) {
        throw ('Stopped: the connector is not there, or cannot be read: ' + $Name)
    }
    if ($found.Count -gt 1) {
        throw ('Stopped: the name stands for ' + $found.Count + ' connectors: ' + $Name)
    }
    $found[0]
}

# A host name in its one spelling, or an address by its value.
function ConvertTo-HostText {
    param([string] $Text)
    $plain = $Text.ToLowerInvariant() -replace '^\[(.*)\]$', '$1' -replace '\.$', ''
    try {
        if ($plain -match '^[0-9.]+$' -or $plain.Contains(':')) {
            return ([Net.IPAddress]::Parse($plain)).ToString()
        }
        if ($plain -match '[^\x00-\x7f]') {
            return (New-Object System.Globalization.IdnMapping).GetAscii($plain)
        }
    }
    catch {
        return $plain
    }
    return $plain
}

# SMTP is the type and 1 the cost where they are left out; the cost follows the last semicolon.
function ConvertTo-SpaceText {
    param([string] $Text)
    if ($Text -match '^(?:local:)?(?:([a-z][a-z0-9._-]*):)?(.*?)(?:;\s*([0-9]+)\s*)?$') {
        $type = [string] $matches[1]
        $address = ([string] $matches[2]).Trim().ToLowerInvariant()
        $cost = ([string] $matches[3]).TrimStart('0')
        if ($type -eq '' -or $type -eq 'smtp') {
            $type = 'smtp'
            $address = ConvertTo-HostText -Text $address
        }
        if ($cost -eq '') {
            $cost = '1'
        }
        return $type.ToLowerInvariant() + ':' + $address + ';' + $cost
    }
    return $Text.ToLowerInvariant()
}

# A server by its name in Exchange, which is the first label of its full name.
function ConvertTo-ServerText {
    param([string] $Text)
    $plain = $Text
    if ($plain -match '^CN=([^,]+),') {
        $plain = $matches[1]
    }
    $plain = $plain.Substring($plain.LastIndexOf('/') + 1)
    return $plain.ToLowerInvariant().Split('.')[0]
}

# A size by its bytes: "35 MB (36,700,160 bytes)", whatever parts the digits.
function ConvertTo-SizeText {
    param([string] $Text)
    if ($Text -match '\(([0-9][^)]*)\)') {
        return $matches[1] -replace '[^0-9]', ''
    }
    return $Text.ToLowerInvariant()
}

function ConvertTo-SpanText {
    param([string] $Text)
    try {
        return ([TimeSpan]::Parse($Text)).ToString()
    }
    catch {
        return $Text
    }
}

# One value in the spelling in which it is compared: two spellings of one setting are equal.
function ConvertTo-Plain {
    param([string] $Property, [string] $Text)
    switch ($Property) {
        'SmartHosts' { return ConvertTo-HostText -Text $Text }
        'TlsDomain' { return ConvertTo-HostText -Text $Text }
        'Fqdn' { return ConvertTo-HostText -Text $Text }
        'SourceIPAddress' { return ConvertTo-HostText -Text $Text }
        'AddressSpaces' { return ConvertTo-SpaceText -Text $Text }
        'SourceTransportServers' { return ConvertTo-ServerText -Text $Text }
        'MaxMessageSize' { return ConvertTo-SizeText -Text $Text }
        'ConnectionInactivityTimeOut' { return ConvertTo-SpanText -Text $Text }
        'Comment' { return $Text }
        default { return $Text.ToLowerInvariant() }
    }
}

# A value as text: of a list, each item once and in order. Null, empty and an empty list are one.
# By text, because remoting sends copies of Exchange's objects.
function Format-Plain {
    param([string] $Property, $Value, [string] $Separator)
    $texts = New-Object System.Collections.ArrayList
    foreach ($item in @($Value)) {
        if ($null -eq $item) {
            continue
        }
        # Not [string]: PowerShell 2.0 makes the number of a copied enumeration, not its name.
        $text = $item.ToString().Trim()
        if ($text.Length -eq 0) {
            continue
        }
        $plain = [string] (ConvertTo-Plain -Property $Property -Text $text)
        if (-not $texts.Contains($plain)) {
            [void] $texts.Add($plain)
        }
    }
    $texts.Sort([StringComparer]::Ordinal)
    return [string]::Join($Separator, [string[]] $texts.ToArray())
}

# What a person reads of a value.
function Format-Shown {
    param([string] $Property, $Value)
    $text = Format-Plain -Property $Property -Value $Value -Separator ', '
    if ($text.Length -eq 0) {
        return '(nothing)'
    }
    return $text
}

# In words, where a connector is not as expected; nothing where it is.
function Get-Difference {
    param($Connector, [hashtable] $Expected)
    $separator = [string] [char] 10
    foreach ($property in @($Expected.Keys | Sort-Object)) {
        $wanted = $Expected[$property]
        $own = $Connector.PSObject.Properties[$property]
        if ($null -eq $own) {
            $property + ' cannot be read'
            continue
        }
        $left = Format-Plain -Property $property -Value $own.Value -Separator $separator
        $right = Format-Plain -Property $property -Value $wanted -Separator $separator
        if (-not [string]::Equals($left, $right, [StringComparison]::Ordinal)) {
            $property + ' is ' + (Format-Shown -Property $property -Value $own.Value) +
                ', and not ' + (Format-Shown -Property $property -Value $wanted)
        }
    }
}

# Stops where a connector is not as it was audited.
function Assert-Audited {
    param([string] $Noun, [string] $Guid, [string] $Name, [hashtable] $Audited)
    $connector = Get-One -Noun $Noun -Guid $Guid -Name $Name
    $differing = @(Get-Difference -Connector $connector -Expected $Audited)
    if ($differing.Count -gt 0) {
        throw ('Stopped before ' + $Name + ': somebody changed it since the audit. ' +
            [string]::Join('; ', [string[]] $differing) +
            '. Export and audit again, and make a new script.')
    }
    Write-Host ($Name + ': it is as it was audited.')
    $progress['Begun'] = $Name
    $progress['Seen'] = Get-LastError
}

# Stops where there is a connector of a name already.
function Assert-Absent {
    param([string] $Noun, [string] $Name)
    if (@(Find-Connector -Noun $Noun -Name $Name).Count -gt 0) {
        throw ('Stopped: somebody made a connector of this name since the audit: ' + $Name)
    }
    Write-Host ($Name + ': there is none of this name yet.')
    $progress['Begun'] = $Name
    $progress['Seen'] = Get-LastError
}

# Whether there is something to undo; a connector that is as nobody knows it is left as it is.
function Test-Applied {
    param(
        [string] $Noun, [string] $Guid, [string] $Name, [string] $OldName, [switch] $Created,
        [hashtable] $Audited, [hashtable] $Changed
    )
    $found = @(Find-Connector -Noun $Noun -Guid $Guid -Name $Name)
    if ($found.Count -eq 0 -and $Created) {
        Write-Host ($Name + ': skipped, it was never created.')
        return $false
    }
    if ($found.Count -eq 0 -and $OldName) {
        $found = @(Find-Connector -Noun $Noun -Guid $Guid -Name $OldName)
    }
    if ($found.Count -ne 1) {
        Write-Host ($Name + ': LEFT AS IT IS: ' + $found.Count + ' connectors are found, not one.')
        $progress['Left'] = @($progress['Left']) + $Name
        return $false
    }
    if (@(Get-Difference -Connector $found[0] -Expected $Audited).Count -eq 0) {
        Write-Host ($Name + ': skipped, the change was never applied or is undone already.')
        return $false
    }
    $differing = @(Get-Difference -Connector $found[0] -Expected $Changed)
    if ($differing.Count -gt 0) {
        Write-Host ($Name + ': LEFT AS IT IS: neither as audited nor as remediate.ps1 leaves it. ' +
            [string]::Join('; ', [string[]] $differing))
        $progress['Left'] = @($progress['Left']) + $Name
        return $false
    }
    if ($Created -and $progress['Left'].Count -gt 0) {
        throw ('Stopped before ' + $Name + ': it is not disabled while others are not put back: ' +
            [string]::Join(', ', [string[]] $progress['Left']))
    }
    Write-Host ($Name + ': it is as remediate.ps1 left it.')
    $progress['Begun'] = $Name
    $progress['Seen'] = Get-LastError
    return $true
}

# After a change: says what holds, or stops. Remoting can let an error pass: this does not.
function Assert-Changed {
    param([string] $Noun, [string] $Guid, [string] $Name, [hashtable] $Wanted)
    if ($preview) {
        if (Test-NewError -Last $progress['Seen']) {
            throw ('Stopped: Exchange would refuse the change of ' + $Name + ': ' + $Error[0])
        }
        $progress['Begun'] = $null
        return
    }
    $connector = Get-One -Noun $Noun -Guid $Guid -Name $Name
    $differing = @(Get-Difference -Connector $connector -Expected $Wanted)
    if ($differing.Count -gt 0) {
        throw ('Stopped after ' + $Name + ': the change does not hold. ' +
            [string]::Join('; ', [string[]] $differing) +
            '. (Another domain controller may not know of it yet: audit remediate ' +
            '--domain-controller makes scripts that ask one only.)')
    }
    Write-Host ($Name + ': applied, and read again:')
    foreach ($property in @($Wanted.Keys | Sort-Object)) {
        Write-Host ('    ' + $property + ' is ' +
            (Format-Shown -Property $property -Value $Wanted[$property]))
    }
    $progress['Applied'] = @($progress['Applied']) + $Name
    $progress['Begun'] = $null
}

# Asks for what no export holds; it is written nowhere.
function Read-Credential {
    param([string] $Name)
    if ($preview) {
        # Nobody is asked for a preview.
        $none = New-Object System.Security.SecureString
        $none.AppendChar('x')
        return New-Object System.Management.Automation.PSCredential('preview', $none)
    }
    Write-Host ($Name + ': the user name and password with which it signs in to its smart hosts:')
    $answer = Get-Credential
    if ($null -eq $answer) {
        throw ('Stopped: no credential was given for ' + $Name)
    }
    return $answer
}

# How far it came.
function Write-Progressed {
    if ($preview) {
        Write-Host 'Nothing was changed: this was a preview.'
        return
    }
    if ($progress['Applied'].Count -eq 0) {
        Write-Host 'No change was confirmed.'
    }
    foreach ($name in $progress['Applied']) {
        Write-Host ('Applied: ' + $name)
    }
    if ($progress['Begun']) {
        Write-Host ('Begun, and perhaps applied: ' + $progress['Begun'])
    }
}

function Write-End {
    param([string] $Again)
    Write-Host ''
    if ($progress['Left'].Count -gt 0) {
        throw ('Not everything was put back. By hand: ' +
            [string]::Join(', ', [string[]] $progress['Left']))
    }
    Write-Progressed
    if ($preview) {
        Write-Host ('To make the changes: .\' + $Again + ' -Apply')
    }
}

if (-not (Get-Command -Name Get-SendConnector -ErrorAction SilentlyContinue)) {
    throw ('There is no Get-SendConnector in this shell, so nothing was changed. ' +
        'Open the Exchange Management Shell and run this script there.')
}
