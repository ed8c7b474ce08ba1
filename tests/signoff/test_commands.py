"""``audit signoff sign`` and ``audit verify``: from a bundle on a disk to an exit status."""

from __future__ import annotations

import json

import jsonschema
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, rsa
from cryptography.hazmat.primitives.serialization import PrivateFormat

from auditor.signoff.archive import zip_bytes
from auditor.signoff.bundle import read_bundle, write_folder
from auditor.signoff.signing import PREDICATE, read_signature
from tests.conftest import ROOT
from tests.signoff.made import Person, bundle, person

VERIFY = json.loads((ROOT / "auditor/report/audit-verify-1.schema.json").read_text("utf-8"))
STATEMENT = json.loads((ROOT / "auditor/signoff/audit-signoff-1.schema.json").read_text("utf-8"))
KEYS = json.loads((ROOT / "auditor/signoff/audit-keys-1.schema.json").read_text("utf-8"))
ERIN, ABE = ("Erin", "engineer", "ed25519"), ("Abe", "approver", "rsa")


@pytest.fixture
def place(tmp_path):
    """A folder with a bundle as a folder and as a zip, keys, and a list of them."""
    write_folder(tmp_path / "contoso", bundle())
    (tmp_path / "contoso.zip").write_bytes(zip_bytes(bundle()))
    for who in (ERIN, ABE):
        (tmp_path / f"{who[1]}.pem").write_bytes(person(*who).pem())
        (tmp_path / f"{who[1]}.pub").write_text(person(*who).public)
    write_keys(tmp_path)
    return tmp_path


def write_keys(folder, roles=("engineer", "approver"), **changes):
    inline = {"name": "Abe", "role": "approver", "valid_until": "2099-12-31"}
    keys = [
        {"name": "Erin", "role": "engineer", "valid_until": "2099-12-31", "key": "engineer.pub"},
        {**inline, "key": person(*ABE).public},
    ]
    keys[0] |= changes
    content = {"schema": "audit-keys/1", "keys": keys, "required_roles": list(roles)}
    (folder / "keys.yaml").write_text(yaml.safe_dump(content))
    return content


@pytest.mark.parametrize("name", ["contoso", "contoso.zip"])
def test_two_sign_and_anybody_verifies(audit, place, name):
    for who in ("engineer", "approver"):
        done = audit("signoff", "sign", name, "--key", f"{who}.pem")
        assert (done.status, done.err) == (0, "")
        assert "not ready of Contoso" in done.out
    done = audit("verify", name, "--keys", "keys.yaml")
    assert done.status == 0, done.out
    assert done.out.startswith(f"AS SIGNED: {name}")
    assert all(len(line) <= 80 for line in done.out.splitlines()), done.out
    done = audit("verify", name, "--keys", "keys.yaml", "-f", "json")
    document = json.loads(done.out)
    jsonschema.Draft202012Validator(VERIFY).validate(document)
    assert document["outcome"] == "as signed"
    assert [one["name"] for one in document["signatures"] if one["accepted"]].count("Abe") == 1


def test_what_is_signed_follows_its_schema(audit, place):
    audit("signoff", "sign", "contoso", "--key", "engineer.pem")
    ((path, data),) = ((n, d) for n, d in read_bundle(place / "contoso").items() if "sig" in n)
    statement = json.loads(read_signature(data, path).envelope.payload)
    jsonschema.Draft202012Validator(STATEMENT).validate(statement)
    assert statement["predicateType"] == PREDICATE


def test_one_key_signs_once(audit, place):
    assert audit("signoff", "sign", "contoso", "--key", "engineer.pem").status == 0
    done = audit("signoff", "sign", "contoso", "--key", "engineer.pem")
    assert done.status == 2
    assert "has signed the bundle already" in done.err


