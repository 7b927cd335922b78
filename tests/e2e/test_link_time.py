"""Clocks that are wrong and certificates that end, with the programs as they are run: the time of day is shifted
under them by a preloaded library."""

import os
import time

import pytest

from box import wait_for
from test_hub import write_book
from test_link import Shop

SHIFT_CLOCK = os.path.join(os.environ["TILL_BIN"], "lib", "libshift_clock.so")
DAY = 86400


def shifted(seconds):
    """Words before a program that has it live so much later."""
    asan = os.environ.get("ASAN_OPTIONS", "")
    return ["env", f"LD_PRELOAD={SHIFT_CLOCK}", f"SHIFT_CLOCK={int(seconds)}", f"ASAN_OPTIONS={asan}:verify_asan_link_order=0"]


def certificate(shop):
    with open(os.path.join(shop.box.state, "link", "box.pem"), "rb") as file:
        return file.read()


@pytest.fixture(name="shop")
def shop_fixture(tmp_path):
    shop = Shop(tmp_path)
    code, _, err = shop.hub.run("publish", write_book(tmp_path))
    assert code == 0, err
    yield shop
    shop.close()


def test_a_box_that_boots_in_1970(shop):
    """Its certificate and headquarters' are not valid yet, by its clock; it connects, learns the time, and keeps it."""
    shop.sync_wrapper = shifted(-time.time() + 3600)
    shop.box.tillctl("enrol", *shop.enrol)
    shop.start_sync()
    shop.box.start()
    shop.sell(2)
    shop.wait_until_even()
    told = shop.status()["time"]
    assert told["clock_wrong"] and abs(told["floor_ms"] / 1000 - time.time()) < 60, told
    shop.sync.terminate()
    assert shop.sync.wait(60) == 0
    shop.hub.end()
    shop.start_sync()  # and without anybody who tells the time: what was known is the least
    later = wait_for(shop.status)["time"]
    assert later["floor_ms"] >= told["floor_ms"], (told, later)


def test_a_certificate_is_renewed_in_the_last_third_of_its_life(shop):
    shop.box.tillctl("enrol", *shop.enrol)
    shop.start_sync()
    shop.box.start()
    shop.wait_until_even()
    life = shop.status()["certificate"]["days_left"] + 1
    first = certificate(shop)
    shop.kill_sync()
    shop.hub.end()
    days = life * 2 // 3 + 2
    shop.hub.wrapper = shop.sync_wrapper = shifted(days * DAY)
    shop.hub.start()
    shop.start_sync()
    shop.wait_until_even()
    wait_for(lambda: shop.status()["certificate"]["days_left"], lambda left: left > life - 2, what="another certificate")
    assert certificate(shop) != first
    shop.line.hang_up()  # the next connection is with the new one, and no program was started again
    shop.sell(1)
    shop.wait_until_even()


def test_an_expired_certificate_is_warned_of_and_a_new_code_helps(shop):
    shop.box.tillctl("enrol", *shop.enrol)
    shop.start_sync()
    shop.box.start()
    shop.wait_until_even()
    life = shop.status()["certificate"]["days_left"] + 1
    shop.kill_sync()
    shop.line.shut()  # headquarters is away while the certificate ends
    shop.sync_wrapper = shifted((life - 5) * DAY)
    shop.start_sync()
    wait_for(shop.sync_log, lambda text: "expires in" in text, what="a warning")
    shop.kill_sync()
    shop.sync_wrapper = shop.hub.wrapper = shifted((life + 5) * DAY)
    shop.hub.end()
    shop.hub.start()
    shop.line.mend()
    shop.start_sync()
    wait_for(shop.sync_log, lambda text: "has expired: 'tillctl enrol'" in text, what="that it has expired")
    shop.sell(1)
    assert wait_for(shop.status)["outbox"]["waiting"] > 0
    code = shop.hub.json("box", "add", "box-1", "S1")[0]["code"]
    shop.box.tillctl("enrol", shop.enrol[0], code, *shop.enrol[2:])
    shop.wait_until_even()
