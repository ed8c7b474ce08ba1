"""Verification: what is not as it was signed is named, and nothing else is believed."""

from __future__ import annotations

import base64
import os
import random
from datetime import date, timedelta

import pytest

import auditor
from auditor.errors import AlteredError
from auditor.report import verify_text
from auditor.signoff.archive import unzipped, zip_bytes
from auditor.signoff.manifest import MANIFEST, canonical_text, canonical_value
from auditor.signoff.names import check_names
from auditor.signoff.signing import read_signature, signature_path
from tests.signoff.made import (
    KINDS,
    LATER,
    NOW,
    bundle,
    evidence,
    listed_anew,
    person,
    signed,
    verified,
)

EVERY_BYTE = bool(os.environ.get("EVERY_BYTE"))
"""All positions take some minutes; else some, the same every time."""
SOME = 40


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_signed_and_not_touched_is_as_signed(kind):
    someone = person(kind=kind)
    found = verified(signed(bundle(), someone), someone)
    assert found.problems == ()
    assert found.outcome == "as signed"
    assert {file.state for file in found.files} == {"as signed"}
    assert {file.state for file in found.remade} == {"same"}
    assert "report.pdf" in {file.path for file in found.remade}
    assert found.findings


def test_several_people_sign_one_bundle():
    erin, abe = person(), person("Abe", "approver", "ecdsa-p256")
    found = verified(signed(bundle(), erin, abe), erin, abe, roles=("engineer", "approver"))
    assert found.outcome == "as signed"
    assert {(one.name, one.role) for one in found.signatures} == {
        ("Erin", "engineer"),
        ("Abe", "approver"),
    }


def wrong_key(files):
    """A signature by somebody else under the name of a trusted key."""
    path = signature_path(person().signer.public_key.keyid)
    other = signed(bundle(), person("Mallory"))
    content = canonical_value(other[signature_path(person("Mallory").signer.public_key.keyid)])
    content["signatures"][0]["keyid"] = person().signer.public_key.keyid
    return files | {path: canonical_text(content)}


def swapped(files):
    return files | {"plan.json": files["plan.txt"], "plan.txt": files["plan.json"]}


def without(files, name):
    return {path: data for path, data in files.items() if path != name}


def renamed_signature(files):
    (path,) = (name for name in files if name.startswith("signatures/"))
    return without(files, path) | {"signatures/0123456789abcdef.dsse.json": files[path]}