def test_a_bundle_that_was_changed_is_not_signed(audit, place):
    (place / "contoso/plan.txt").write_text("nothing")
    done = audit("signoff", "sign", "contoso", "--key", "engineer.pem")
    assert done.status == 1
    assert "'plan.txt' was altered" in done.err
    assert not (place / "contoso/signatures").exists()


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_an_encrypted_key_signs_with_its_passphrase(audit, place, monkeypatch, form):
    someone = person("Abe", "approver", "ecdsa-p256")
    (place / "locked.pem").write_bytes(someone.pem(b"open sesame", form))
    done = audit("signoff", "sign", "contoso", "--key", "locked.pem")
    assert (done.status, "AUDIT_KEY_PASSPHRASE" in done.err) == (2, True)
    monkeypatch.setenv("AUDIT_KEY_PASSPHRASE", "wrong")
    done = audit("signoff", "sign", "contoso", "--key", "locked.pem")
    assert (done.status, "the passphrase is wrong" in done.err) == (2, True)
    monkeypatch.setenv("AUDIT_KEY_PASSPHRASE", "open sesame")
    assert audit("signoff", "sign", "contoso", "--key", "locked.pem").status == 0


def test_an_openssh_key_signs(audit, place):
    (place / "id").write_bytes(person(*ERIN).pem(form=PrivateFormat.OpenSSH))
    assert audit("signoff", "sign", "contoso", "--key", "id").status == 0


