"""Message tracking logs of any size, and each way to read them as a process of its own.

``python bench/flow.py make FOLDER BYTES`` writes them; ``ours``, ``bare`` or ``loop`` with FOLDER
reads them: the answer's size, the seconds without imports, and the peak of memory, as JSON.
"""

from __future__ import annotations

import csv
import json
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FIELDS: Final = (
    "date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,"
    "source,event-id,internal-message-id,message-id,network-message-id,recipient-address,"
    "recipient-status,total-bytes,recipient-count,related-recipient-address,reference,"
    "message-subject,sender-address,return-path,message-info,directionality,tenant-id,"
    "original-client-ip,original-server-ip,custom-data,transport-traffic-type,log-id,schema-version"
)
_FILE: Final = 10_000_000
"""Bytes of a file, as Exchange cuts them."""

_START: Final = datetime(2026, 10, 1, tzinfo=UTC)
_HOPS: Final = ("us-smtp-outbound-1.mimecast.com", "us-smtp-outbound-2.mimecast.com")


def make(folder: Path, size: int) -> None:
    """Logs of a server in which every second message leaves, one of a thousand around the gateway.

    A message has eight events, as Exchange 2013 and later log them: SUBMIT, RECEIVE, HAREDIRECT,
    HARECEIVE, AGENTINFO, RESOLVE, then SEND or DELIVER, HADISCARD.
    """
    draw, moment, made, number = random.Random(1), _START, 0, 0
    folder.mkdir(parents=True, exist_ok=True)
    while made < size:
        head = (
            "#Software: Microsoft Exchange Server\r\n#Version: 15.02.1118.007\r\n"
            f"#Log-type: Message Tracking Log\r\n#Date: {moment:%Y-%m-%dT%H:%M:%S.000Z}\r\n"
            f"#Fields: {_FIELDS}\r\n"
        )
        pieces, length = [head], len(head)
        while length < min(_FILE, size - made):
            moment += timedelta(milliseconds=draw.randrange(2000))
            text = "".join(_message(draw, moment))
            pieces.append(text)
            length += len(text)
        number += 1
        (folder / f"MSGTRK{number:06}.LOG").write_bytes("".join(pieces).encode())
        made += length


def _message(draw: random.Random, moment: datetime) -> Iterator[str]:
    mark, leaves = draw.getrandbits(64), draw.random() < 0.5
    around = leaves and draw.random() < 0.001
    hop = "mx.partner.example" if around else draw.choice(_HOPS)
    connector = "Partner" if around else "To Mimecast"
    last = ("SMTP", "SEND", hop, connector) if leaves else ("STOREDRIVER", "DELIVER", "EX01", "")
    people = ";".join(
        f"person{draw.randrange(9999)}@domain{draw.randrange(3000)}.example"
        for _ in range(draw.choice((1, 1, 1, 2, 5)))
    )
    subject = draw.choice(('"Re: offer, second ""draft"""', "Report 12", "Grüße", "Meeting"))
    stamp = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
    for source, event, host, name in (
        ("STOREDRIVER", "SUBMIT", "EX01", ""),
        ("SMTP", "RECEIVE", "EX01", "EX01\\Default EX01"),
        ("SMTP", "HAREDIRECT", "EX02", ""),
        ("SMTP", "HARECEIVE", "EX02", "EX02\\Default EX02"),
        ("AGENT", "AGENTINFO", "EX01", ""),
        ("ROUTING", "RESOLVE", "EX01", ""),
        last,
        ("SMTP", "HADISCARD", "EX02", ""),
    ):
        yield (
            f"{stamp},10.0.0.5,EX01,207.211.31.1,{host},08DDE1;{stamp};0,{name},{source},{event},"
            f"{mark >> 20},<{mark:016x}@contoso.com>,{mark:032x},{people},250 2.1.5 Recipient OK,"
            f"{20000 + mark % 70000},{people.count(';') + 1},,,{subject},anna@contoso.com,"
            f"anna@contoso.com,{stamp};SRV=EX01.contoso.local:TOTAL-HUB=0.1|SMR=0.1,Originating,,"
            f"10.0.0.9,10.0.0.5,S:DeliveryPriority=Normal;S:AccountForest=contoso.local,Email,"
            f"{mark:032x},15.02.1118.007\r\n"
        )


def ours(folder: Path) -> int:
    """All that ``audit mailflow`` asks of logs; how many deliveries there are."""
    from auditor.collect.mailflow.read import Wanted, read_logs

    seen = read_logs([str(folder)], folder, Wanted(), datetime.now(UTC), "bench")
    return sum(way.deliveries for way in seen.ways)


def bare(folder: Path) -> int:
    """``count(*)`` by DuckDB alone, with the columns named, so that it need not guess."""
    import duckdb

    columns = dict.fromkeys((f"c{n}" for n in range(len(_FIELDS.split(",")))), "VARCHAR")
    found = duckdb.execute(
        "SELECT count(*) FROM read_csv($files, columns = $columns, auto_detect = false, "
        "header = false, skip = 5, delim = ',', quote = '\"', escape = '\"')",
        {"files": [str(path) for path in sorted(folder.iterdir())], "columns": columns},
    ).fetchone()
    return int(found[0]) if found else 0


def loop(folder: Path) -> int:
    """The csv module, line by line: deliveries by connector and host, and nothing else."""
    ways: dict[tuple[str, str], int] = {}
    for path in sorted(folder.iterdir()):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(line for line in file if not line.startswith("#")):
                if row[8] == "SEND" and row[7] == "SMTP":
                    ways[row[6], row[4]] = ways.get((row[6], row[4]), 0) + 1
    return sum(ways.values())


JOBS: Final[dict[str, Callable[[Path], int]]] = {"ours": ours, "bare": bare, "loop": loop}


def _measured(name: str, folder: Path) -> dict[str, float]:
    if name == "ours":
        pass
    if name != "loop":
        import duckdb  # noqa: F401
    start = perf_counter()
    count = JOBS[name](folder)
    found = {"count": float(count), "seconds": perf_counter() - start}
    if sys.platform != "win32":
        import resource

        found["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


if __name__ == "__main__":
    word, where = sys.argv[1], Path(sys.argv[2])
    if word == "make":
        make(where, int(sys.argv[3]))
        print("{}")
    else:
        print(json.dumps(_measured(word, where)))
