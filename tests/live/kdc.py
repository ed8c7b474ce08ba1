"""A real MIT Kerberos realm on loopback: its own port, database, keytabs and ticket caches.

Nothing outside its folder is read or written, and no privilege is needed. The fixture ``kerberos``
points this process at the realm (libkrb5 reads the variables at each new context, in every
thread); ``kdc`` only starts it, once a session.

Clock skew: the header of a ticket cache holds how far the KDC's clock is from the client's, and
libkrb5 adds that to each time it sends. `Kdc.skewed_ticket` changes it, so the client's clock is
off without one being touched, and the KDC (or the service) really answers KRB_AP_ERR_SKEW: the
same code as a client that runs under libfaketime an hour ahead or behind gets.
"""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAMS = ("krb5kdc", "kdb5_util", "kadmin.local", "kinit", "kvno")
# Homebrew's MIT programs before the system's own, and the folders that a user's PATH leaves out.
BEFORE = [
    f"{base}/opt/krb5/{leaf}"
    for base in ("/opt/homebrew", "/usr/local")
    for leaf in ("sbin", "bin")
]
AFTER = ["/usr/sbin", "/usr/local/sbin", "/usr/lib/mit/sbin"]
SEARCH = os.pathsep.join([*BEFORE, os.environ.get("PATH", os.defpath), *AFTER])

HOW_TO_INSTALL = (
    "the Kerberos tests need an MIT KDC: apt-get install krb5-kdc krb5-admin-server krb5-user, "
    "or brew install krb5"
)

CLIENT = """\
[libdefaults]
    default_realm = {realm}
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    udp_preference_limit = 1
[realms]
    {realm} = {{
        kdc = 127.0.0.1:{port}
    }}
[domain_realm]
    localhost = {realm}
    .contoso.test = {realm}
    .fabrikam.test = {other_realm}
"""

SERVER = """\
[kdcdefaults]
    kdc_listen = ""
    kdc_tcp_listen = 127.0.0.1:{port}
[realms]
    {realm} = {{
        database_name = {folder}/principal
        key_stash_file = {folder}/stash
        acl_file = {folder}/acl
        supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
        default_principal_flags = +preauth
        max_life = 24h
    }}
[logging]
    kdc = FILE:{folder}/kdc.log
"""


class KdcError(Exception):
    """The realm could not be made, or one of its programs failed."""


def missing_programs() -> list[str]:
    """The programs that are not installed."""
    return [name for name in PROGRAMS if shutil.which(name, path=SEARCH) is None]