OTHERS = {
    "weak RSA": (lambda: rsa.generate_private_key(65537, 1024), "too weak"),
    "another curve": (lambda: ec.generate_private_key(ec.SECP521R1()), "secp521r1"),
    "Ed448": (ed448.Ed448PrivateKey.generate, "of this kind"),
    "DSA": (lambda: dsa.generate_private_key(2048), "of this kind"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_key_of_another_kind_is_refused(audit, place, name):
    make, words = OTHERS[name]
    someone = Person("x", "y", make())
    (place / "x.pem").write_bytes(someone.pem())
    done = audit("signoff", "sign", "contoso", "--key", "x.pem")
    assert (done.status, words in done.err) == (2, True), done.err
    (place / "engineer.pub").write_text(someone.public)
    done = audit("verify", "contoso", "--keys", "keys.yaml")
    assert (done.status, words in done.err) == (2, True), done.err


def change(folder, name, do):
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(do(data))


ALTERED = {
    "a file": (lambda p: change(p, "contoso/report.html", lambda d: d + b" "), "'report.html' was"),
    "another role": (lambda p: write_keys(p), "nobody has signed it as 'approver'"),
    "a link": (lambda p: (p / "contoso/x").symlink_to("report.html"), "'x' is a symbolic link"),
    "no manifest": (lambda p: (p / "contoso/manifest.json").unlink(), "manifest.json was removed"),
    "the key's day": (lambda p: write_keys(p, (), valid_until="2020-01-01"), "until 2020-01-01"),
}


@pytest.mark.parametrize("form", ["table", "json"])
@pytest.mark.parametrize("name", ALTERED)
def test_what_is_not_as_signed_is_named_with_status_1(audit, place, name, form):
    do, words = ALTERED[name]
    write_keys(place, ())
    audit("signoff", "sign", "contoso", "--key", "engineer.pem")
    do(place)
    done = audit("verify", "contoso", "--keys", "keys.yaml", "-f", form)
    assert done.status == 1
    assert words in " ".join(done.out.split())
    if form == "json":
        jsonschema.Draft202012Validator(VERIFY).validate(json.loads(done.out))


def test_as_of_judges_keys_for_another_day(audit, place):
    write_keys(place, ())
    audit("signoff", "sign", "contoso", "--key", "engineer.pem")
    words = ("verify", "contoso", "--keys", "keys.yaml", "--as-of")
    assert audit(*words, "2099-12-31").status == 0
    assert audit(*words, "2100-01-01").status == 1
    assert audit(*words, "2001-01-01").status == 1
    assert audit(*words, "9999-12-31").status == 1


USAGE = {
    "no keys": (["verify", "contoso"], "no list of trusted keys"),
    "no key": (["signoff", "sign", "contoso"], "no key to sign with"),
    "no bundle": (["verify", "nowhere", "--keys", "keys.yaml"], "cannot be read"),
    "no archive": (["verify", "keys.yaml", "--keys", "keys.yaml"], "is no bundle"),
    "no list": (["verify", "contoso", "--keys", "nowhere.yaml"], "list of keys cannot be read"),
    "public key": (["signoff", "sign", "contoso", "--key", "engineer.pub"], "no private key"),
    "options before": (["signoff", "--region", "na", "sign", "contoso"], "behind both words"),
}


@pytest.mark.parametrize("name", USAGE)
def test_a_command_line_that_is_wrong_is_status_2(audit, place, name):
    words, said = USAGE[name]
    done = audit(*words)
    assert (done.status, said in done.err) == (2, True), done.err


LISTS = {
    "unknown key": ({"colour": "red"}, "has no key 'colour'"),
    "no day": ({"valid_until": "soon"}, "it is no day"),
    "no name": ({"name": ""}, "must not be empty"),
    "repeated": ({"key": person(*ABE).public}, "this key is there already"),
    "private": ({"key": "engineer.pem"}, "a private key, which belongs to its owner"),
    "no PEM": ({"key": "keys.yaml"}, "no public key in PEM"),
    "no file": ({"key": "nowhere.pub"}, "cannot be read"),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_keys_is_read_strictly(audit, place, name):
    changes, said = LISTS[name]
    write_keys(place, (), **changes)
    done = audit("verify", "contoso", "--keys", "keys.yaml")
    assert (done.status, said in done.err) == (2, True), done.err


def test_a_required_role_that_no_key_has_is_an_error(audit, place):
    write_keys(place, ("auditor",))
    done = audit("verify", "contoso", "--keys", "keys.yaml")
    assert (done.status, "cannot be 'auditor'" in done.err) == (2, True)


def test_a_list_of_keys_follows_its_schema(place):
    jsonschema.Draft202012Validator(KEYS).validate(write_keys(place))


def test_the_help_of_signoff_shows_its_own_options_and_sign(audit, place):
    done = audit("signoff", "--help")
    assert done.status == 0
    assert "--region" in done.out
    assert "\n  sign " in done.out
    assert "--key" in audit("signoff", "sign", "--help").out


def test_what_stands_at_the_end_of_a_long_list_counts(audit, place):
    audit("signoff", "sign", "contoso", "--key", "engineer.pem")
    write_keys(place, ())
    text = (place / "keys.yaml").read_text()
    roles = "# more\n" * 800_000 + "required_roles: [approver]\n"
    (place / "keys.yaml").write_text(text.replace("required_roles: []\n", "") + roles)
    done = audit("verify", "contoso", "--keys", "keys.yaml")
    assert (done.status, "too large" in done.err) == (2, True), done.err


def test_a_private_key_in_the_place_of_a_list_is_not_shown(audit, place):
    done = audit("verify", "contoso", "--keys", "engineer.pem")
    assert done.status == 2
    assert "belongs to its owner" in done.err
    assert (place / "engineer.pem").read_text().splitlines()[1][:8] not in done.err


def test_a_signed_archive_is_as_private_as_before(audit, place):
    (place / "contoso.zip").chmod(0o600)
    assert audit("signoff", "sign", "contoso.zip", "--key", "engineer.pem").status == 0
    assert (place / "contoso.zip").stat().st_mode & 0o777 == 0o600


def test_an_empty_folder_is_named(audit, place):
    audit("signoff", "sign", "contoso", "--key", "engineer.pem")
    (place / "contoso/packs").mkdir()
    done = audit("verify", "contoso", "--keys", "keys.yaml")
    assert (done.status, "'packs' is an empty folder" in done.out) == (1, True), done.out


@pytest.mark.parametrize("name", ["x" * 300, "x" * 300 + ".zip", "loop", "loop/x"])
@pytest.mark.parametrize(
    "words",
    [["verify", "{}", "--keys", "keys.yaml"], ["signoff", "sign", "{}", "--key", "engineer.pem"]],
)
def test_a_path_that_the_system_refuses_is_status_2(audit, place, name, words):
    (place / "loop").symlink_to("loop")
    assert audit(*(word.format(name) for word in words)).status == 2
