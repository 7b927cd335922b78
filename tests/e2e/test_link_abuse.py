"""Who speaks to headquarters wrongly: with a box's certificate and without one, over TLS and over DTLS, messages that
are malformed, oversize, out of order, or repeated. Each is refused, the hub's log says why, and a box that sells
meanwhile loses nothing and stays connected."""

import os
import select
import socket
import sqlite3
import ssl
import subprocess
import threading

import cbor2
import pytest

from box import PATIENCE, wait_for
from coap_raw import (BLOCK1, CBOR, CONTENT_FORMAT, CSM, GET, PING, PONG, POST, URI_PATH, Datagrams, Stream, block, datagram, path,
                      stream_message)
from test_hub import write_book
from test_link import Shop, papers

EVENTS = path("v1/boxes/box-1/events")
BATCH = [*EVENTS, CBOR]
BODY_MAX = 1114112


class Watched(Shop):
    """A shop with a box that sells all the time: box-1, whose certificate is used against headquarters, too."""

    def __init__(self, folder):
        super().__init__(folder)
        code, _, err = self.hub.run("publish", write_book(folder))
        assert code == 0, err
        self.box.tillctl("enrol", *self.enrol)
        self.start_sync()
        self.box.start()
        self.wait_until_even()
        cert, key, self.ca = papers(self)
        self.mine = (cert, key)
        self.sold_enough = threading.Event()
        self.seller = threading.Thread(target=self.sell_on)
        self.seller.start()

    def sell_on(self):
        while not self.sold_enough.wait(0.05):  # a busy lane's pace, not a wait for anything
            self.sell(1)

    def stop_selling(self):
        self.sold_enough.set()
        self.seller.join(PATIENCE)

    def stream(self, **more):
        return Stream(self.port, self.ca, self.mine, **more)

    def hub_log(self):
        with open(self.hub.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def said(self, words):
        """The hub has said that; so often are lines left out that some may be."""
        wait_for(self.hub_log, lambda log: words in log or "more requests were refused" in log or "lines were left out" in log, what=words)

    def held(self):
        """Events of box-1 in the log, by segment and sequence, as they lie there."""
        return [line["value"] for line in self.hub.json("log", "tail", "sales_events", "--all") if line["key"] == "box-1"]

    def check(self):
        """The other box: all it sold is held once and in order, and its line never broke."""
        self.stop_selling()
        self.wait_until_even()
        text = self.sync_log()
        assert "down" not in text.replace("shut down", ""), text
        with sqlite3.connect(f"file:{self.box.state}/ledger.db?mode=ro", uri=True) as db:
            events = db.execute("SELECT count(*) FROM event").fetchone()[0]
        uploads = self.held()
        assert sum(upload["count"] for upload in uploads) == events
        places = [(upload["segment"], upload["sequence"]) for upload in uploads]
        assert places == sorted(set(places))
        assert self.hub.process.poll() is None


@pytest.fixture(name="shop", scope="module")
def shop_fixture(tmp_path_factory):
    shop = Watched(tmp_path_factory.mktemp("shop"))
    yield shop
    shop.stop_selling()
    shop.close()


# What a message is, and the answer's code. None: the connection ends.
REFUSED = [
    ("an empty body", BATCH, b"", 0x80, "a map in deterministic CBOR is expected"),
    ("cut off", BATCH, b"\xa1", 0x80, "in deterministic CBOR is expected"),
    ("of no fixed length", BATCH, b"\xbf\xff", 0x80, "a map in deterministic CBOR is expected"),
    ("more behind it", BATCH, cbor2.dumps({1: 1, 2: b"x"}) + b"\0", 0x80, "bytes behind its end"),
    ("a newer message", BATCH, cbor2.dumps({1: 2, 2: b"x"}), 0x80, "of version 2, this program knows up to 1"),
    ("no version", BATCH, cbor2.dumps({2: b"x"}), 0x80, "v: is required and missing"),
    ("a number for bytes", BATCH, cbor2.dumps({1: 1, 2: 5}), 0x80, "events: bytes in deterministic CBOR is expected"),
    ("arrays without end", BATCH, b"\x9f" * 5000, 0x80, "a map in deterministic CBOR is expected"),
    ("no events", BATCH, cbor2.dumps({1: 1, 2: b"\xa8" * 900}), 0x80, "there is no event at byte 0 of the batch"),
    ("JSON", [*EVENTS, (CONTENT_FORMAT, b"\x32")], b'{"v":1}', 0x8F, "a content format other than 60"),
    ("text", [*EVENTS, (CONTENT_FORMAT, b"")], b"events", 0x8F, "a content format other than 60"),
    ("a long path", path("v1/" + "x" * 255 + "/" + "y" * 255), b"", 0x80, "a path or query of more than 255 bytes"),
    ("another box's path", [*path("v1/boxes/box-2/events"), CBOR], cbor2.dumps({1: 1, 2: b"x"}), 0x83, "may not ask for that"),
    ("a block out of order", [*BATCH, (BLOCK1, block(5, 1, 6))], b"x" * 1024, 0x88, "does not follow the one before"),
    ("a short block", [*BATCH, (BLOCK1, block(0, 1, 6))], b"x" * 10, 0x88, "does not follow the one before"),
    ("a block of no size", [*BATCH, (BLOCK1, block(0, 1, 7))], b"x" * 1024, 0x80, "a block option of no size"),
    ("an unknown critical option", [*BATCH, (9, b"x")], b"", 0x82, None),
]


@pytest.mark.parametrize("pairs,body,code,reason", [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_is_wrong_is_refused_with_its_reason(shop, pairs, body, code, reason):
    s = shop.stream()
    answer = s.ask(POST, pairs, body)
    assert answer and answer[0] == code, answer
    if reason:
        assert reason in answer[1].decode()
        shop.said(reason)
    assert s.ask(GET, path("v1/stores/S1/version"))[0] == 0x45  # the connection is as good as before
    s.close()
    if len(body) < 1000:
        d = Datagrams(shop.port, shop.ca, shop.mine)
        d.send(datagram(POST, pairs, body))
        answer = d.answer()
        assert answer and answer[0] == code, answer
        d.close()


NO_MESSAGES = {
    "an option with the delta that is none": b"\x31\x02t\xf0\x00\x00",
    "an option with the length that is none": b"\x31\x02t\xbf\x00\x00",
    "an option that passes the end": b"\x31\x02t\xb9ab",
    "a marker and no payload": b"\x11\x01t\xff",
    "a token of 9 bytes": b"\x09\x01" + b"t" * 9,
    "a token of 15 bytes": b"\x0f\x01" + b"t" * 15,
    "a path option of 300 bytes": stream_message(GET, [(URI_PATH, b"x" * 300)]),
    "an empty message that is not": b"\x01\x00t",
    "a message of 4 GiB": b"\xf1\xff\xff\xff\xff\x02t" + b"x" * 1000,
    "a message of 2 MB": b"\xf1" + (2000000).to_bytes(4, "big") + b"\x02t" + b"x" * 1000,
    "a block number of 4 bytes": stream_message(POST, [*BATCH, (BLOCK1, b"\1\2\3\4")], b"x"),
}


@pytest.mark.parametrize("raw", NO_MESSAGES.values(), ids=NO_MESSAGES.keys())
@pytest.mark.parametrize("certificate", [True, False], ids=["a box", "nobody"])
def test_what_is_no_message_ends_the_connection(shop, raw, certificate):
    """At both ports: nobody may come to the one where boxes enrol."""
    s = shop.stream() if certificate else Stream(shop.enrol_port, shop.ca)
    address = "127.0.0.1:%d" % s.socket.getsockname()[1]
    s.send(raw)
    assert s.answer() is None
    wait_for(shop.hub_log, lambda log: address in log or "too big" in log or "lines were left out" in log, what=address)
    s.close()


DATAGRAMS = {
    "another version": b"\xc0\x01\0\1",
    "a token of 15 bytes": b"\x4f\x01\0\1" + b"t" * 15,
    "an option that passes the end": b"\x41\x02\0\1t\xbf\0",
    "an empty message": b"\x40\0\0\1",
    "an empty message that is not": b"\x41\0\0\1t",
    "a byte": b"\x40",
    "nothing of the kind": bytes(range(1, 200)),
    "an answer to no question": b"\x60\x45\x12\x34",
    "8 KB": datagram(POST, BATCH, b"x" * 8000),
}


@pytest.mark.parametrize("raw", DATAGRAMS.values(), ids=DATAGRAMS.keys())
def test_a_datagram_that_is_no_message_is_let_go(shop, raw):
    """A reset or nothing; what comes after it on the same association is answered."""
    d = Datagrams(shop.port, shop.ca, shop.mine)
    d.send(raw)
    d.send(datagram(GET, path("v1/stores/S1/version"), token=b"after", mid=77))
    answer = d.answer()
    while answer and answer[0] != 0x45:
        assert answer[0] in (0, 0x80, 0x8D), answer
        answer = d.answer()
    assert answer
    d.close()


def test_datagrams_without_a_handshake(shop):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for raw in [*DATAGRAMS.values(), b"\x16\xfe\xfd" + bytes(60), os.urandom(1200), b""]:
            s.sendto(raw[:1400], ("127.0.0.1", shop.port))


def test_a_body_in_blocks_without_end(shop):
    s = shop.stream()
    for number in range(BODY_MAX // 1024 + 1):
        answer = s.ask(POST, [*BATCH, (BLOCK1, block(number, 1, 6))], b"x" * 1024)
        if answer[0] != 0x5F:
            break
    assert answer[0] == 0x8D and number * 1024 >= BODY_MAX - 1024, (number, answer)
    shop.said("too large")
    assert s.ask(GET, path("v1/stores/S1/version"))[0] == 0x45
    s.close()


def test_signals_and_pieces(shop):
    """Signals twice, answers to no question, and a request of which each byte comes by itself."""
    s = shop.stream()
    s.send(stream_message(CSM, token=b"") + stream_message(0x45, [], b"x") + stream_message(PING, token=b"p"))
    assert s.answer()[0] == PONG
    request = stream_message(GET, path("v1/stores/S1/version") + [(CONTENT_FORMAT, b"\x3c")], b"y" * 300)
    for at in range(len(request)):
        s.send(request[at : at + 1])
    assert s.answer()[0] == 0x45
    s.close()


def test_an_upload_again(shop):
    """The same events, as a thief or a network would repeat them: acknowledged, and held once."""
    with sqlite3.connect(f"file:{shop.box.state}/ledger.db?mode=ro", uri=True) as db:
        events = [bytes(row[0]) for row in db.execute("SELECT bytes FROM event ORDER BY id LIMIT 3")]
    body = cbor2.dumps({1: 1, 2: b"".join(events)})
    wait_for(shop.held, lambda held: sum(upload["count"] for upload in held) >= 3)
    for s in (shop.stream(), shop.stream()):
        for _ in range(3):
            code, payload = s.ask(POST, BATCH, body)
            assert code == 0x44 and cbor2.loads(payload).get(2, 0) == 0, payload
        s.close()
    for _ in range(3):
        d = Datagrams(shop.port, shop.ca, shop.mine)
        d.send(datagram(POST, BATCH, cbor2.dumps({1: 1, 2: events[0]}), mid=5))
        d.send(datagram(POST, BATCH, cbor2.dumps({1: 1, 2: events[0]}), mid=5))
        assert d.answer()[0] == 0x44
        d.close()


class Recorder:
    """A relay of datagrams that keeps what the client sent."""

    def __init__(self, port):
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(("127.0.0.1", 0))
        self.back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.back.connect(("127.0.0.1", port))
        self.port = self.front.getsockname()[1]
        self.sent, self.answers = [], 0
        self.going = True
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        client = None
        while self.going:
            for s in select.select([self.front, self.back], [], [], 0.05)[0]:
                if s is self.front:
                    raw, client = s.recvfrom(65536)
                    self.sent.append(raw)
                    self.back.send(raw)
                else:
                    raw = s.recv(65536)
                    self.answers += 1
                    self.front.sendto(raw, client)

    def close(self):
        self.going = False
        self.thread.join(PATIENCE)
        self.front.close()
        self.back.close()


def test_datagrams_again(shop):
    """Records of DTLS that were recorded, from the very address and port: the window of RFC 6347 lets none in twice."""
    line = Recorder(shop.port)
    d = Datagrams(line.port, shop.ca, shop.mine)
    for mid in range(5):
        d.send(datagram(GET, path("v1/stores/S1/version"), token=b"%d" % mid, mid=mid + 1))
        assert d.answer()[0] == 0x45
    records = [raw for raw in line.sent if raw[0] == 0x17]
    assert len(records) == 5
    before = line.answers
    for raw in records * 20:
        line.back.send(raw)
    d.send(datagram(GET, path("v1/stores/S1/version"), token=b"last", mid=99))
    assert d.answer()[0] == 0x45
    assert line.answers == before + 1
    d.close()
    line.close()


def new_request(folder, name):
    """A key, and a certificate request for it."""
    key, request = str(folder / f"{name}.key"), str(folder / name)
    subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key], check=True, capture_output=True)
    subprocess.run(["openssl", "req", "-new", "-key", key, "-subj", f"/CN={name}", "-outform", "DER", "-out", request],
                   check=True, capture_output=True)
    return key, (folder / name).read_bytes()


def test_a_claim_again(shop, tmp_path):
    """A code that was used is good for the very key that it was used with, and for no other."""
    code = shop.hub.json("box", "add", "box-9", "S1")[0]["code"]
    requests = [new_request(tmp_path, name)[1] for name in ("first", "second")]
    s = Stream(shop.enrol_port, shop.ca)

    def claim(request, words=code):
        return s.ask(POST, [*path("v1/enrol"), CBOR], cbor2.dumps({1: 1, 2: words, 3: request}))

    assert claim(requests[0], "AAAA-AAAA-AAAA-AAAA")[0] == 0x81
    assert claim(requests[0])[0] == 0x41
    assert claim(requests[0])[0] == 0x41
    answer = claim(requests[1])
    assert answer[0] == 0x81, answer
    shop.said("enrol: 4.01: this claim code")
    for body in (b"", b"\xff", cbor2.dumps({1: 1, 2: code}), cbor2.dumps({1: 1, 2: code, 3: b"no request"})):
        assert s.ask(POST, [*path("v1/enrol"), CBOR], body)[0] in (0x80, 0x81)
    assert s.ask(POST, BATCH, cbor2.dumps({1: 1, 2: b"x"}))[0] == 0x81  # and nothing but that, without a certificate
    s.close()


def test_a_box_that_forges_is_in_quarantine_alone(shop, tmp_path):
    """Another box's events, and then two first events of its own: a ledger has one."""
    code = shop.hub.json("box", "add", "box-8", "S1")[0]["code"]
    key, request = new_request(tmp_path, "box-8")
    s = Stream(shop.enrol_port, shop.ca)
    answer = s.ask(POST, [*path("v1/enrol"), CBOR], cbor2.dumps({1: 1, 2: code, 3: request}))
    assert answer[0] == 0x41
    s.close()
    cert = tmp_path / "cert"
    cert.write_text(ssl.DER_cert_to_PEM_cert(cbor2.loads(answer[1])[4]), encoding="ascii")
    with sqlite3.connect(f"file:{shop.box.state}/ledger.db?mode=ro", uri=True) as db:
        theirs = bytes(db.execute("SELECT bytes FROM event ORDER BY id LIMIT 1").fetchone()[0])
    s = Stream(shop.port, shop.ca, (str(cert), key))

    def post(event):
        return s.ask(POST, [*path("v1/boxes/box-8/events"), CBOR], cbor2.dumps({1: 1, 2: event}))

    code, words = post(theirs)
    assert code == 0x83 and b"is of another box" in words
    first = cbor2.loads(theirs)
    first[2] = "box-8"
    code, ack = post(cbor2.dumps(first))
    assert code == 0x44 and cbor2.loads(ack)[4] == 1
    first[6] += 1
    code, ack = post(cbor2.dumps(first))
    assert code == 0x83 and cbor2.loads(ack)[2] == 2 and "another one" in cbor2.loads(ack)[7], ack
    shop.said("box box-8 is in quarantine")
    assert post(cbor2.dumps(first))[0] == 0x83
    s.close()
    status = {box["box"]: box for box in shop.hub.json("box", "list")}
    assert status["box-8"]["status"] == "quarantine" and status["box-1"]["status"] != "quarantine"


def test_nobody_else_was_hurt(shop):
    shop.check()
