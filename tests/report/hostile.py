"""Names that try to be more than text, for the tests of every format.

``NAMES`` is a plain list of all; ``snapshot`` makes an export whose connectors bear them.
"""

from __future__ import annotations

import json
from typing import Any

from tests.conftest import connector

MIXED: dict[str, str] = {
    "terminal": "Evil\x1b[2J\x07\r\nFAKE\u202eexe\u2028 \u00a0 B\u00fcro \U000e0041 \x9b31m",
    "surrogate": "half \ud800 of a pair \udfff",
    "controls": "\x01\x7f\x85\u2028\u2029\ufeff\uffff",
    "blanks": " \t begins and ends with blanks \n ",
    "json": '"}], "status": "pass", [{"',
    "metric": 'x",verdict="compliant"} 1\n# HELP connector_audit_success \\" \\n',
    "markup": "<script>alert(1)</script> ![](http://evil.example/x) [a](javascript:a) `&lt; **b**",
    "insert": "{{ insert: param, x }} # - 1. > ~~~ | _a_ \\",
    "script": "\u0440\u0430\u0443 \u062d\u0633\u0646 \u202d\u2066 e\u0301 \U0001f600",
    "long": "L\u00e4nge " * 1667,
}
"""Each tries several things at once, for what is tried with one name at a time."""

NAMES: list[str] = [
    *MIXED.values(),
    # Controls (an export with U+0000 is refused), line ends, halves of a pair.
    "start \x01 bell \x07 escape \x1b[2J\x1b]0;title\x07 delete \x7f c1 \x9b31m",
    "two\r\nlines\nand\ra\x0bthird\x0cfourth\x85fifth\u2028sixth\u2029seventh",
    "lone \ud800 high, lone \udfff low, reversed \udc00\ud800",
    "no character \ufffe \uffff \U0001ffff, private \ue000, mark \ufeff",
    # What reorders, joins or hides what is read.
    "right-to-left \u202eexe.fdp\u202c and \u2067isolated\u2069 \u200f",
    "zero\u200bwidth\u200d soft\u00adhyphen tags \U000e0041\U000e0042",
    "a\u00a0no-break blank, \u3000wide blank, e\u0301\u0316\u0323 marks",
    # Markup.
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "]]><x/><!-- --><![CDATA[ &amp; &#x202e; &lt;b&gt; <?php ?> <!DOCTYPE x>",
    '"\'><svg/onload=alert(1)> style="x" \'single\' "double" &quot;',
    "{{7*7}} {% raw %} ${7*7} #{7*7} <%= 7 %> {0} {1} %s %n %(x)s",
    "javascript:alert(1) data:text/html,x vbscript:x file:///etc/passwd",
    # Markdown and what sites make of it.
    "**bold** _emphasis_ ~~gone~~ `code` ``two`` ```three``` `",
    "[link](https://evil.example) ![image](https://evil.example/x.png) [ref][1] [1]: x",
    "# heading\n## another\n- item\n1. first\n> quote\n---\n===\n    code\n\tcode",
    "| a | b |\n|---|---|\n| c \\| d \\\\| e | `x|y`",
    "<https://evil.example> https://evil.example www.evil.example evil@evil.example",
    "@everyone @org/team #1 !2 GH-3 owner/repo#4 :smile: $x^2$ \\(x\\) [[wiki]] [^1] [x] - [ ]",
    "0123456789abcdef0123456789abcdef01234567 &#64;team \\@team \\https://evil.example",
    "***a*** __b__ a_b_c * * * _ _ _ + + + ~~~\n~~~ \\ \\\\ \\",
    # Spreadsheets.
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\uff1d1+1 \uff0b \uff0d \uff20",
    "\uff0b1",
    "\uff0d1",
    "\uff20SUM(1)",
    " =1+1",
    'a","=1+1',
    "a;=1+1",
    "a,+1+1",
    "a\t-1+1",
    "a|@x",
    "'=1+1",
    '"=1+1',
    "a;\uff1d1",
    "sep=;",
    # PowerShell, shells, paths and locations.
    "'; Remove-SendConnector * #\u2019 $(calc) `whoami` \u201cx\u201d",
    "../../../etc/passwd C:\\Windows\\x \\\\evil.example\\share NUL",
    "a%2Fb%00c?d#e [x](sarif:/runs/0) [y](1) [z\\](2)",
    # Metrics and logs.
    'x"} 1\nup{job="\\n"} NaN # HELP',
    "<34>1 2026-11-23T00:00:00Z cef|0|x=1 \\=",
    # Ordinary, and not English.
    "Büro Zürich – nach außen",
    "Ελλάδα 日本語 العربية עברית हिन्दी ไทย 😀 👩‍👩‍👧",
    # Length.
    "long " * 2000,
    "x" * 10_000,
    "`" * 300,
]


def snapshot(names: list[str]) -> bytes:
    """A JSON export: the gateway's connector, then one for each name, which all fail.

    The name is in the comment as well, and what is a host in it is a smart host.
    """
    return json.dumps([connector(), *(_bypass(*one) for one in enumerate(names))]).encode()


def _bypass(number: int, name: str) -> dict[str, Any]:
    return connector(
        Name=name,
        Guid=f"22222222-0000-0000-0000-{number:012}",
        Comment=name,
        AddressSpaces=[f"SMTP:p{number}.example;1"],
        SmartHosts=["relay.example"],
        Identity=f"HUB\\{name}",
    )
