"""A name server on loopback that is not the library that is tested (dnslib)."""

from __future__ import annotations

from dnslib import AAAA, CNAME, QTYPE, RCODE, RR, TXT, A
from dnslib.server import BaseResolver, DNSServer


class Zone(BaseResolver):
    """Answers from a table: name → list of (type, value); ``SERVFAIL`` and ``SILENT`` as values."""

    def __init__(self, table):
        self.table = {name.lower(): entries for name, entries in table.items()}
        self.asked = []

    def resolve(self, request, handler):
        reply = request.reply()
        name = str(request.q.qname).rstrip(".").lower()
        kind = QTYPE[request.q.qtype]
        self.asked.append((name, kind))
        entries = self.table.get(name)
        if entries is None:
            reply.header.rcode = RCODE.NXDOMAIN
            return reply
        if entries == "SERVFAIL":
            reply.header.rcode = RCODE.SERVFAIL
            return reply
        makers = {"A": A, "AAAA": AAAA, "CNAME": CNAME}
        for _ in range(4):
            target = next((value for one, value in entries if one == "CNAME"), None)
            for one, value in entries:
                if one in (kind, "CNAME"):
                    data = TXT(_strings(value)) if one == "TXT" else makers[one](value)
                    reply.add_answer(RR(name, getattr(QTYPE, one), rdata=data, ttl=1))
            if target is None:
                break
            name, entries = target, self.table.get(target, [])
        return reply


def _strings(text):
    data = text.encode()
    return [data[n : n + 255] for n in range(0, len(data), 255)]


def start(table, address="127.0.0.1"):
    zone = Zone(table)
    server = DNSServer(zone, address=address, port=0, logger=_Silent())
    server.start_thread()
    return server, zone, server.server.server_address[1]


class _Silent:
    def __getattr__(self, name):
        return lambda *words: None
