"""Signatures are checked without this program: these are the lines of the README."""

from __future__ import annotations

import subprocess

import pytest

from auditor.signoff.bundle import write_folder
from tests.signoff.made import KINDS, bundle, person, signed

TAKE_APART = """\
python3 -c '
import base64, json, sys
envelope = json.load(open(sys.argv[1]))
kind, payload = envelope["payloadType"].encode(), base64.b64decode(envelope["payload"])
open("payload.json", "wb").write(payload)
open("signed.bin", "wb").write(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
open("signature.bin", "wb").write(base64.b64decode(envelope["signatures"][0]["sig"]))
' contoso/signatures/*.dsse.json
"""
ED25519 = """\
openssl pkeyutl -verify -pubin -inkey engineer.pub -rawin -in signed.bin -sigfile signature.bin
"""
ECDSA = """\
openssl dgst -sha256 -verify engineer.pub -signature signature.bin signed.bin
"""
RSA = """\
openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest \\
  -verify engineer.pub -signature signature.bin signed.bin
"""
SUBJECT = """\
grep -q "$(sha256sum contoso/manifest.json | cut -c 1-64)" payload.json
"""
FILES = """\
python3 -c '
import json
for file in json.load(open("contoso/manifest.json"))["files"]:
    print(file["sha256"], file["path"], sep="  ")
' | (cd contoso && sha256sum --check)
"""
CHECKS = {
    "ed25519": ED25519,
    "ecdsa-p256": ECDSA,
    "ecdsa-p384": ECDSA.replace("sha256", "sha384"),
    "rsa": RSA,
}


def statuses(folder, kind):
    """The exit status of each line, in a shell."""
    found = []
    for lines in (TAKE_APART, CHECKS[kind], SUBJECT, FILES):
        done = subprocess.run(["sh", "-c", lines], cwd=folder, capture_output=True, check=False)
        found.append(done.returncode)
    return found


@pytest.fixture
def contoso(tmp_path, request):
    kind = request.param
    someone = person(kind=kind)
    write_folder(tmp_path / "contoso", signed(bundle(), someone))
    (tmp_path / "engineer.pub").write_text(someone.public)
    return tmp_path, kind


@pytest.mark.parametrize("contoso", KINDS, indirect=True)
def test_openssl_and_coreutils_confirm_a_bundle(contoso):
    assert statuses(*contoso) == [0, 0, 0, 0]


@pytest.mark.parametrize("contoso", KINDS, indirect=True)
def test_openssl_refuses_another_key(contoso):
    folder, kind = contoso
    (folder / "engineer.pub").write_text(person("Mallory", kind=kind).public)
    assert statuses(folder, kind)[1] != 0


@pytest.mark.parametrize("contoso", ["ed25519"], indirect=True)
def test_coreutils_find_a_changed_manifest_and_a_changed_file(contoso):
    folder, kind = contoso
    for name in ("manifest.json", "report.html"):
        with (folder / "contoso" / name).open("ab") as file:
            file.write(b" ")
    assert statuses(folder, kind) == [0, 0, 1, 1]
