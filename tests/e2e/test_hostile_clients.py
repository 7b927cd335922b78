"""Clients of the control socket that are slow, huge, half or many: each is bounded, and a lane does not notice.
The bounds are those of docs/control.md."""

import json
import os
import socket
import struct
import time

import pytest

from box import PATIENCE

PEN = b"4006381333931\r"
AT_ONCE = 70  # scans whose lines fit where they wait until they are read
CLIENTS_MAX = 256
LINE_MAX = 65536
OUTPUT_MAX = 1 << 20
KERNEL = 1 << 20  # what the kernel may keep for a connection; more than it does
MEMORY = 8 << 20  # what tilld may have grown by afterwards: buffers kept, memory in pieces


@pytest.fixture
def box(bare_box, monkeypatch):
    """A box at work, whose sanitizer, if it has one, gives memory back at once so that it can be measured."""
    monkeypatch.setenv("ASAN_OPTIONS", "quarantine_size_mb=0:thread_local_quarantine_size_kb=0:allocator_release_to_os_interval_ms=0")
    bare_box.tillctl("import", bare_box.book)
    bare_box.scanners[0].plug()
    yield bare_box.start()
    assert bare_box.stop() == 0
    assert "Sanitizer" not in bare_box.log_text()


def resident(box):
    with open(f"/proc/{box.process.pid}/statm", encoding="ascii") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Lane:
    """Lane 1 with its scanner and a subscriber that reads, which counts the pens."""

    def __init__(self, box):
        self.box = box
        self.till = box.subscriber("1")
        self.pens = 0
        self.scan(AT_ONCE)  # what the first scans need is there from now on
        self.before = resident(box)

    def scan(self, times):
        """So many pens, and the line that each must give."""
        for done in range(0, times, AT_ONCE):
            batch = min(AT_ONCE, times - done)
            self.box.scanners[0].send(PEN * batch)
            for _ in range(batch):
                self.pens += 1
                line = self.till.read()
                assert (line["event"], line["sku"], line["quantity"]) == ("line", "PEN", str(self.pens))

    def goes_on(self):
        self.scan(1)
        grown = resident(self.box) - self.before
        assert grown < MEMORY, f"grown by {grown >> 10} KiB"


def connect(box):
    """Without a timeout, so that it waits its turn when many come."""
    found = socket.socket(socket.AF_UNIX)
    found.connect(box.socket_path)
    return found


def request(**members):
    return json.dumps(members).encode() + b"\n"


def subscribed(box):
    found = connect(box)
    found.sendall(request(id=1, verb="subscribe", lane="1"))
    assert json.loads(found.recv(1000))["ok"]  # all there is to read so far
    return found


def lines_until_end(connection):
    """What comes until tilld closes, as lines; what an end in the middle left over is the last one."""
    connection.settimeout(PATIENCE)
    raw = bytearray()
    try:
        while piece := connection.recv(1 << 20):
            raw += piece
    except ConnectionResetError:
        pass
    return raw.split(b"\n")


def wait_for_clients(client, wanted):
    """Until tilld counts so many: it takes 16 of those that come, and sees who left, in each turn of its loop."""
    end = time.monotonic() + PATIENCE
    while (count := client.do("status")["clients"]) != wanted:
        assert time.monotonic() < end, count


def test_a_subscriber_that_never_reads_is_dropped_at_its_bound(box):
    lane = Lane(box)
    deaf = subscribed(box)
    lane.scan(5000)
    # Each line has more than 300 bytes: 5,000 of them are beyond what tilld and the kernel keep.
    *whole, cut_off = lines_until_end(deaf)
    assert 0 < sum(map(len, whole)) < OUTPUT_MAX + KERNEL
    first = lane.pens - 5000 + 1
    assert [json.loads(line)["quantity"] for line in whole] == [str(n) for n in range(first, first + len(whole))]
    assert len(whole) < 5000
    lane.goes_on()