class Kdc:
    """A realm with one KDC, to be used as a context manager."""

    realm = "CONTOSO.TEST"
    #: A realm that has no KDC and no trust; hosts in ``fabrikam.test`` belong to it.
    other_realm = "FABRIKAM.TEST"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.log = folder / "kdc.log"
        self.service_keytab = folder / "service.keytab"
        self.environment = {
            "KRB5_CONFIG": str(folder / "krb5.conf"),
            "KRB5_KDC_PROFILE": str(folder / "kdc.conf"),
            "KRB5CCNAME": f"FILE:{folder / 'no-cache'}",
            "KRB5_KTNAME": f"FILE:{self.service_keytab}",
            "KRB5_CLIENT_KTNAME": f"FILE:{folder / 'no-client.keytab'}",
            "KRB5RCACHEDIR": str(folder),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)

    def __enter__(self) -> Kdc:
        self._choose_port()
        self._run("kdb5_util", "create", "-s", "-r", self.realm, "-P", "master")
        for attempts_left in reversed(range(5)):
            try:
                self.start()
                break
            except KdcError:
                # Somebody may have taken the port since it was chosen.
                if not attempts_left:
                    raise
                self._choose_port()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the KDC and wait until it answers."""
        # Where there is setpriv, the kernel ends the KDC even when this process is killed.
        setpriv = shutil.which("setpriv")
        prefix = [setpriv, "--pdeathsig", "TERM"] if setpriv else []
        self._process = subprocess.Popen(
            [*prefix, self._program("krb5kdc"), "-n", "-r", self.realm],
            env=self._surroundings(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._wait_until_ready(self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the KDC, by force if need be."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """While this lasts, nothing listens on the KDC's port."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def add_user(self, name: str, password: str) -> None:
        """A user principal; as in Active Directory it has to prove its password first."""
        self._kadmin("addprinc", "-pw", password, name)

    def change_password(self, name: str, password: str) -> None:
        """Keytabs of the user that were made before are of no use then."""
        self._kadmin("cpw", "-pw", password, name)

    def add_service(self, name: str) -> None:
        """A service principal such as ``HTTP/localhost``, its key in the service keytab."""
        self._kadmin("addprinc", "-randkey", name)
        self._kadmin("ktadd", "-norandkey", "-k", str(self.service_keytab), name)

    def keytab_of_user(self, name: str) -> Path:
        """A keytab with the user's key, for KRB5_CLIENT_KTNAME."""
        path = self._new_path("keytab")
        self._kadmin("ktadd", "-norandkey", "-k", str(path), name)
        return path

    def ticket(
        self,
        name: str,
        password: str,
        cache: Path | None = None,
        lifetime: str = "10m",
        service: str | None = None,
    ) -> Path:
        """A ticket cache for KRB5CCNAME, with a service's ticket too if one is named."""
        path = cache or self._new_path("cache")
        self._run("kinit", "-c", f"FILE:{path}", "-l", lifetime, name, stdin=f"{password}\n")
        if service:
            self._run("kvno", "-q", "-c", f"FILE:{path}", service)
        return path

    def expired_ticket(self, name: str, password: str) -> Path:
        """A ticket cache that ended fifty minutes ago, which no clock skew explains.

        The KDC issues it so at once: a postdated ticket may begin at any time, the past included.
        """
        path = self._new_path("cache")
        start = time.strftime("%Y%m%d%H%M%S", time.gmtime(time.time() - 3600))
        words = ("-c", f"FILE:{path}", "-s", start, "-l", "10m", name)
        self._run("kinit", *words, stdin=f"{password}\n")
        return path

    def skewed_ticket(
        self, name: str, password: str, seconds: int = 3600, service: str | None = None
    ) -> Path:
        """A valid cache with which the client's clock is off.

        The KDC refuses it. With a service's ticket in it already, the service does.
        """
        path = self.ticket(name, password, lifetime="20h", service=service)
        content = path.read_bytes()
        version, length = struct.unpack_from(">HH", content)
        if version != 0x0504:
            raise KdcError(f"ticket cache of version {version:#06x}, not 0x0504")
        # One field: the number 1, eight bytes long, seconds and microseconds.
        header = struct.pack(">HHHHii", version, 12, 1, 8, seconds, 0)
        path.write_bytes(header + content[4 + length :])
        return path

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        # The log, not the port alone: something else may listen there.
        sign = f"krb5kdc[{process.pid}](info): commencing operation"
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and process.poll() is None:
            if any(line.endswith(sign) for line in self._log_lines()):
                return
            time.sleep(0.005)
        raise KdcError("\n".join(["krb5kdc did not start:", *self._log_lines()[-5:]]))

    def _choose_port(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        facts = {
            "realm": self.realm,
            "other_realm": self.other_realm,
            "port": self.port,
            "folder": self.folder,
        }
        (self.folder / "krb5.conf").write_text(CLIENT.format(**facts))
        (self.folder / "kdc.conf").write_text(SERVER.format(**facts))

    def _new_path(self, kind: str) -> Path:
        return self.folder / f"{kind}-{next(self._numbers)}"

    def _kadmin(self, *words: str) -> None:
        self._run("kadmin.local", "-r", self.realm, "-p", f"tests@{self.realm}", *words)

    def _run(self, name: str, *words: str, stdin: str = "") -> None:
        done = subprocess.run(
            [self._program(name), *words],
            env=self._surroundings(),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise KdcError(f"{name} left with {done.returncode}: {done.stderr.strip()}")

    def _surroundings(self) -> dict[str, str]:
        return {**os.environ, **self.environment, "LC_ALL": "C", "TZ": "UTC"}

    def _log_lines(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    @staticmethod
    def _program(name: str) -> str:
        program = shutil.which(name, path=SEARCH)
        if program is None:
            raise KdcError(f"{name} is not installed: {HOW_TO_INSTALL}")
        return program


@pytest.fixture(scope="session")
def kdc(tmp_path_factory) -> Iterator[Kdc]:
    """A running realm with the user auditor (password secret) and the service HTTP/localhost."""
    missing = missing_programs()
    if missing:
        pytest.skip(f"{', '.join(missing)} missing: {HOW_TO_INSTALL}")
    pytest.importorskip("gssapi", reason="gssapi missing: pip install 'pypsrp[kerberos]'")
    with Kdc(tmp_path_factory.mktemp("kdc")) as realm:
        realm.add_user("auditor", "secret")
        realm.add_service("HTTP/localhost")
        yield realm


@pytest.fixture
def kerberos(kdc: Kdc, tmp_path, monkeypatch) -> Kdc:
    """The realm, and this process as its client and service, without a ticket."""
    for name, value in kdc.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path / 'krb5cc'}")
    return kdc
