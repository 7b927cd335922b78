"""Two versions on one line: this one, and one that is made up of it (tests/skew/build) and knows more: semantics 2, a
member of messages, of an article and of a sale, a type of records, and a kind of events. Either may be headquarters."""

import json
import os
import sqlite3

import pytest

from box import BIN, BOOK, wait_for
from test_hub import write_book
from test_link import Shop

NEXT = os.path.join(os.environ["TILL_BIN"], "next", "bin")


def of_semantics(number, price="2.49"):
    """A book for semantics of that number."""
    lines = [dict(line) for line in BOOK]
    lines[0]["semantics"] = number
    for line in lines:
        if line["type"] == "price" and line["sku"] == "PEN":
            line["price"] = price
    return lines


@pytest.fixture(name="make")
def make_fixture(tmp_path):
    made = []

    def make(hub, box, book):
        shop = Shop(tmp_path, hub_programs=hub, box_programs=box)
        made.append(shop)
        publish(shop, tmp_path, book)
        shop.box.tillctl("enrol", *shop.enrol)
        shop.start_sync()
        shop.box.start()
        shop.wait_until_even()
        return shop

    yield make
    for shop in made:
        shop.close()


def publish(shop, folder, lines, *options):
    code, _, err = shop.hub.run("publish", *options, write_book(folder, lines))
    assert code == 0, err


def events(shop):
    with sqlite3.connect(f"file:{shop.box.state}/ledger.db?mode=ro", uri=True) as db:
        return [bytes(row[0]) for row in db.execute("SELECT bytes FROM event ORDER BY id")]


def check_log(shop):
    """What headquarters holds of the box: all, byte for byte, whatever it knows of it."""
    wait_for(lambda: sum(held_counts(shop)) == len(events(shop)), what="all events held")
    with sqlite3.connect(f"file:{shop.hub.state}/log.db?mode=ro", uri=True) as db:
        log = b"".join(bytes(row[0]) for row in db.execute("SELECT value FROM record ORDER BY id"))
    assert all(event in log for event in events(shop))


def held_counts(shop):
    return [line["value"]["count"] for line in shop.hub.json("log", "tail", "sales_events", "--all") if "count" in line["value"]]


def test_a_newer_headquarters(make, tmp_path):
    """What the box does not know it leaves out, or carries; what it cannot do it says, and goes on with what it has."""
    book = of_semantics(1) + [{"type": "memo", "id": "m", "text": "of a later version"}]
    book = [dict(line, memo=3) if line.get("sku") == "PEN" and line["type"] == "item" else line for line in book]
    shop = make(NEXT, BIN, book)
    assert "until the box is upgraded" in shop.sync_log()
    assert "2.49" in json.dumps(shop.price())
    shop.sell(2)
    check_log(shop)

    memo = {"type": "memo", "id": "n", "text": "another"}
    change = {"type": "price", "list": "base", "sku": "PEN", "price": "1.11"}
    publish(shop, tmp_path, [memo, change], "--changes")
    wait_for(lambda: "1.11" in json.dumps(shop.price()), what="the change beside the one that is not known")
    assert "a record of type 17, which this version does not know" in shop.sync_log()

    publish(shop, tmp_path, of_semantics(2, "3.33"))
    said = wait_for(lambda: shop.status()["catalog"], lambda catalog: catalog["problem"], what="why it does not follow")
    assert "the book wants version 2" in said["problem"] and "upgrade" in said["problem"]
    shop.sell(1)
    assert "1.11" in json.dumps(shop.price())
    check_log(shop)

    publish(shop, tmp_path, of_semantics(1, "2.22"))
    wait_for(lambda: "2.22" in json.dumps(shop.price()), what="it follows again")
    assert shop.status()["catalog"]["passed_over"] < 9  # what was tried again and again counts once


def test_a_newer_box(make):
    """Headquarters holds what it does not know, says so, and tries again once it is of that version, too."""
    shop = make(BIN, NEXT, of_semantics(1))
    shop.sell(2)
    check_log(shop)
    assert shop.status()["outbox"]["parked"] >= 1
    alerts = [line["value"] for line in shop.hub.json("log", "tail", "alerts", "--all")]
    assert [alert["box"] for alert in alerts if alert["kind"] == "parked"], alerts
    skus = [line["value"]["sku"] for line in shop.hub.json("log", "tail", "sale_lines", "--all")]
    assert "PEN" in skus  # a sale with a member that is not known is a sale

    shop.hub.end()
    shop.hub.program = os.path.join(NEXT, "tillhub")
    shop.hub.start()
    shop.wait_until_even()
    wait_for(lambda: open(shop.hub.log, encoding="utf-8").read(), lambda log: "is understood now" in log, what="parked events, tried again")
    shop.sell(1)
    check_log(shop)