CHANGES = {
    "wrong key": (wrong_key, "Erin, engineer): The signature was not made with this key"),
    "unknown key": (lambda f: signed(f, person("Mallory")), "add it to the list if you trust it"),
    "added file": (lambda f: f | {"readme.txt": b""}, "'readme.txt' was added"),
    "added hidden file": (lambda f: f | {".x": b""}, "'.x' was added"),
    "added to signatures": (lambda f: f | {"signatures/x": b"{}"}, "'signatures/x': this is no"),
    "removed file": (lambda f: without(f, "report.html"), "'report.html' was removed"),
    "swapped files": (swapped, "'plan.json' was altered: it holds what plan.txt should"),
    "changed manifest": (
        lambda f: f | {MANIFEST: f[MANIFEST].replace(b"Contoso", b"Fabrikam")},
        "made for another bundle, or another manifest.json",
    ),
    "file and manifest changed": (
        lambda f: listed_anew(f | {"plan.txt": b"all is well\n"}),
        "made for another bundle, or another manifest.json",
    ),
    "replayed signature": (
        lambda f: bundle(ticket="CHG2") | {k: v for k, v in f.items() if k not in bundle()},
        "made for another bundle",
    ),
    "no signature": (lambda f: bundle(), "nobody has signed"),
    "renamed signature": (renamed_signature, "the name of another key"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_was_changed_is_named(name):
    change, words = CHANGES[name]
    found = verified(change(signed(bundle(), person())), person())
    assert found.outcome == "not as signed"
    assert any(words in problem for problem in found.problems), found.problems
    assert found.remade == ()  # nothing of it was evaluated


DAYS = {
    "past today": (NOW, NOW, date(2026, 11, 22), "valid until 2026-11-22"),
    "past at the signature": (NOW, NOW - timedelta(hours=20), date(2026, 11, 22), "before the sig"),
    "past since": (NOW - timedelta(days=9), NOW, date(2026, 11, 20), "valid until 2026-11-20."),
    "yet to come": (NOW + timedelta(days=2), NOW, LATER, "2026-11-25, which is yet to come"),
}


@pytest.mark.parametrize("name", DAYS)
def test_a_key_is_good_until_its_last_day(name):
    at, now, until, words = DAYS[name]
    found = verified(signed(bundle(), person(), at=at), person(), now=now, until=until)
    assert any(words in problem for problem in found.problems), found.problems


@pytest.mark.parametrize(("at", "until"), [(NOW, NOW.date()), (NOW + timedelta(hours=20), LATER)])
def test_a_key_is_good_on_its_last_day_and_clocks_may_differ(at, until):
    assert not verified(signed(bundle(), person(), at=at), person(), until=until).problems


def test_a_role_that_has_not_signed_is_named():
    abe = person("Abe", "approver")
    found = verified(signed(bundle(), person()), person(), abe, roles=("engineer", "approver"))
    assert found.problems == ("nobody has signed it as 'approver', whose signature is required.",)


def test_one_signature_that_does_not_hold_spoils_the_bundle():
    erin, abe = person(), person("Abe", "approver")
    found = verified(signed(bundle(), erin, abe), erin)
    assert [bool(one.against) for one in found.signatures].count(False) == 1
    assert found.outcome == "not as signed"


def flips(data):
    """Positions and bits: all positions, or some; one bit each, the same every time."""
    dice = random.Random(len(data))
    positions = range(len(data)) if EVERY_BYTE else sorted(dice.sample(range(len(data)), SOME))
    for position in positions:
        flipped = bytearray(data)
        flipped[position] ^= 1 << dice.randrange(8)
        yield position, bytes(flipped)


@pytest.mark.parametrize("name", [*bundle(), "signature"])
def test_a_bit_flipped_in_a_file_is_named(name):
    files = signed(bundle(), person())
    path = next(p for p in files if p.startswith("signatures/")) if name == "signature" else name
    for position, data in flips(files[path]):
        found = verified(files | {path: data}, person())
        assert any(path in problem for problem in found.problems), (path, position)


def test_a_bit_flipped_in_an_archive_is_named():
    files = signed(bundle(), person())
    for position, data in flips(zip_bytes(files)):
        with pytest.raises(AlteredError) as caught:
            unzipped(data, "b.zip")
        assert any(word in caught.value.message for word in ("archive", *files)), position


def test_a_bit_flipped_in_the_headers_of_an_archive_is_named():
    data = zip_bytes({"manifest.json": b"{}", "a/b": b"x", "signatures/0.dsse.json": b"y"})
    dice = random.Random(1)
    for position in range(len(data)):
        flipped = bytearray(data)
        flipped[position] ^= 1 << dice.randrange(8)
        with pytest.raises(AlteredError):
            unzipped(bytes(flipped), "b.zip")


def spaces(data):
    return data.replace(b'"payload": ', b'"payload":  ')


MALLEABLE = {
    "blanks": spaces,
    "line end": lambda data: data + b"\n",
    "another key": lambda data: data.replace(b"{\n", b'{\n "a": 1,\n', 1),
    "repeated key": lambda data: data.replace(b"{\n", b'{\n "payloadType": "x",\n', 1),
    "url-safe base64": lambda data: data.replace(b"+", b"-").replace(b"/", b"_"),
    "two signatures": lambda data: canonical_text(
        canonical_value(data) | {"signatures": canonical_value(data)["signatures"] * 2}
    ),
    "none": lambda data: canonical_text(canonical_value(data) | {"signatures": []}),
    "deep": lambda data: b"[" * 100_000,
}


@pytest.mark.parametrize("name", MALLEABLE)
def test_an_envelope_is_written_in_one_way_only(name):
    files = signed(bundle(), person())
    path = next(p for p in files if p.startswith("signatures/"))
    changed = MALLEABLE[name](files[path])
    assert changed != files[path]
    with pytest.raises(AlteredError):
        read_signature(changed, path)


# What somebody who is trusted signs can still be untrue.


def signed_lie(changes, *, manifest=None):
    files = listed_anew(bundle() | changes)
    if manifest:
        files[MANIFEST] = files[MANIFEST].replace(*manifest)
    return signed(files, person())


LIES = {
    "report": ({"report.html": b"<p>all is well"}, None, "report.html is another when"),
    "added": ({"extra.txt": b"x"}, None, "extra.txt does not follow from the evidence"),
    "go_live": ({}, (b'"not ready"', b'"ready"'), "go_live was 'ready', and evaluated again is"),
    "findings": (
        {"report.json": bundle()["report.json"].replace(b'"pass",', b'"fail",', 1)},
        None,
        "status was 'fail', now 'pass'",
    ),
    "no report": ({"report.json": b"[]"}, None, "is no report of this program"),
    "snapshot": ({"snapshot.json": b"{}"}, None, "the evidence cannot be evaluated again"),
    "policy of another place": (
        {"policy.yaml": b"schema: audit-policy/1\nname: x\nversion: '1'\nextends: /etc/x.yaml\n"},
        None,
        "leads out of the bundle",
    ),
    "pack of another place": (
        {"policy.yaml": evidence()["policy.yaml"] + b"packs: [/etc/x.yaml]\n"},
        None,
        "leads out of the bundle",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_a_signed_untruth_is_found_when_it_is_made_again(name):
    changes, manifest, words = LIES[name]
    found = verified(signed_lie(changes, manifest=manifest), person())
    assert {file.state for file in found.files} == {"as signed"}
    assert any(words in problem for problem in found.problems), found.problems


def test_a_bundle_without_evidence_proves_nothing():
    files = signed(listed_anew(without(bundle(), "snapshot.json")), person())
    assert verified(files, person()).problems == ("the bundle has no snapshot.json.",)


def test_another_version_must_give_the_same_findings(monkeypatch):
    files = signed(bundle(), person())
    monkeypatch.setattr(auditor, "__version__", "9.9.9")
    found = verified(files, person())
    assert found.outcome == "as signed"
    assert {file.state for file in found.remade} == {"not made again"}
    assert found.findings


@pytest.mark.parametrize("name", ["findings", "go_live", "no report"])
def test_another_version_that_gives_other_findings_says_so(name, monkeypatch):
    changes, manifest, words = LIES[name]
    files = signed_lie(changes, manifest=manifest)
    monkeypatch.setattr(auditor, "__version__", "9.9.9")
    found = verified(files, person())
    assert any(words in problem for problem in found.problems), found.problems


def test_what_another_version_cannot_read_is_undecided(monkeypatch):
    policy = evidence()["policy.yaml"].replace(b"audit-policy/1", b"audit-policy/2")
    files = signed_lie({"policy.yaml": policy})
    monkeypatch.setattr(auditor, "__version__", "9.9.9")
    assert verified(files, person()).outcome == "undecided"


@pytest.mark.parametrize("there", [None, "0.1.0"])
def test_a_pdf_that_cannot_be_made_again_is_still_as_signed(there, monkeypatch):
    files = signed(bundle(), person())
    monkeypatch.setattr("auditor.signoff.bundle.typst_version", lambda: there)
    found = verified(files, person())
    assert found.outcome == "as signed"
    (pdf,) = (file for file in found.remade if file.path == "report.pdf")
    assert pdf.state == "not made again"
    assert "typst" in pdf.why


def test_a_pdf_is_made_again_with_the_fonts_it_was_made_with(tmp_path):
    (tmp_path / "x.ttf").write_bytes(b"font")
    found = verified(signed(bundle(), person()), person(), fonts=[tmp_path / "x.ttf"])
    assert next(f for f in found.remade if f.path == "report.pdf").state == "not made again"
    assert found.outcome == "as signed"


def listed_with(files, **changes):
    """The files with a manifest that says something else, and lists them as they are."""
    content = canonical_value(listed_anew(files)[MANIFEST])
    for path, value in changes.items():
        *folders, name = path.split("__")
        part = content
        for folder in folders:
            part = part[folder]
        part[name] = value
    return files | {MANIFEST: canonical_text(content)}


UNTRUE = {
    "a pack that the policy does not name": (
        lambda: listed_anew(bundle() | {"packs/evil.yaml": b"x"}),
        "does not name 'packs/evil.yaml'",
    ),
    "a file that is a folder": (
        lambda: listed_anew(bundle() | {"packs/a": b"x", "packs/a/b": b"x"}),
        "",
    ),
    "a PDF that was made with nothing": (
        lambda: listed_with(bundle() | {"report.pdf": b"%PDF-1.7"}, pdf__typst=None),
        "report.pdf is another",
    ),
    "no PDF at all": (
        lambda: listed_anew(without(bundle(), "report.pdf")),
        "report.pdf follows from the evidence, and is missing",
    ),
    "another version, and a file of no version": (
        lambda: listed_with(bundle() | {"READY.pdf": b"x"}, tool__version="9.9.9"),
        "READY.pdf does not follow",
    ),
    "another version, and no page": (
        lambda: listed_with(without(bundle(), "report.html"), tool__version="9.9.9"),
        "report.html follows from the evidence, and is missing",
    ),
}


@pytest.mark.parametrize("name", UNTRUE)
def test_what_a_trusted_person_signed_is_held_against_the_evidence(name):
    make, words = UNTRUE[name]
    found = verified(signed(make(), person()), person())
    assert found.outcome == "not as signed"
    assert any(words in problem for problem in found.problems), found.problems


@pytest.mark.parametrize("version", ["0.1.0 ", "", "new", "0.1.0\n"])
def test_a_version_that_is_none_is_no_other_version(version):
    with pytest.raises(AlteredError, match="is no version"):
        signed(listed_with(bundle(), tool__version=version), person())


def test_another_version_says_what_it_did_not_make_again():
    found = verified(signed(listed_with(bundle(), tool__version="9.9.9"), person()), person())
    assert found.outcome == "as signed"
    text = " ".join(verify_text.render(found).split())
    assert "Signed, but not made again and compared here: plan.json" in text


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
)
def test_a_signature_of_any_moment_is_read_or_named(moment):
    files = signed(bundle(), person())
    (path,) = (name for name in files if name.startswith("signatures/"))
    content = canonical_value(files[path])
    payload = canonical_value(base64.b64decode(content["payload"]))
    payload["predicate"]["signed_at"] = moment
    content["payload"] = base64.b64encode(canonical_text(payload)).decode()
    found = verified(files | {path: canonical_text(content)}, person())
    assert found.outcome == "not as signed"


def test_a_file_cannot_be_a_folder_as_well(tmp_path):
    with pytest.raises(AlteredError, match="a file and a folder"):
        check_names(["packs/a", "packs/a/b"], "b.zip")
