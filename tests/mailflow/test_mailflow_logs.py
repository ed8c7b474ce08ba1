"""Logs of mail flow read: the same as counted one by one, whatever has happened to the files."""

from __future__ import annotations

import gzip
import io
import os
import random
import tempfile
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from logs import (
    FIELDS_2010,
    FIELDS_2019,
    GATEWAY,
    START,
    VERSIONS,
    as_counted,
    event,
    expected,
    header,
    line,
    log,
    protocol,
    stamp,
)

from auditor.collect.mailflow.read import Wanted, read_logs
from auditor.errors import InputError, UndecidedError

NOW = datetime(2026, 11, 24, tzinfo=UTC)
OWN = ("contoso.com", "x.example")


def read(folder: Path, *words: str, **wanted):
    return read_logs(words or (".",), folder, Wanted(**wanted), NOW, "test")


def write(folder: Path, content: bytes, name: str = "MSGTRK2026112008-1.LOG") -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    path = folder / name
    path.write_bytes(content)
    return path


def deliveries(seen) -> int:
    return sum(way.deliveries for way in seen.ways)


# Any text that a field may hold: no line breaks, but all that CSV and people find hard.
TEXT = st.text(
    st.one_of(
        st.sampled_from("\",;#' @\t\0=[]{}é漢\u202e\ufeff\U0001f600"),
        st.characters(codec="utf-8", exclude_characters="\r\n", max_codepoint=0x2FFF),
    ),
    max_size=12,
)
NAME = st.sampled_from(["To Mimecast", 'Büro, "Nord"', "Partner", "", "a;b", "'; DROP TABLE event"])
PERSON = st.one_of(
    st.sampled_from(["a@x.example", "b@X.example", "c@contoso.com", "d@partner.example", "nobody"]),
    TEXT.map(lambda text: text.replace(";", "") + "@d.example"),
)
MINUTES = st.integers(0, 60 * 24 * 3)
EVENTS = st.builds(
    lambda minutes, zone, people, **values: event(
        **values,
        date_time=(START + timedelta(minutes=minutes))
        .astimezone(timezone(timedelta(hours=zone)))
        .isoformat(timespec="milliseconds"),
        recipient_address=";".join(people),
        recipient_count=str(len(people)),
    ),
    MINUTES,
    st.sampled_from([0, 0, 2, -5]),
    st.lists(PERSON, min_size=0, max_size=4),
    connector_id=NAME,
    event_id=st.sampled_from(["SEND", "SEND", "SENDEXTERNAL", "RECEIVE", "DELIVER"]),
    source=st.sampled_from(["SMTP", "SMTP", "STOREDRIVER"]),
    client_hostname=st.sampled_from(["EX01", "ex02.contoso.local", ""]),
    server_hostname=st.sampled_from([GATEWAY, GATEWAY.upper() + ".", "mx.partner.example", ""]),
    server_ip=st.sampled_from(["207.211.31.1", "2001:DB8::1", ""]),
    total_bytes=st.sampled_from(["1000", "", "98765432109"]),
    message_subject=TEXT,
    custom_data=TEXT,
    source_context=TEXT,
)
DAMAGE = st.sampled_from(
    [
        b"a,b,c",
        b"\0" * 40,
        b'2026-11-20T08:00:00.000Z,"open',
        b"\xff\xfe\xfd,,",
        b"x\ry,z",
        b"#Comment",
    ]
)


