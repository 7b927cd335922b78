"""
What a priced scan asks of the system: epoll_wait, read and sendto, as an echo program does, and nothing else. What the journal of carts
adds depends on how long the scans took and not on how many they were, so its bound is taken from the times in the trace.
"""

import collections
import os
import re

import pytest

PEN = b"4006381333931\r"
SCANS = 1000
REST_S = 0.1  # docs/performance.md: the journal of carts is written at most so often
CALLS_A_REST = 40  # of the journal's own thread: a commit of carts.db, now and then a checkpoint


@pytest.fixture
def traced(bare_box, monkeypatch):
    """A box at work whose system calls are in a file, with the thread and the time of each."""
    monkeypatch.setenv("ASAN_OPTIONS", "detect_leaks=0")  # which does not work in a process that is traced
    bare_box.trace = os.path.join(bare_box.state, "trace")
    bare_box.wrapper = ["strace", "-D", "-f", "-ttt", "-s", "64", "-o", bare_box.trace]
    bare_box.tillctl("import", bare_box.book)
    for scanner in bare_box.scanners:  # one that is not there is looked for
        scanner.plug()
    return bare_box.start()


def calls(path):
    """Thread, time, name and the rest of each call when it begins; one that others cut in two counts once."""
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f:
            found = re.match(r"(\d+) +(\d+\.\d+) (\w+)\((.*)", line)
            if found:
                yield int(found[1]), float(found[2]), found[3], found[4]


def between(path, begin, end):
    """The calls after the one that has `begin` in it and before the one that has `end`; and the thread that made that one."""
    window, loop = [], None
    for call in calls(path):
        if begin in call[3] and loop is None:
            loop = call[0]
        elif end in call[3]:
            return window, loop
        elif loop is not None:
            window.append(call)
    raise AssertionError(f"{begin} or {end} is not in the trace")


def test_a_priced_scan_makes_three_calls(traced):
    till = traced.subscriber("1")
    for i in range(SCANS + 20):
        if i == 20:  # what the first scans need is there from now on
            assert till.refused("price", sku="BEGIN") == "unknown_code"
        traced.scanners[0].send(PEN)
        assert till.event("line")["quantity"] == str(i + 1)
    till.refused("price", sku="END")
    assert traced.stop() == 0
    window, loop = between(traced.trace, "BEGIN", "END")
    rests = int((window[-1][1] - window[0][1]) / REST_S) + 2
    mine = collections.Counter(name for thread, _, name, _ in window if thread == loop)
    others = collections.Counter(name for thread, _, name, _ in window if thread != loop)
    assert set(mine) <= {"epoll_wait", "read", "sendto", "futex", "mmap", "timerfd_settime"}, mine
    assert mine["read"] == SCANS
    assert mine["sendto"] == SCANS + 1  # and the answer to BEGIN
    assert SCANS <= mine["epoll_wait"] <= SCANS + 2 + rests  # END is waited for; a rest ends by a timer
    assert mine["timerfd_settime"] <= 2 * rests
    assert mine["futex"] <= 2 * rests  # the journal is told, and may hold its lock just then
    assert mine["mmap"] <= rests  # the copies for the journal, if their memory is a sanitizer's
    assert others.total() <= CALLS_A_REST * rests, others
