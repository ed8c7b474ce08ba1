"""A time that holds whatever is called."""

from __future__ import annotations

import threading
import time

import pytest

from auditor.collect.live.deadline import Deadline, TooLateError


def test_a_result_comes_back():
    assert Deadline(5).bound(lambda: 42) == 42


def test_what_is_raised_is_raised_here():
    with pytest.raises(ZeroDivisionError):
        Deadline(5).bound(lambda: 1 / 0)


def test_a_call_that_hangs_is_left():
    forever = threading.Event()
    started = time.monotonic()
    with pytest.raises(TooLateError):
        Deadline(0.1).bound(forever.wait)
    assert time.monotonic() - started < 2
    forever.set()


def test_after_the_end_nothing_is_called():
    called = []
    with pytest.raises(TooLateError):
        Deadline(0).bound(lambda: called.append(1))
    assert called == []


def test_a_pause_does_not_go_beyond_the_end():
    deadline = Deadline(0.05)
    started = time.monotonic()
    deadline.pause(60)
    assert time.monotonic() - started < 5
    assert deadline.left == 0


def test_a_deadline_within_another_ends_with_it():
    whole = Deadline(60)
    part = Deadline(3600, whole)
    assert 0 < part.left <= 60
    whole.end()
    assert (whole.left, part.left) == (0.0, 0.0)
    assert whole.was_ended
    assert part.was_ended
    assert not Deadline(0.0).was_ended
    assert Deadline(0.0, Deadline(60)).left == 0.0