@st.composite
def files(draw):
    """A log of one or several headers, what it says, and how many of its lines are spoilt."""
    pieces, events, spoilt = [], [], 0
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        version = draw(st.sampled_from(sorted(VERSIONS)))
        pieces += [text.encode() for text in header(version)]
        always = draw(st.booleans())
        for one in draw(st.lists(EVENTS, max_size=6)):
            events.append(one)
            pieces.append(line(one, VERSIONS[version], always=always).encode())
        if draw(st.integers(0, 3)) == 0:
            bad = draw(DAMAGE)
            pieces.append(bad)
            spoilt += not bad.startswith(b"#")
    end = draw(st.sampled_from([b"\r\n", b"\n"]))
    mark = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    return mark + end.join(pieces) + end, events, spoilt


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(files(), min_size=1, max_size=4), st.booleans())
def test_what_is_read_is_what_was_written(made, is_known):
    own = OWN if is_known else ()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, (content, _, _) in enumerate(made):
            # Of two copies one is left out: here each file is one of its own.
            unique = f"#Unique: {number}\r\n".encode()
            mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
            write(folder, mark + unique + content.removeprefix(mark), f"MSGTRK{number}.LOG")
        seen = read(folder, own_domains=own)
    events = [one for _, found, _ in made for one in found]
    assert as_counted(seen.ways) == expected(events, own)
    assert sum(file.malformed for file in seen.files) == sum(spoilt for _, _, spoilt in made)
    assert sum(file.lines for file in seen.files) == len(events) + sum(s for _, _, s in made)
    assert not any(file.unfinished for file in seen.files)


def test_a_quotation_mark_that_nobody_closes_spoils_its_line_and_no_other(tmp_path):
    # To DuckDB alone, the lines between the two marks are one value.
    rows = [event(n) for n in range(50)]
    lines = [*header(), *(line(one) for one in rows)]
    lines[10] = lines[10].replace("Quarterly figures", '"Quarterly')
    lines[40] = lines[40].replace("Quarterly figures", 'figures"')
    write(tmp_path, ("\r\n".join(lines) + "\r\n").encode())
    write(tmp_path, log(event(1)), "MSGTRK2.LOG")
    seen = read(tmp_path)
    assert deliveries(seen) == 50  # 50 - 1 of the first log, for a mark inside of a value is text
    assert sum(file.malformed for file in seen.files) == 1


def test_a_header_in_the_middle_moves_the_columns(tmp_path):
    swapped = ["connector-id" if f == "message-subject" else f for f in FIELDS_2019]
    swapped[FIELDS_2019.index("connector-id")] = "message-subject"
    for lines in (["#Fields: " + ",".join(swapped)], [*header("14.03.0513.000")]):
        fields = swapped if len(lines) == 1 else FIELDS_2010
        rows = [*header(), line(event()), *lines, line(event(connector_id="Second"), fields)]
        write(tmp_path, ("\r\n".join(rows) + "\r\n").encode())
        assert {way.connector for way in read(tmp_path).ways} == {"To Mimecast", "Second"}


@pytest.mark.parametrize(
    ("content", "count", "malformed", "problem"),
    [
        (log(event(), event(1))[:-40], 1, 0, None),
        (log(event()) + b"\0" * 5000 + b"\r\n" + line(event(1)).encode() + b"\r\n", 2, 1, None),
        (
            log(event()) + b"x" * 10_000_000 + b"\r\n" + line(event(1)).encode() + b"\r\n",
            2,
            1,
            None,
        ),
        (log(event()) + b"x" * 10_000_000, 1, 0, None),
        (b"\r\n".join(log(event()).split(b"\r\n")[5:]), 0, 0, "no #Fields line"),
        (log(event(5), event(1), event(3)), 3, 0, None),
        (log(event(date_time="yesterday"), event()), 1, 0, None),
        (log(event()).decode().encode("utf-16"), 1, 0, None),
        (log(), 0, 0, None),
        (b"", 0, 0, "it is no message tracking log"),
        (b"MZ\x90\0" + bytes(range(256)) * 50, 0, 0, "it is no message tracking log"),
    ],
    ids=[
        *("cut off", "NUL", "10 MB line", "10 MB line unfinished", "no fields", "wrong order"),
        *("no time", "UTF-16", "only a header", "empty", "a program"),
    ],
)
def test_a_damaged_file_gives_what_is_whole_in_it(tmp_path, content, count, malformed, problem):
    write(tmp_path, content)
    seen = read(tmp_path)
    (file,) = seen.files
    assert (deliveries(seen), file.malformed) == (count, malformed)
    assert problem is None or problem in file.problem
    assert file.unfinished == (content[-1:] not in {b"\n", b"\0"} and file.kind is not None)
    assert seen.undated == (b"yesterday" in content)


