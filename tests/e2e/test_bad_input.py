"""What comes from outside may be anything: a clear error, nothing lost, the lane goes on."""

import json
import os
import random
import subprocess

import pytest

from box import PATIENCE, TILLD

REFUSALS = [
    ("4006381333930", "malformed_code"),  # check digit is 1
    ("4006381333948", "unknown_code"),  # well-formed, not sold here
    ("96385074", "ambiguous_code"),  # two articles have it
    ("5901234123457", "no_price"),
    ("12345", "malformed_code"),
]


@pytest.mark.parametrize("code,refusal", REFUSALS)
def test_codes_get_distinct_answers(box, code, refusal):
    till = box.subscriber("1")
    box.scanners[0].scan(code)
    event = till.event("refused")
    assert event["error"]["code"] == refusal and event["error"]["text"]
    if refusal == "ambiguous_code":
        assert [c["sku"] for c in event["error"]["candidates"]] == ["TWIN1", "TWIN2"]
    box.scanners[0].scan("4006381333931")
    assert till.event("line")["totals"]["total"] == "2.49"


@pytest.mark.parametrize("garbage", [b"\x00\xff\xfe\r", b"\r\r\r", b"A" * 5000 + b"\r", b"400638\x1b[2J1333931\r", bytes(range(256)) + b"\r"],
                         ids=["no text", "only ends", "too long", "escape sequence", "every byte"])
def test_a_scanner_may_send_anything(box, garbage):
    till = box.subscriber("1")
    box.scanners[0].send(garbage)
    box.scanners[0].scan("4006381333931")
    assert till.event("line")["sku"] == "PEN"
    assert box.process.poll() is None


@pytest.mark.parametrize("seed", range(3))
def test_a_scanner_may_send_noise_without_end(box, seed):
    """64 KiB of noise, a good code among it now and then: each of these is priced, in order, and nothing else is."""
    till = box.subscriber("1")
    noise = random.Random(seed)
    refused = 0
    for n in range(64):
        # The line end ends what the noise began; its own line ends make frames that no shop has.
        box.scanners[0].send(noise.randbytes(1024) + b"\r")
        box.scanners[0].scan("4006381333931")
        while (event := till.read())["event"] == "refused":
            assert event["error"]["text"] and event["scanned"].isprintable(), event
            refused += 1
        assert (event["event"], event["quantity"]) == ("line", str(n + 1))
    assert refused >= 64
    assert box.process.poll() is None


def test_unplugged_in_mid_scan_and_plugged_in_again(box):
    till = box.subscriber("1")
    box.scanners[0].send(b"40063813")
    box.scanners[0].unplug()
    till.event("scanner", state="down")
    box.scanners[0].plug()
    till.event("scanner", state="up")
    box.scanners[0].scan("4006381333931")
    assert till.event("line")["sku"] == "PEN"


BAD_LINES = [
    (b"not json\n", "bad_json"),
    (b"[1,2]\n", "bad_json"),
    (b'{"verb":"scan","lane":"1"\n', "bad_json"),
    (b'{"lane":"1"}\n', "bad_request"),
    (b'{"verb":"dance"}\n', "unknown_verb"),
    (b'{"verb":"scan","lane":"1","code":7}\n', "bad_request"),
    (b'{"verb":"scan","lane":"9","code":"4006381333931"}\n', "unknown_lane"),
    (b'{"verb":"scan","code":"4006381333931"}\n', "bad_request"),
    (b'{"verb":"qty","lane":"1","line":1,"quantity":"1e9"}\n', "bad_request"),
    (b'{"verb":"scan","lane":"1","code":"4006381333931","colour":1}\n', "bad_request"),
    (b"\xff\xfe\n", "bad_json"),
    (b"x" * 200000 + b"\n", "line_too_long"),
    (b'{"verb":"' + b"[" * 5000 + b"\n", "bad_json"),
]


@pytest.mark.parametrize("line,code", BAD_LINES, ids=lambda v: str(v)[:40])
def test_malformed_requests(box, line, code):
    client = box.client()
    client.send_raw(line)
    answer = client.read()
    assert answer["ok"] is False and answer["error"]["code"] == code, answer
    assert client.do("version")["program"] == "tilld"  # the connection goes on


def test_half_a_line_holds_nobody_up(box):
    half = box.client()
    half.send_raw(b'{"verb":"ver')
    assert box.client().do("version")
    half.send_raw(b'sion"}\n')
    assert half.read()["ok"]


BAD_BOOKS = [
    ({"type": "price", "list": "base", "sku": "PEN", "price": "2,49"}, ["price", "2,49"]),
    ({"type": "price", "list": "base", "sku": "NONE", "price": "2.49"}, ["NONE"]),
    ({"type": "item", "sku": "X", "name": "X", "gtins": ["4006381333930"]}, ["gtins", "check digit"]),
    ({"type": "item", "sku": "PEN", "name": "again"}, ["PEN"]),
    ({"type": "promotion", "id": "P", "name": "p", "gives": [{"kind": "percent", "percent": "101"}]}, ["percent"]),
    ({"type": "prise", "list": "base"}, ["prise", "price"]),
    ({"type": "item", "sku": "X", "name": "X", "colour": "red"}, ["colour"]),
]


@pytest.mark.parametrize("record,words", BAD_BOOKS)
def test_a_broken_price_book_changes_nothing(box, record, words):
    with open(box.book, "a", encoding="utf-8") as f:
        f.write(json.dumps(record) + "\n")
        number = len(open(box.book, encoding="utf-8").readlines()) + 1
    before = box.client().do("status")["catalog"]
    done = box.tillctl("import", box.book, check=False)
    assert done.returncode == 1
    assert f":{number}:" in done.stderr or f"line {number}" in done.stderr, done.stderr
    for word in words:
        assert word in done.stderr, done.stderr
    assert box.client().do("status")["catalog"] == before
    assert box.client().do("price", sku="PEN")["price"] == "2.49"


BAD_CONFIGS = [
    ("[daemon]\nbocks = x\n", 2, "bocks"),
    ("[deamon]\nbox = x\n", 1, "deamon"),
    ("[lane 1]\n[scanner a]\nlane = 1\nbaud = fast\n", 4, "baud"),
    ("[lane 1]\n[scanner a]\nlane = 7\ndevice = /dev/x\n", 3, "7"),
    ("[daemon]\n  box = x\n", 2, "blank"),
]


@pytest.mark.parametrize("text,line,word", BAD_CONFIGS)
def test_a_broken_configuration_is_refused_with_file_and_line(tmp_path, text, line, word):
    path = tmp_path / "tilld.conf"
    path.write_text(text)
    done = subprocess.run([TILLD, "--config", path], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2
    found = [said for said in done.stderr.splitlines() if word in said]
    assert any(f"{path}:{line}:" in said for said in found), done.stderr


def test_drop_ins_override(bare_box):
    os.mkdir(bare_box.config + ".d")
    with open(bare_box.config + ".d/10-store.conf", "w", encoding="utf-8") as f:
        f.write("[daemon]\nstore = S9\n")
    bare_box.start()
    assert bare_box.client().do("status")["store"] == "S9"


def test_no_price_book_yet(bare_box):
    bare_box.start()
    client = bare_box.client()
    assert client.refused("scan", lane="1", code="4006381333931") == "no_catalog"
    client.do("subscribe", lane="*")
    bare_box.tillctl("import", bare_box.book)
    client.event("catalog")
    assert client.do("scan", lane="1", code="4006381333931")["net"] == "2.49"
