"""PowerShell remoting's answers: however they are cut, and whatever stands in them."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.collect.live.psrp import (
    ERROR_RECORD,
    PIPELINE_OUTPUT,
    PIPELINE_STATE,
    WARNING_RECORD,
    Answer,
    BrokenStreamError,
    Defragmenter,
    Message,
    TooMuchError,
)


def message(kind: int, body: str) -> bytes:
    return struct.pack("<II", 1, kind) + bytes(32) + body.encode()


def fragments(number: int, data: bytes, size: int) -> list[bytes]:
    parts = [data[i : i + size] for i in range(0, len(data), size)] or [b""]
    last = len(parts) - 1
    return [
        struct.pack(">QQBI", number, i, (i == 0) | (i == last) << 1, len(part)) + part
        for i, part in enumerate(parts)
    ]


def state(value: int, record: str = "") -> Message:
    return Message(
        PIPELINE_STATE,
        f'<Obj RefId="0"><MS><I32 N="PipelineState">{value}</I32>{record}</MS></Obj>',
    )


@given(
    bodies=st.lists(st.text(max_size=60).map(lambda text: text.replace("\ufeff", "")), max_size=5),
    size=st.integers(1, 80),
    data=st.data(),
)
def test_however_messages_are_cut_and_mixed_they_come_out_whole(bodies, size, data):
    encoded = [body.encode("utf-8", "replace") for body in bodies]
    bodies = [body.decode() for body in encoded]
    queues = [
        fragments(number, message(PIPELINE_OUTPUT, body), size)
        for number, body in enumerate(bodies)
    ]
    stream = Defragmenter()
    found = []
    while any(queues):
        queue = data.draw(st.sampled_from([q for q in queues if q]))
        found += [each.body for each in stream.feed(queue.pop(0))]
    assert sorted(found) == sorted(bodies)
    assert stream.empty


WHOLE = fragments(1, message(PIPELINE_OUTPUT, "x" * 100), 40)


@pytest.mark.parametrize("missing", range(len(WHOLE)))
def test_a_fragment_that_is_missing_is_found(missing):
    stream = Defragmenter()
    rest = [part for i, part in enumerate(WHOLE) if i != missing]
    if missing == len(WHOLE) - 1:
        assert list(stream.feed(b"".join(rest))) == []
        assert not stream.empty
    else:
        with pytest.raises(BrokenStreamError, match="missing"):
            list(stream.feed(b"".join(rest)))


@pytest.mark.parametrize("length", range(1, len(WHOLE[0])))
def test_a_fragment_that_is_cut_is_found(length):
    with pytest.raises(BrokenStreamError, match="cut off"):
        list(Defragmenter().feed(WHOLE[0][:length]))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (fragments(1, b"short", 99)[0], "header"),
        (fragments(1, message(PIPELINE_OUTPUT, "")[:-1] + b"\xff\xfe", 99)[0], "UTF-8"),
        (WHOLE[0] + WHOLE[0], "missing"),
    ],
)
def test_what_is_no_message_is_found(data, words):
    with pytest.raises(BrokenStreamError, match=words):
        list(Defragmenter().feed(data))


def test_an_answer_without_end_is_refused(monkeypatch):
    monkeypatch.setattr("auditor.collect.live.psrp.MAX_BYTES", 150)
    stream = Defragmenter()
    with pytest.raises(TooMuchError, match="more than"):
        for part in WHOLE:
            list(stream.feed(part))


@pytest.mark.parametrize(
    ("value", "ended", "failed"),
    [(1, False, False), (2, False, False), (3, True, True), (4, True, False), (5, True, True)],
)
def test_only_a_state_that_is_final_ends_an_answer(value, ended, failed):
    answer = Answer()
    answer.add(state(value))
    assert answer.ended is ended
    assert (answer.failure is not None) is failed


def test_a_failure_says_why():
    record = (
        '<Obj N="ExceptionAsErrorRecord" RefId="1"><ToString>Access\r\nis denied.</ToString><MS>'
        '<S N="FullyQualifiedErrorId">CommandNotFoundException</S></MS></Obj>'
    )
    answer = Answer()
    answer.add(state(5, record))
    assert answer.failure is not None
    assert answer.failure.text == "Access is denied."
    assert answer.failure.is_unknown_command


def test_errors_and_warnings_beside_objects_are_kept():
    answer = Answer()
    answer.add(Message(PIPELINE_OUTPUT, '<Obj RefId="0"><MS><S N="Name">A</S></MS></Obj>'))
    answer.add(
        Message(
            ERROR_RECORD,
            '<Obj RefId="0"><MS><Obj N="Exception" RefId="1"><Props><S N="Message">Odd.</S></Props>'
            '</Obj><S N="FullyQualifiedErrorId">X,Y</S></MS></Obj>',
        )
    )
    answer.add(
        Message(
            WARNING_RECORD,
            '<Obj RefId="0"><MS><S N="InformationalRecord_Message">Mind.</S></MS></Obj>',
        )
    )
    answer.add(Message(0x00041010, "<not><even>xml"))
    assert [each.properties for each in answer.objects] == [{"Name": "A"}]
    assert [each.text for each in answer.trouble] == ["Odd."]
    assert answer.warnings == ["Mind."]


def test_a_list_as_one_object_holds_objects():
    answer = Answer()
    items = '<Obj RefId="1"><MS><S N="Name">A</S></MS></Obj><Obj RefId="2"><MS><S N="Name">B</S></MS></Obj>'
    answer.add(Message(PIPELINE_OUTPUT, f'<Obj RefId="0"><LST>{items}</LST></Obj>'))
    assert [each.properties["Name"] for each in answer.objects] == ["A", "B"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<S>text</S>",
        "<I32>5</I32>",
        '<Obj RefId="0">',
        "<Objs/>",
        "no xml",
        '<Obj RefId="0"><MS/></Obj><Obj RefId="1"><MS/></Obj>',
        '<!DOCTYPE x><Obj RefId="0"/>',
        '<Obj RefId="0"><LST><S>text</S></LST></Obj>',
    ],
)
def test_output_that_is_no_object_is_trouble_of_its_cmdlet_only(body):
    answer = Answer()
    answer.add(Message(PIPELINE_OUTPUT, '<Obj RefId="0"><MS><S N="Name">A</S></MS></Obj>'))
    answer.add(Message(PIPELINE_OUTPUT, body))
    assert len(answer.objects) == 1
    (problem,) = answer.trouble
    assert "cannot be read" in problem.text


def test_null_beside_objects_says_nothing():
    answer = Answer()
    answer.add(Message(PIPELINE_OUTPUT, "<Nil/>"))
    assert (answer.objects, answer.trouble) == ([], ())


def test_a_state_that_cannot_be_read_breaks_the_answer():
    with pytest.raises(BrokenStreamError):
        Answer().add(Message(PIPELINE_STATE, "<no>state"))


def test_references_written_out_are_bounded_in_all(monkeypatch):
    monkeypatch.setattr("auditor.collect.live.psrp.MAX_VALUES", 200)
    text = "x" * 640
    body = (
        f'<Obj RefId="0"><MS><Obj N="A" RefId="1"><MS><S N="T">{text}</S></MS></Obj>'
        + "".join(f'<Ref N="R{number}" RefId="1" />' for number in range(5))
        + "</MS></Obj>"
    )
    answer = Answer()
    with pytest.raises(TooMuchError, match="more than"):
        for _ in range(5):
            answer.add(Message(PIPELINE_OUTPUT, body))
