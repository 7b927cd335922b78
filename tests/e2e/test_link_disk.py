"""Disks that are full, at either end of the line: lanes go on, nothing is lost, and what was held up goes on by itself
once there is room."""

import json
import os

import pytest

import small_disk
from box import BOOK, wait_for
from test_hub import write_book
from test_link import Shop

MIB = 1 << 20


@pytest.fixture(name="shop")
def shop_fixture(tmp_path):
    small_disk.mount(tmp_path / "hub", 24 * MIB)
    small_disk.mount(tmp_path / "box", 24 * MIB)
    shop = Shop(tmp_path)
    assert shop.hub.run("publish", write_book(tmp_path))[0] == 0
    shop.box.tillctl("enrol", *shop.enrol)
    shop.start_sync()
    shop.box.start()
    shop.wait_until_even()
    yield shop
    shop.close()
    small_disk.unmount(tmp_path / "hub")
    small_disk.unmount(tmp_path / "box")


def hub_log(shop):
    with open(shop.hub.log, encoding="utf-8", errors="replace") as file:
        return file.read()


def events_held(shop):
    return shop.hub.json("box", "list")[0]["events"]


def test_headquarters_disk_is_full(shop):
    filler = os.path.join(shop.hub.state, "filler")
    held = events_held(shop)
    small_disk.fill(filler)
    shop.sell(300)  # more than what is left of a page of the log
    assert wait_for(lambda: shop.status()["outbox"]["waiting"], what="events that wait")
    wait_for(lambda: hub_log(shop) + shop.sync_log(), lambda text: "full" in text, what="that the disk is full")
    assert shop.price()  # the lane does not notice
    assert shop.hub.process.poll() is None
    os.unlink(filler)
    shop.box.tillctl("sync", "now")
    shop.wait_until_even()
    assert events_held(shop) >= held + 300
    shop.hub.end()
    assert shop.hub.run("state", "verify")[0] == 0


def test_the_box_disk_is_full(shop, tmp_path):
    filler = os.path.join(shop.box.state, "filler")
    names = [{"type": "item", "sku": f"N{n}", "name": "x" * 200, "tax": "food"} for n in range(2000)]
    small_disk.fill(filler)
    assert shop.hub.run("publish", write_book(tmp_path, BOOK + names))[0] == 0
    wait_for(shop.sync_log, lambda text: "full" in text, what="that the disk is full")
    assert "2.49" in json.dumps(shop.price())  # what was in force is
    assert shop.sync.poll() in (None, 3)
    os.unlink(filler)
    if shop.sync.poll() is not None:
        shop.start_sync()  # as the service manager does
    shop.publish("1.59")
    wait_for(lambda: "1.59" in json.dumps(shop.price()), what="the newest price")
    shop.sell(3)
    shop.wait_until_even()
