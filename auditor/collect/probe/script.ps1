<#
.SYNOPSIS
    Tries whether this server can reach the smart hosts of its mail-security gateway.

.DESCRIPTION
    Of each smart host in the list below: its addresses, TCP, the greeting, EHLO, STARTTLS, and TLS
    with the certificate. Sends no message and changes nothing; it contacts no other host. QUIT ends
    each session. Needs no Exchange cmdlets and no rights, but must run on the server that sends the
    mail: what is seen from elsewhere proves nothing of it.
    Runs in Windows PowerShell 2.0 and later, with .NET only. TLS 1.2 needs .NET Framework 4.5 or
    later and a PowerShell that uses it (3.0 or later); without, TLS is written down as not tried.

    HOW TO RUN IT
    1. Copy this file to the Exchange server, and open a PowerShell there.
    2. Go to a folder that you may write to, and type the script's path:
           C:\Temp\probe.ps1
       If that is refused because scripts are disabled or this one is not signed, this line runs the
       same text, and changes no setting. It needs the full path:
           & ([ScriptBlock]::Create([IO.File]::ReadAllText('C:\Temp\probe.ps1')))
    3. Take the file to where connector-auditor is installed, and run:
           audit probe --result FILE

.PARAMETER Path
    The file to write; it must not exist. Default: connector-probe-<server>-<date>.json here.

.PARAMETER Timeout
    Seconds for each step. Default: 30.
#>
[CmdletBinding()]
param(
    [string] $Path,
    [int] $Timeout = 30
)

Set-StrictMode -Off
$ErrorActionPreference = 'Stop'

if ($PSVersionTable.PSVersion.Major -ge 6) {
    throw 'Run this in Windows PowerShell (powershell.exe), as Exchange does, not in PowerShell 7.'
}

$hosts = @(
    '@HOSTS@'
)
$port = @PORT@
$ehlo = '@EHLO@'
$region = '@REGION@'
$most = 262144