def test_a_slow_reader_is_dropped_and_one_that_catches_up_is_not(box):
    lane = Lane(box)
    slow, late = subscribed(box), subscribed(box)
    late_file = late.makefile("rb")
    rounds, of = 12, 7 * AT_ONCE
    for _ in range(rounds):
        lane.scan(of)
        slow.recv(1000)  # three lines where 490 came
        assert [json.loads(late_file.readline()) for _ in range(of)][-1]["quantity"] == str(lane.pens)
    assert len(lines_until_end(slow)) < rounds * of
    late.close()
    lane.goes_on()


def test_requests_wait_while_answers_do(box):
    """A client that asks and asks and does not read is not dropped: it is not listened to until it reads."""
    lane = Lane(box)
    busy = connect(box)
    busy.setblocking(False)
    asked, rest, full = 0, b"", 0
    while full < 3:  # times that it was full, and still was when tilld had answered somebody else
        rest = rest or request(id=asked + 1, verb="lanes")
        try:
            rest = rest[busy.send(rest):]
        except BlockingIOError:
            full += 1
            lane.scan(1)
            continue
        full = 0
        asked += not rest
        assert asked < 100000
    assert asked > 100
    lane.goes_on()
    busy.settimeout(PATIENCE)
    file = busy.makefile("rb")
    assert [json.loads(file.readline())["id"] for _ in range(asked)] == list(range(1, asked + 1))
    busy.sendall(rest)
    assert json.loads(file.readline())["id"] == asked + 1
    busy.close()
    lane.goes_on()


def test_a_huge_line_is_passed_over(box):
    lane = Lane(box)
    huge = box.client()
    for _ in range(64):
        huge.send_raw(b"x" * (1 << 20))
        lane.scan(1)
    assert huge.read()["error"]["code"] == "line_too_long"
    grown = resident(box) - lane.before
    assert grown < MEMORY, grown
    huge.send_raw(b"\n" + request(id=1, verb="version"))
    assert huge.read()["id"] == 1  # told once: the very next line is the answer to this
    lane.goes_on()


@pytest.mark.parametrize("length,taken", [(LINE_MAX, True), (LINE_MAX + 1, False)])
def test_the_longest_line(box, length, taken):
    head, tail = b'{"id":1,"verb":"version"', b"}"
    client = box.client()
    client.send_raw(head + b" " * (length - len(head) - len(tail)) + tail + b"\n")
    answer = client.read()
    assert answer["ok"] is taken
    assert taken or answer["error"]["code"] == "line_too_long"


def test_half_lines(box):
    """Each of 200 clients is in the middle of a request; then they end them, byte by byte, in turns."""
    lane = Lane(box)
    half, rest = b'{"id":7,"verb":"ver', b'sion"}\n{"id":8,'
    many = [connect(box) for _ in range(200)]
    for c in many:
        c.sendall(half)
    lane.scan(AT_ONCE)
    for i in range(len(rest)):
        for c in many:
            c.sendall(rest[i:i + 1])
    for c in many:
        c.settimeout(PATIENCE)
        assert json.loads(c.makefile("rb").readline())["id"] == 7
    lane.scan(AT_ONCE)
    for c in many:
        c.close()  # in the middle of the next one
    lane.goes_on()


def test_hundreds_at_once(box):
    lane = Lane(box)
    wait_for_clients(lane.till, 1)
    room = CLIENTS_MAX - 1
    many = [connect(box) for _ in range(room + 44)]
    for c in many[:room]:
        c.sendall(request(id=1, verb="version"))
        c.settimeout(PATIENCE)
        assert json.loads(c.makefile("rb").readline())["ok"]
    for c in many[room:]:
        told, nothing = lines_until_end(c)
        assert json.loads(told)["error"]["code"] == "too_many_clients" and nothing == b""
    lane.goes_on()
    for c in many:
        c.close()
    wait_for_clients(lane.till, 1)
    assert box.client().do("version")["ok"]
    lane.goes_on()


