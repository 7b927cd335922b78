"""The box's clock, wrong or doubted: no time before what has passed for certain decides a price, promotions that want to be sure wait,
and everybody who asks is told. The time of day is shifted under the real programs by a preloaded library."""

import calendar
import json
import os
import subprocess
import time

import pytest

from box import BOOK, Box, wait_for
from test_link import Shop
from test_hub import write_book
from test_link_time import shifted

PEN = "4006381333931"
HALF = [{"kind": "percent", "percent": "50", "select": {"skus": ["PEN"]}}]
SURE = [*BOOK, {"type": "promotion", "id": "sure", "name": "Half price, if it is the time", "when": {"from": "2020-01-01", "uncertain_clock": "deny"}, "gives": HALF}]
SEVENTIES = [*BOOK, {"type": "promotion", "id": "disco", "name": "Half price in the seventies", "when": {"to": "1979-12-31"}, "gives": HALF}]


def in_1970():
    return shifted(-time.time() + 3600)


@pytest.fixture(name="made")
def made_fixture(tmp_path):
    boxes = []

    def make(book):
        box = Box(tmp_path, book)
        box.tillctl("import", box.book)
        boxes.append(box)
        return box

    yield make
    for box in boxes:
        box.close()


def unkept():
    """Whether the kernel of this machine says that something keeps its clock right."""
    done = subprocess.run(["python3", "-c", "import ctypes; t = ctypes.create_string_buffer(512); print(ctypes.CDLL(None).adjtimex(t))"],
                          capture_output=True, text=True, check=True)
    return int(done.stdout) in (-1, 5)


def seconds(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def rejected(lane):
    return {v["promotion"]: v["reason"] for v in lane["rejected"]}


def test_a_box_that_starts_in_1970(made):
    box = made(SURE)
    box.wrapper = in_1970()
    box.start()
    till = box.client()
    clock = till.do("status")["clock"]
    assert clock["uncertain"] and clock["clock_wrong"] and clock["doubt"] == "behind", clock
    assert "1970-01-01" in clock["text"] and "timedatectl" in clock["fix"], clock
    assert seconds(clock["now"]) > seconds("2026-01-01T00:00:00Z")  # it cannot be before the program was built
    till.do("scan", lane="1", code=PEN)
    why = till.do("explain", lane="1")
    assert rejected(why)["sure"] == "clock_uncertain", why
    text = box.tillctl("explain", "--lane", "1").stdout
    assert "waits until the clock of this box is sure" in " ".join(text.split()), text
    receipt = till.do("tender", lane="1", tenders=[{"method": "cash", "amount": "50.00"}])
    assert receipt["total"] == "2.49"
    shown = box.tillctl("status").stdout
    assert "has passed for certain" in shown and "fix: timedatectl" in shown, shown
    till.close()
    box.stop()
    replayed = box.tillctl("replay", "--all")  # what was uncertain then is in the decision
    assert replayed.returncode == 0, replayed
    sale = json.loads(box.tillctl("audit", "show", "--json").stdout.splitlines()[-1])
    assert seconds(sale["at"][:19] + "Z") > seconds("2026-01-01T00:00:00Z"), sale


def test_no_promotion_of_a_time_that_is_over(made):
    box = made(SEVENTIES)
    box.wrapper = in_1970()
    box.start()
    till = box.client()
    till.do("scan", lane="1", code=PEN)
    assert rejected(till.do("explain", lane="1"))["disco"] == "ended"
    till.close()


def test_the_floor_outlives_the_program(made):
    """A year in which it ran, told by a note as tilld writes it; and one that is no note."""
    box = made(SURE)
    ahead = int(time.time() * 1000) + 366 * 86400 * 1000
    with open(os.path.join(box.state, "clock"), "w", encoding="utf-8") as note:
        note.write(f"tilld-time 1 floor_ms={ahead}\n")
    box.start()
    till = box.client()
    clock = till.do("status")["clock"]
    assert clock["doubt"] == "behind" and seconds(clock["now"]) * 1000 >= ahead - 1000, clock
    till.close()
    box.stop()
    with open(os.path.join(box.state, "clock"), encoding="utf-8") as note:
        assert int(note.read().split("floor_ms=")[1]) > ahead
    doctor = json.loads(box.tillctl("doctor", "--json", check=False).stdout)
    found = [f for f in doctor["findings"] if f["check"] == "clock"]
    assert found[0]["verdict"] == "fail" and "has passed for certain" in found[0]["text"], found
    with open(os.path.join(box.state, "clock"), "w", encoding="utf-8") as note:
        note.write("yesterday\n")
    box.start()
    assert not box.client().do("status")["clock"]["clock_wrong"]
    with open(os.path.join(box.state, "log"), encoding="utf-8") as log:
        assert "clock: it does not say what time it was" in log.read()


def test_headquarters_tells_the_time_to_the_lanes(tmp_path):
    """Nobody vouches for a clock in 1970, until the first beacon; then prices go by what headquarters said, and everybody hears of it."""
    shop = Shop(tmp_path)
    try:
        code, _, err = shop.hub.run("publish", write_book(tmp_path, SURE))
        assert code == 0, err
        shop.box.tillctl("enrol", *shop.enrol)
        shop.box.wrapper = shop.sync_wrapper = in_1970()
        shop.box.start()
        till = shop.box.client()
        till.do("subscribe", lane="*")
        assert till.do("status")["clock"]["doubt"] == "behind"
        shop.start_sync()
        told = till.event("clock", uncertain=False)
        assert told["source"] == "headquarters" and told["clock_wrong"] and abs(seconds(told["now"]) - time.time()) < 60, told
        wait_for(lambda: till.do("status")["catalog"], what="a catalog")
        till.do("scan", lane="1", code=PEN)
        assert [a["promotion"] for a in till.do("cart", lane="1")["applied"]] == ["sure"]
        till.close()
    finally:
        shop.close()


@pytest.mark.skipif(not unkept(), reason="this machine's clock is kept right")
def test_a_clock_that_nothing_keeps_right(made):
    box = made(SURE)
    box.start()
    clock = box.client().do("status")["clock"]
    assert clock["doubt"] == "unkept" and not clock["clock_wrong"], clock
    doctor = json.loads(box.tillctl("doctor", "--json", check=False).stdout)
    found = [f for f in doctor["findings"] if f["check"] == "clock"]
    assert found[0]["verdict"] == "warn" and "nothing keeps it right" in found[0]["text"], found