$now = [DateTime]::UtcNow
$invariant = [Globalization.CultureInfo]::InvariantCulture
$machine = [Environment]::MachineName
if (-not $Path) {
    $stamp = $now.ToString('yyyy-MM-dd-HHmmss', $invariant)
    $Path = 'connector-probe-' + $machine + '-' + $stamp + '.json'
}
$file = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
if (Test-Path -LiteralPath $file) {
    throw ('The file is there already, and is not overwritten: ' + $file)
}
if (-not $ehlo) {
    $own = [Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties()
    $ehlo = $machine
    if ($own.DomainName) {
        $ehlo = $own.HostName + '.' + $own.DomainName
    }
}

# Windows PowerShell 2.0 has no ConvertTo-Json.
function Text([string] $value) {
    $out = New-Object Text.StringBuilder
    [void] $out.Append('"')
    foreach ($sign in $value.ToCharArray()) {
        $code = [int] $sign
        if (($code -lt 32) -or ($code -gt 126) -or ($code -eq 34) -or ($code -eq 92)) {
            [void] $out.Append('\u' + $code.ToString('x4', $invariant))
        }
        else {
            [void] $out.Append($sign)
        }
    }
    [void] $out.Append('"')
    return $out.ToString()
}

function Seconds($watch) {
    return $watch.Elapsed.TotalSeconds.ToString('0.000', $invariant)
}

function Failed([string] $kind, [string] $said) {
    return '{"kind": ' + (Text $kind) + ', "text": ' + (Text $said) + '}'
}

function Step([string] $name, $watch, [string] $reply, [string] $failure) {
    if (-not $reply) {
        $reply = 'null'
    }
    if (-not $failure) {
        $failure = 'null'
    }
    return '{"name": ' + (Text $name) + ', "seconds": ' + (Seconds $watch) + ', "reply": ' + $reply +
        ', "failure": ' + $failure + '}'
}

# What an exception is, in the words of the file.
function KindOf($record) {
    $problem = $record.Exception
    while ($problem.InnerException) {
        $problem = $problem.InnerException
    }
    if ($problem -is [TimeoutException]) {
        return (Failed 'no-answer' '')
    }
    if ($problem -is [Net.Sockets.SocketException]) {
        switch ($problem.ErrorCode) {
            10060 { return (Failed 'no-answer' '') }
            10061 { return (Failed 'refused' '') }
            10051 { return (Failed 'unreachable' '') }
            10065 { return (Failed 'unreachable' '') }
            11001 { return (Failed 'no-such-name' '') }
            11002 { return (Failed 'server-failure' '') }
            11003 { return (Failed 'server-failure' '') }
            11004 { return (Failed 'no-records' '') }
        }
    }
    if ($problem -is [IO.InvalidDataException]) {
        return (Failed $problem.Message '')
    }
    return (Failed 'closed' $problem.Message)
}

# One reply: its code, its lines and its JSON. A server that talks for ever is not listened to for
# ever: neither longer than the time for a step, nor beyond so many bytes.
function Reply($session) {
    $lines = @()
    $code = ''
    $watch = [Diagnostics.Stopwatch]::StartNew()
    while ($true) {
        $line = New-Object Text.StringBuilder
        while ($true) {
            $left = [int] (1000 * $Timeout - $watch.ElapsedMilliseconds)
            if ($left -le 0) {
                throw (New-Object TimeoutException)
            }
            $session.Stream.ReadTimeout = $left
            $byte = $session.Stream.ReadByte()
            if ($byte -lt 0) {
                throw (New-Object IO.EndOfStreamException)
            }
            $session.Heard += 1
            if ($session.Heard -gt $most) {
                throw (New-Object IO.InvalidDataException 'too-long')
            }
            if ($byte -eq 10) {
                break
            }
            if ($byte -ne 13) {
                [void] $line.Append([char] $byte)
            }
        }
        $text = $line.ToString()
        if ($text -notmatch '\A([2-5][0-9][0-9])([ -]|\z)') {
            throw (New-Object IO.InvalidDataException 'garbled')
        }
        $code = $text.Substring(0, 3)
        $rest = ''
        if ($text.Length -gt 4) {
            $rest = $text.Substring(4)
        }
        $lines += (Text $rest)
        if (($text.Length -lt 4) -or ($text[3] -ne '-')) {
            break
        }
    }
    return @{
        Code = $code
        Lines = $lines
        Json = '{"code": ' + $code + ', "lines": [' + [string]::Join(', ', $lines) + ']}'
    }
}

function Send($session, [string] $command) {
    $bytes = [Text.Encoding]::ASCII.GetBytes($command + [char] 13 + [char] 10)
    $session.Stream.Write($bytes, 0, $bytes.Length)
    $session.Stream.Flush()
}

# A command and its reply, written down; true where it was the one that the next step needs.
function Say($session, [string] $name, [string] $command, [string] $wanted) {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    try {
        if ($command) {
            Send $session $command
        }
        $session.Last = Reply $session
        $session.Steps += (Step $name $watch $session.Last.Json '')
        return ($session.Last.Code -eq $wanted)
    }
    catch {
        $session.Steps += (Step $name $watch '' (KindOf $_))
        $session.Broken = $true
        return $false
    }
}

function Certificate($one) {
    $names = @()
    $extension = $one.Extensions['2.5.29.17']
    if ($extension) {
        foreach ($found in [regex]::Matches($extension.Format($false), '[=:]\s*([^,\s]+)')) {
            $names += (Text $found.Groups[1].Value)
        }
    }
    $sha = New-Object Security.Cryptography.SHA256Managed
    $hash = [BitConverter]::ToString($sha.ComputeHash($one.RawData)).Replace('-', '').ToLower()
    return '{"subject": ' + (Text $one.Subject) + ', "issuer": ' + (Text $one.Issuer) +
        ', "names": [' + [string]::Join(', ', $names) + '], "not_before": ' +
        (Text ($one.NotBefore.ToUniversalTime().ToString('s', $invariant) + 'Z')) +
        ', "not_after": ' +
        (Text ($one.NotAfter.ToUniversalTime().ToString('s', $invariant) + 'Z')) +
        ', "sha256": ' + (Text $hash) + '}'
}

# TLS over the session; what it came to as JSON.
function Encrypt($session, [string] $name) {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    if ([Enum]::GetNames([Security.Authentication.SslProtocols]) -notcontains 'Tls12') {
        $why = Failed 'stopped' 'TLS 1.2 needs .NET Framework 4.5 and PowerShell 3.0'
        $session.Steps += (Step 'tls' $watch '' $why)
        $session.Broken = $true
        return 'null'
    }
    $script:seen = @{ Chain = @(); Problems = @(); Name = $true }
    $callback = [Net.Security.RemoteCertificateValidationCallback] {
        param($sender, $certificate, $chain, $problems)
        $script:seen.Name = -not ([int] $problems -band 2)
        if ($chain) {
            foreach ($element in $chain.ChainElements) {
                $script:seen.Chain += (Certificate $element.Certificate)
            }
        }
        if ($chain -and ([int] $problems -band 5)) {
            foreach ($status in $chain.ChainStatus) {
                $script:seen.Problems += (Text ([string] $status.Status))
            }
            if ($script:seen.Problems.Count -eq 0) {
                $script:seen.Problems += (Text ([string] $problems))
            }
        }
        return $true
    }
    try {
        $session.Stream.ReadTimeout = 1000 * $Timeout
        $tls = New-Object Net.Security.SslStream($session.Stream, $false, $callback)
        $empty = New-Object Security.Cryptography.X509Certificates.X509CertificateCollection
        $tls.AuthenticateAsClient($name, $empty, [Security.Authentication.SslProtocols] 'Tls12', $false)
        $session.Stream = $tls
        $session.Steps += (Step 'tls' $watch '' '')
    }
    catch {
        $problem = $_.Exception
        while ($problem.InnerException) {
            $problem = $problem.InnerException
        }
        $session.Steps += (Step 'tls' $watch '' (Failed 'tls' $problem.Message))
        $session.Broken = $true
        return 'null'
    }
    $version = [string] $tls.SslProtocol
    if ($version -match '\ATls1([0-9])\z') {
        $version = 'TLSv1.' + $matches[1]
    }
    $name = 'false'
    if ($script:seen.Name) {
        $name = 'true'
    }
    return '{"version": ' + (Text $version) + ', "cipher": ' + (Text ([string] $tls.CipherAlgorithm)) +
        ', "chain": [' + [string]::Join(', ', $script:seen.Chain) + '], "untrusted": [' +
        [string]::Join(', ', $script:seen.Problems) + '], "name_matches": ' + $name + '}'
}

# One connection to one address, as JSON.
function Attempt([string] $name, $address) {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $session = @{ Stream = $null; Steps = @(); Last = $null; Broken = $false; Heard = 0 }
    $local = 'null'
    $encryption = 'null'
    $client = New-Object Net.Sockets.TcpClient($address.AddressFamily)
    try {
        $waiting = $client.BeginConnect($address, $port, $null, $null)
        if (-not $waiting.AsyncWaitHandle.WaitOne(1000 * $Timeout, $false)) {
            throw (New-Object TimeoutException)
        }
        $client.EndConnect($waiting)
        $session.Stream = $client.GetStream()
        $session.Stream.WriteTimeout = 1000 * $Timeout
        $local = Text ([string] $client.Client.LocalEndPoint.Address)
        $session.Steps += (Step 'connect' $watch '' '')
    }
    catch {
        $session.Steps += (Step 'connect' $watch '' (KindOf $_))
    }
    if ($session.Stream) {
        if ((Say $session 'greeting' '' '220') -and (Say $session 'ehlo' ('EHLO ' + $ehlo) '250')) {
            if (@($session.Last.Lines | Where-Object { $_ -eq '"STARTTLS"' }).Count -gt 0) {
                if (Say $session 'starttls' 'STARTTLS' '220') {
                    $encryption = Encrypt $session $name
                    if (-not $session.Broken) {
                        [void] (Say $session 'ehlo-tls' ('EHLO ' + $ehlo) '250')
                    }
                }
            }
        }
        try {
            if (-not $session.Broken) {
                [void] (Say $session 'quit' 'QUIT' '221')
            }
            elseif ($encryption -ne 'null' -or -not ($session.Steps[-1] -match '"name": "tls"')) {
                Send $session 'QUIT'
            }
        }
        catch {
            Write-Verbose ('QUIT: ' + $_)
        }
    }
    $client.Close()
    return '{"address": ' + (Text ([string] $address)) + ', "local": ' + $local + ', "steps": [' +
        [string]::Join(', ', $session.Steps) + '], "encryption": ' + $encryption + '}'
}

$found = @()
foreach ($name in $hosts) {
    $bare = $name.Trim([char[]] '[]')
    Write-Host ($bare + ' ...')
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $addresses = @()
    $failure = 'null'
    try {
        $addresses = @([Net.Dns]::GetHostAddresses($bare))
    }
    catch {
        $failure = KindOf $_
    }
    if (($addresses.Count -eq 0) -and ($failure -eq 'null')) {
        $failure = Failed 'no-records' ''
    }
    $texts = @()
    $attempts = @()
    foreach ($address in $addresses) {
        $texts += (Text ([string] $address))
    }
    $lookups = ''
    if ($bare -eq $name) {
        $lookups = '{"record": "any", "seconds": ' + (Seconds $watch) + ', "addresses": [' +
            [string]::Join(', ', $texts) + '], "canonical": null, "failure": ' + $failure + '}'
    }
    foreach ($address in $addresses) {
        $attempts += (Attempt $bare $address)
    }
    $found += '{"host": ' + (Text $name) + ', "port": ' + $port + ', "lookups": [' + $lookups +
        '], "attempts": [' + [string]::Join(', ', $attempts) + ']}'
}

# Written at the end and at once: a file that is there is a whole one.
$content = '{"schema": "audit-probe/1", "probed_at": ' + (Text ($now.ToString('s', $invariant) + 'Z')) +
    ', "machine": ' + (Text $machine) + ', "tool": "audit @VERSION@ (script)", "ehlo": ' +
    (Text $ehlo) + ', "resolver": [], "region": ' + $region + ', "relay": null, "hosts": [' +
    [string]::Join(', ', $found) + '], "domains": []}' + [char] 10
[IO.File]::WriteAllText($file, $content)

Write-Host ''
Write-Host ('Written: ' + $file)
Write-Host 'Take it to where connector-auditor is installed, and run there:'
Write-Host ('    audit probe --result "' + (Split-Path -Path $file -Leaf) + '"')
