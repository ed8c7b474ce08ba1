"""No input, however broken, gives a traceback, and none that is cut short passes for compliant."""

from __future__ import annotations

import io
import random
from contextlib import redirect_stderr, redirect_stdout

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.cli import main
from tests.conftest import ROOT

EXAMPLES = sorted(path.name for path in (ROOT / "examples").glob("compliant.*"))


def status_of(data: bytes, folder) -> int:
    """The exit status of a check on some bytes; fails on a traceback or a fault."""
    path = folder / "input"
    path.write_bytes(data)
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main(["check", "-r", "na", "-f", "json", "-s", str(path)])
    assert "Traceback" not in err.getvalue()
    assert status in {0, 1, 2, 3}, err.getvalue()
    return status


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_cut_of_a_compliant_export_is_compliant(name, tmp_path):
    """Whatever is missing at the end, but for blanks and whole objects of the text formats."""
    data = (ROOT / "examples" / name).read_bytes()
    whole = data.rstrip(b"\r\n\0 ")
    end = len(whole)
    if name.endswith(".csv"):
        end = len(b"\r\n".join(data.split(b"\r\n")[:3]))  # type, header, the gateway's connector
    if name.endswith(".txt"):
        end = data.index(b"\r\n\r\n", 4) + 2
    for length in {*range(0, end, 41), *range(end - 60, end)}:
        assert status_of(data[:length], tmp_path) in {1, 2, 3}, length


@pytest.mark.parametrize("name", EXAMPLES)
def test_damaged_exports_never_give_a_traceback(name, tmp_path):
    data = (ROOT / "examples" / name).read_bytes()
    chance = random.Random(name)  # the same damage every time
    for _ in range(150):
        broken = bytearray(data)
        for _ in range(chance.randint(1, 5)):
            position = chance.randrange(len(broken))
            broken[position : position + chance.randint(0, 4)] = chance.randbytes(
                chance.randint(0, 4)
            )
        status_of(bytes(broken), tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_undecided(tmp_path, data):
    assert status_of(data, tmp_path) in {1, 2, 3}


DEEP = 100_000


@pytest.mark.parametrize(
    "data",
    [
        b"[" * DEEP,
        b"[" * DEEP + b"]" * DEEP,
        b'{"a":' * DEEP,
        b'[{"Port": ' + b"9" * 5000 + b', "DNSRoutingEnabled": false}]',
        b"\xff\xfe" + b"\x00\xd8" * 10,
        b"\x00" * 100,
        b"#TYPE x\r\n",
        b"#TYPE",
        b"Name,Enabled\r\n",
        b'"Name","Name"\r\n"a","b"\r\n',
        b'"Name","Enabled"\r\n"a","b","c"\r\n',
        b'"Name","Enabled"\r\n"a"\r\n"a","b"\r\n',
        b'"Name","Enabled"\r\n"a"x,"b"\r\n',
        b"Name : a\r\nnonsense\r\n",
        b"Name : a\r\nName : b\r\n",
        b"Name : a\nEnabled : True\n",
        b"Name    : a\n\nEnabled : True\n",
        b'{"value": [], "Count": 2}',
        b'{"value": 5, "Count": 2}',
        b'{"schema": "audit-snapshot/1"}',
        b'[{"DNSRoutingEnabled": NaN, "Name": null}]',
        b'{"hello": "world"} {"x": 1}',
        b"true",
        b"<",
        b"<Objs/>extra",
        b'[{"DNSRoutingEnabled": false, "x": ' + b"[" * 985 + b"]" * 985 + b"}]",
        b'[{"DNSRoutingEnabled": false, "MaxMessageSize": '
        + b'{"Value":' * 960
        + b"1"
        + b"}" * 960
        + b"}]",
        b'[{"DNSRoutingEnabled": false, "DistinguishedName": "' + b"CN=" * 60_000 + b'"}]',
        b'[{"DNSRoutingEnabled": false, "MaxMessageSize": "1 MB (1' + b" " * 60_000 + b'"}]',
        b'[{"DNSRoutingEnabled": false, "AddressSpaces": "' + b"a;" * 60_000 + b'"}]',
        b'[{"DNSRoutingEnabled": false, "SourceTransportServers": "' + b"CN=a," * 60_000 + b'"}]',
        b'[{"DNSRoutingEnabled": false, "SmartHosts": ["' + b"`1[" * 30_000 + b'\\nx"]}]',
        b"Name : x\n\nPS " + b">" * 60_000 + b"\nx : y\n",
        b"Name : x\n\nPS >" + b" " * 60_000 + b"x\n\nq",
        b"".join(b"P%05d : x\n" % n for n in range(20_000)) + b"\n\n",
        b",".join(b"P%05d" % n for n in range(20_000)) + b",Name,Enabled\n",
    ],
    ids=lambda data: repr(data[:24]),
)
def test_odd_files(data, tmp_path):
    assert status_of(data, tmp_path) in {1, 2, 3}


def test_a_file_beyond_all_bounds_is_not_read(tmp_path, monkeypatch):
    from auditor.collect import files

    monkeypatch.setattr(files, "MAX_BYTES", 10)
    assert status_of(b"[" + b" " * 20 + b"]", tmp_path) == 2