def test_archives_are_logs_and_a_damaged_one_gives_what_is_whole_in_it(tmp_path):
    draw = random.Random(1)
    rows = [event(n, message_subject=str(draw.getrandbits(300))) for n in range(3000)]
    (tmp_path / "a.gz").write_bytes(gzip.compress(log(*rows)))
    assert deliveries(read(tmp_path)) == 3000
    packed = gzip.compress(log(*rows))
    (tmp_path / "a.gz").write_bytes(packed[: len(packed) // 2])
    seen = read(tmp_path)
    assert 500 < deliveries(seen) < 3000
    assert seen.files[0].state == "damaged"
    assert "damaged or cut off" in seen.files[0].problem
    (tmp_path / "a.gz").unlink()
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("MSGTRK1.LOG", log(*rows))
        archive.writestr("../../evil.LOG", log(event(5000)))
        archive.writestr("readme.txt", "hello")
    seen = read(tmp_path)
    assert deliveries(seen) == 3001
    assert sorted(file.state for file in seen.files) == ["foreign", "read", "read"]
    assert not list(tmp_path.parent.glob("**/evil.LOG"))
    (tmp_path / "b.zip").write_bytes((tmp_path / "b.zip").read_bytes()[:-30])
    assert [file.state for file in read(tmp_path).files] == ["damaged"]


def test_an_archive_that_would_fill_the_disk_is_cut_off(tmp_path, monkeypatch):
    monkeypatch.setattr("auditor.collect.mailflow.find._SMALLEST_LIMIT", 1 << 20)
    monkeypatch.setattr("auditor.collect.mailflow.find._RATIO", 1)
    content = io.BytesIO()
    with gzip.GzipFile(fileobj=content, mode="wb") as file:
        file.write(log(event()) + b"\0" * (20 << 20))
    (tmp_path / "bomb.gz").write_bytes(content.getvalue())
    seen = read(tmp_path)
    assert "no log is packed as tightly" in seen.files[0].problem
    assert deliveries(seen) == 1


def test_a_log_under_several_names_is_counted_once(tmp_path):
    rows = [event(n) for n in range(40)]
    write(tmp_path, log(*rows))
    write(tmp_path / "copy", log(*rows), "old.txt")
    write(tmp_path, log(*rows[:20]), "while it grew.LOG")
    (tmp_path / "packed.gz").write_bytes(gzip.compress(log(*rows)))
    seen = read(tmp_path, ".", "MSGTRK2026112008-1.LOG", "*.LOG")
    assert deliveries(seen) == 40
    assert sorted(file.state for file in seen.files) == ["copy", "copy", "copy", "read"]


def test_names_of_files_are_names_whatever_is_in_them(tmp_path):
    for name in ("a[1].LOG", "b'c.LOG", "Ünï {x}.LOG", "d e.LOG"):
        write(tmp_path, log(event(message_subject=name)), name)
    assert deliveries(read(tmp_path)) == 4
    assert deliveries(read(tmp_path, "a[[]1].LOG", "b'*")) == 2
    assert deliveries(read(tmp_path, "a[1].LOG")) == 1


def test_a_word_that_leads_to_nothing_is_said(tmp_path):
    (tmp_path / "empty").mkdir()
    for word in ("missing.LOG", "*.LOG", "empty"):
        with pytest.raises(InputError, match="there is no file here"):
            read(tmp_path, word)


def test_only_the_time_that_is_asked_for_counts(tmp_path):
    write(tmp_path, log(*(event(60 * n) for n in range(10))))
    window = {"since": START + timedelta(hours=2), "until": START + timedelta(hours=5)}
    seen = read(tmp_path, **window)
    assert deliveries(seen) == 3
    (way,) = seen.ways
    assert (way.first, way.last) == (window["since"], window["until"] - timedelta(hours=1))


def test_times_of_other_zones_and_without_any_are_utc(tmp_path):
    stamps = ["2026-11-20T10:00:00.000+02:00", "2026-11-20T08:00:00.000Z", "2026-11-20 08:00:00"]
    write(tmp_path, log(*(event(date_time=one) for one in stamps)))
    (way,) = read(tmp_path).ways
    assert (way.deliveries, way.first, way.last) == (3, START, START)


def test_replies_are_grouped_without_what_is_of_one_message(tmp_path):
    led = "[{{LED=451 Open relay not allowed - https://x.example/a [{mark}]}};{{MSG=}};"
    led += "{{FQDN=US-smtp-outbound-1.mimecast.com}};{{IP=1.2.3.4}};{{LRT=11/20/2026 8:00:00 AM}}]"
    rows = [
        event(n, event_id="DEFER", recipient_status=led.format(mark=f"AbC{n}defGHI{n}.us42"))
        for n in range(5)
    ]
    rows += [
        event(
            event_id="FAIL",
            recipient_status=f"550 5.1.1 <ben{n}@partner.example>: no such user;x",
            server_hostname="",
        )
        for n in range(2)
    ]
    write(tmp_path, log(*rows))
    found = {(one.event, one.host, one.reply): one.events for one in read(tmp_path).refusals}
    assert found == {
        ("DEFER", GATEWAY, "451 Open relay not allowed"): 5,
        ("FAIL", "", "550 5.1.1 <(address)@partner.example>: no such user"): 2,
    }


SESSION = [
    ("S1", "207.211.31.1:25", "+", ""),
    ("S1", "207.211.31.1:25", "<", f"220 {GATEWAY} ESMTP"),
    ("S1", "207.211.31.1:25", ">", "EHLO ex01.contoso.com"),
    ("S1", "207.211.31.1:25", "<", "250-us hello"),
    ("S1", "207.211.31.1:25", "<", "250 STARTTLS"),
    ("S1", "207.211.31.1:25", ">", "MAIL FROM:<anna@contoso.com> SIZE=1"),
    ("S1", "207.211.31.1:25", ">", "RCPT TO:<ben@partner.example>"),
    ("S1", "207.211.31.1:25", "<", "250 Sender OK"),
    ("S1", "207.211.31.1:25", "<", "250 Recipient OK"),
    ("S1", "207.211.31.1:25", ">", "DATA"),
    ("S1", "207.211.31.1:25", "<", "354 go"),
    ("S1", "207.211.31.1:25", "<", "250 SmtpThread-1 Received OK"),
    ("S1", "207.211.31.1:25", ">", "MAIL FROM:<anna@contoso.com> SIZE=1"),
    ("S1", "207.211.31.1:25", ">", "RCPT TO:<dan@other.example>"),
    ("S1", "207.211.31.1:25", "<", "250 Sender OK"),
    ("S1", "207.211.31.1:25", "<", "451 Open relay not allowed"),
    ("S1", "207.211.31.1:25", ">", "QUIT"),
    ("S1", "207.211.31.1:25", "-", ""),
    ("S2", "[2001:db8::1]:25", "+", ""),
    ("S2", "[2001:db8::1]:25", "<", "220 mx.partner.example"),
    ("S2", "[2001:db8::1]:25", ">", "MAIL FROM:<a@contoso.com>"),
    ("S2", "[2001:db8::1]:25", ">", "RCPT TO:<b@partner.example>"),
    ("S2", "[2001:db8::1]:25", ">", "BDAT 500 LAST"),
    ("S2", "[2001:db8::1]:25", "<", "250 ok"),
    ("S2", "[2001:db8::1]:25", "<", "250 ok"),
    ("S2", "[2001:db8::1]:25", "<", "250 queued"),
]


def test_protocol_logs_show_who_answered_and_what(tmp_path):
    write(tmp_path, protocol(*SESSION), "SEND20261120-1.LOG")
    seen = read(tmp_path)
    assert {(w.kind, w.connector, w.host, w.address, w.deliveries) for w in seen.ways} == {
        ("protocol", "To Mimecast", GATEWAY, "207.211.31.1", 1),
        ("protocol", "To Mimecast", "mx.partner.example", "2001:db8::1", 1),
    }
    (refused,) = seen.refusals
    assert (refused.kind, refused.event, refused.reply) == (
        *("protocol", "DEFER", "451 Open relay not allowed"),
    )
    assert [one.domain for way in seen.ways for one in way.domains] == ["partner.example"] * 2


def test_a_protocol_log_of_receiving_says_nothing_of_mail_that_leaves(tmp_path):
    write(tmp_path, protocol(*SESSION, kind="SMTP Receive Protocol Log"))
    seen = read(tmp_path)
    assert seen.ways == ()
    assert "of receiving" in seen.files[0].problem


def test_the_test_message_is_found_by_its_id_or_its_subject(tmp_path):
    rows = [
        event(0, event_id="RECEIVE", server_hostname="EX01", connector_id="EX01\\Default"),
        event(1),
        event(2, message_id="<2@contoso.com>", message_subject="Another"),
    ]
    write(tmp_path, log(*rows))
    for test in ("<1@contoso.com>", "Quarterly figures"):
        seen = read(tmp_path, test=test)
        assert [one.event for one in seen.test] == ["RECEIVE", "SEND"]
        assert (seen.test[1].connector, seen.test[1].host) == ("To Mimecast", GATEWAY)
        assert seen.test[1].reply == "250 2.1.5 Recipient OK"
        assert seen.test[1].sender == ""
    assert read(tmp_path, test="<3@contoso.com>").test == ()
    assert stamp(START) in (tmp_path / "MSGTRK2026112008-1.LOG").read_text()


def test_what_should_be_a_log_and_cannot_be_read_is_never_passed_over(tmp_path):
    fields = ",".join(f for f in FIELDS_2019 if f != "connector-id")
    lines = [*header()[:4], f"#Fields: {fields}", line(event())]
    write(tmp_path, ("\r\n".join(lines) + "\r\n").encode(), "few.LOG")
    with zipfile.ZipFile(tmp_path / "nested.zip", "w") as archive:
        archive.writestr("a.LOG.gz", gzip.compress(log(event())))
    found = {file.name: (file.state, file.problem) for file in read(tmp_path).files}
    assert found == {
        "few.LOG": ("damaged", "its #Fields line lacks columns that such a log has"),
        "nested.zip/a.LOG.gz": (
            "damaged",
            "it is an archive inside of an archive: unpack it first",
        ),
    }


def test_a_word_that_leads_to_nothing_is_said_though_others_lead_to_logs(tmp_path):
    write(tmp_path, log(event()), "a.LOG")
    wanted = Wanted()
    with pytest.raises(InputError, match="there is no file here"):
        read_logs(["a.LOG", "b*.LOG"], tmp_path, wanted, NOW, "test")


def test_a_folder_that_cannot_be_looked_into_is_said(tmp_path, monkeypatch):
    write(tmp_path, log(event()))
    (tmp_path / "closed").mkdir()
    real = os.scandir

    def scandir(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    seen = read(tmp_path)
    assert deliveries(seen) == 1
    (closed,) = [file for file in seen.files if file.state == "damaged"]
    said = (closed.name, closed.problem)
    assert said == ("closed", "the folder cannot be read: Permission denied")


def test_a_disk_without_room_is_said_in_words(tmp_path, monkeypatch):
    write(tmp_path, log(event()))
    monkeypatch.setattr("auditor.collect.mailflow.tables._HOUR", "nonsense")
    with pytest.raises(UndecidedError, match="the logs could not be evaluated"):
        read(tmp_path)