def test_hundreds_that_ask_and_ask(box):
    """250 clients with fifty requests each on their way while 210 pens are scanned: each is priced, and each answered."""
    lane = Lane(box)
    asks = b"".join(request(id=n, verb="explain" if n % 10 == 0 else "version", **({"lane": "2"} if n % 10 == 0 else {})) for n in range(50))
    many = [connect(box) for _ in range(250)]
    wait_for_clients(lane.till, 251)
    for c in many:
        c.sendall(asks)
    lane.scan(3 * AT_ONCE)
    for c in many:
        c.settimeout(PATIENCE)
        with c.makefile("rb") as file:
            assert [json.loads(file.readline())["id"] for _ in range(50)] == list(range(50))
        c.close()
    wait_for_clients(lane.till, 1)
    lane.goes_on()


def test_clients_that_come_and_go(box):
    lane = Lane(box)
    for i in range(2000):
        c = connect(box)
        if i % 4 == 1:
            c.sendall(request(verb="subscribe", lane="*"))
        elif i % 4 == 2:
            c.sendall(b'{"verb":"sta')
        elif i % 4 == 3:
            c.sendall(request(verb="lanes") * 50)
        c.close()
        if i % 100 == 0:
            lane.scan(1)
    lane.goes_on()
    wait_for_clients(lane.till, 1)


def test_closed_in_the_middle_of_an_answer(box):
    """By an orderly end, by a reset, and with half of the answer read; each with more on its way than fits."""
    lane = Lane(box)
    lane.till.do("scan", lane="2", sku="PEN")
    for i in range(60):
        c = connect(box)
        c.sendall(request(verb="explain", lane="2") * 400)
        if i % 3 == 0:
            c.recv(1000)
        if i % 3 == 1:
            c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        c.close()
        lane.scan(1)
    lane.goes_on()


def test_who_only_stops_asking_gets_the_answers(box):
    c = connect(box)
    c.sendall(request(id=1, verb="lanes") * 300)
    c.shutdown(socket.SHUT_WR)
    *whole, nothing = lines_until_end(c)
    assert [json.loads(line)["id"] for line in whole] == [1] * 300 and nothing == b""


def test_a_tender_whose_client_left_is_sold_once(box):
    lane = Lane(box)
    gone = connect(box)
    gone.sendall(request(verb="tender", lane="1", method="card", order="order-9"))
    gone.close()
    total = lane.till.event("tendered")["total"]
    assert total == f"{lane.pens * 249 // 100}.{lane.pens * 249 % 100:02d}"
    again = lane.till.do("tender", lane="1", method="card", order="order-9")
    assert (again["repeated"], again["total"]) == (True, total)
    assert box.client().do("status")["ledger"]["sales"] == 1
    lane.pens = 0
    lane.goes_on()


def test_every_client_subscribes_and_none_reads(box):
    """A hundred at once: their memory is bounded while they are there, and given back when they are dropped."""
    lane = Lane(box)
    deaf = [connect(box) for _ in range(100)]
    for c in deaf:
        c.sendall(request(verb="subscribe", lane="1"))
    wait_for_clients(lane.till, 101)
    lane.scan(1000)
    assert resident(box) - lane.before < 100 * OUTPUT_MAX
    lane.scan(5000)
    for c in deaf:
        assert len(lines_until_end(c)) < 6000
    wait_for_clients(lane.till, 1)
    lane.goes_on()


def test_nonsense_without_end(box):
    """Line after line that is no request: each is answered, as fast as the client reads."""
    lane = Lane(box)
    client = box.client()
    nonsense = [b"{", b"[]", b'{"verb":1}', b"\x00\xff", b'{"verb":"scan","lane":"1"}', b"null", b'{"id":[],"verb":"version"}']
    for i in range(300):
        client.send_raw(b"\n".join(nonsense) + b"\n")
        for _ in nonsense:
            assert client.read()["ok"] is False
        if i % 50 == 0:
            lane.scan(1)
    lane.goes_on()
