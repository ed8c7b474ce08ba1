"""Mail servers on loopback, each with one fault, and the log of all that was said to them."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import struct
import threading
import time
import warnings
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

COMMANDS = ("EHLO", "STARTTLS", "MAIL", "RCPT", "RSET", "DATA", "QUIT")
DAY = timedelta(days=1)


class Authority:
    """An authority for hosts, and what it issues."""

    def __init__(self, name="Test Authority"):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self._built(self.name, self.key, None, -1 * DAY, 3650 * DAY, ca=True)

    def _built(self, subject, key, host, begin, end, *, ca=False):
        now = datetime.now(UTC)
        built = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + begin)
            .not_valid_after(now + end)
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
        )
        if host:
            built = built.add_extension(x509.SubjectAlternativeName([_general(host)]), False)
        return built.sign(self.key, hashes.SHA256())

    def write(self, path):
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def context(self, host, folder, *, begin=-1 * DAY, end=90 * DAY, old=False):
        """A server's context with a certificate for a host."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:60])])
        certificate = self._built(subject, key, host, begin, end)
        file = folder / f"{host.replace('*', '_')}-{id(key)}.pem"
        file.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + self.certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if old:
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
        context.load_cert_chain(file)
        return context


def _general(host):
    with suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(host))
    return x509.DNSName(host)


class Mail(Controller):
    """A real server (aiosmtpd) that writes down every command."""

    def __init__(self, address, port, context, *, rcpt=None, ident="gateway ready", ehlo=()):
        self.log = []
        self.rcpt, self.ident, self.ehlo, self.context = rcpt, ident, ehlo, context
        super().__init__(self, hostname=address, port=port, ready_timeout=20)

    def factory(self):
        return _Logged(
            self, hostname="gateway.test", ident=self.ident, tls_context=self.context, timeout=60
        )

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 - aiosmtpd's name
        session.host_name = hostname
        lines = [f"250-{line}" for line in self.ehlo]
        return [responses[0], *lines, *responses[1:]]

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - likewise
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"


class _Logged(SMTP):
    def _note(self, word, rest):
        self.event_handler.log.append(f"{word} {rest or ''}".strip())


def _logging(word):
    original = getattr(SMTP, f"smtp_{word}")

    async def method(self, rest):
        self._note(word, rest)
        return await original(self, rest)

    return method


for _word in COMMANDS:
    setattr(_Logged, f"smtp_{_word}", _logging(_word))


class Raw:
    """A server that says what no library says: ``play`` gets each connection."""

    def __init__(self, address, port, play):
        self.log = []
        self.play = play
        self.connections = 0
        self.listening = socket.socket()
        self.listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listening.bind((address, port))
        self.listening.listen()
        self.open = []

    def start(self):
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self):
        self.listening.close()
        for one in self.open:
            one.close()

    def _serve(self):
        with suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                self.connections += 1
                self.open.append(connection)
                threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection):
        with suppress(OSError, ValueError):
            self.play(Line(connection, self.log))


class Line:
    """One connection, for plays."""

    def __init__(self, connection, log):
        self.connection, self.log = connection, log
        self.file = connection.makefile("rb")

    def say(self, data):
        self.connection.sendall(data)

    def hear(self):
        line = self.file.readline().decode("ascii", "replace").strip()
        if line:
            self.log.append(line)
        return line

    def drain(self):
        """All that is still said, to its end."""
        with suppress(OSError, ValueError):
            while self.hear():
                pass

    def until(self, word):
        while (line := self.hear()) and not line.upper().startswith(word):
            pass
        return line


def greets(reply):
    def play(line):
        line.say(reply)
        if line.hear():
            line.say(b"221 bye\r\n")

    return play


def hangs_at(step):
    """Says nothing more at a step; what is said to it is still written down."""

    def play(line):
        if step == "greeting":
            return line.drain()
        line.say(b"220 gateway\r\n")
        line.until("EHLO")
        if step == "ehlo":
            return line.drain()
        line.say(b"250-gateway\r\n250 STARTTLS\r\n")
        line.until("STARTTLS")
        if step == "starttls":
            return line.drain()
        line.say(b"220 go on\r\n")
        time.sleep(60)
        return None

    return play


def greets_late(seconds):
    def play(line):
        time.sleep(seconds)
        line.say(b"220 gateway\r\n")
        while words := line.hear():
            quits = words.upper().startswith("QUIT")
            line.say(b"221 bye\r\n" if quits else b"250 no extensions\r\n")

    return play


def closes(line):
    line.say(b"220 gateway\r\n")
    line.until("EHLO")
    line.connection.shutdown(socket.SHUT_WR)
    line.drain()


def resets(line):
    """Ends it the hard way, before anything is asked: what is read then is an error."""
    line.say(b"220 gateway\r\n")
    line.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.file.close()
    line.connection.close()


def never_stops(line):
    threading.Thread(target=line.drain, daemon=True).start()
    while True:
        line.say(b"220-and another thing\r\n" * 100)


def talks_first(line):
    line.say(b"220 gateway\r\n250 and you are welcome\r\n")
    line.drain()


def long_lines(line):
    line.say(b"220 " + b"x" * 65536 + b"\r\n")
    line.drain()


def no_reply(line):
    line.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    line.drain()


def hostile(line):
    line.say(b"554 \x1b]0;owned\x07\x1b[2J\xe2\x80\xae \xff\r\n")
    line.drain()
