"""Whole catalogs on a stick, for a box without a line: what is headquarters' is taken, and nothing else is, whatever
was done to it on the way."""

import json
import os
import shutil

import cbor2
import pytest

from box import BOOK, wait_for
from test_hub import Hub, write_book
from test_link import Shop


@pytest.fixture(name="shop")
def shop_fixture(tmp_path):
    """Enrolled, its line down, and version 1 of the catalog on the box."""
    shop = Shop(tmp_path)
    publish(shop, tmp_path, "2.49")
    shop.box.tillctl("enrol", *shop.enrol)
    shop.start_sync()
    shop.box.start()
    shop.wait_until_even()
    shop.line.shut()
    os.makedirs(inbox(shop))
    yield shop
    shop.close()


def inbox(shop):
    return os.path.join(shop.box.state, "inbox")


def publish(shop, folder, price):
    book = [dict(line, price=price) if line["type"] == "price" and line["sku"] == "PEN" else line for line in BOOK]
    code, _, err = shop.hub.run("publish", write_book(folder, book))
    assert code == 0, err


def stick(hub, folder, store="S1"):
    hub.json("snapshot", store, str(folder))
    return folder


def put(shop, folder, name):
    """Copied as a person would, under its name once it is whole."""
    shutil.copytree(folder, inbox(shop) + "/." + name)
    os.rename(inbox(shop) + "/." + name, inbox(shop) + "/" + name)
    shop.box.tillctl("sync", "now")


def refused(shop, name, reason):
    """Refused by that name, with the reason; and nothing has changed."""
    said = wait_for(shop.sync_log, lambda text: f"/{name} is refused: " in text, what=name)
    line = next(line for line in said.splitlines() if f"/{name} is refused: " in line)
    assert reason in line, line
    assert shop.status()["catalog"]["version"] == 1 and "2.49" in json.dumps(shop.price())


def test_a_stick_brings_a_catalog(shop, tmp_path):
    publish(shop, tmp_path, "1.79")
    put(shop, stick(shop.hub, tmp_path / "stick"), "monday")
    wait_for(lambda: "1.79" in json.dumps(shop.price()), what="the price of the stick")
    assert shop.status()["catalog"]["version"] == 2
    shop.line.mend()  # and the feed goes on from there
    shop.box.tillctl("sync", "now")
    shop.publish("1.69")
    wait_for(lambda: "1.69" in json.dumps(shop.price()), what="a change of after the stick")


def test_what_was_tampered_with_is_refused(shop, tmp_path):
    publish(shop, tmp_path, "0.01")
    whole = stick(shop.hub, tmp_path / "stick")
    page = (whole / "page-00000").read_bytes()
    manifest = (whole / "manifest").read_bytes()

    def tampered(name, reason, file, content):
        folder = tmp_path / name
        shutil.copytree(whole, folder)
        if content is None:
            os.unlink(folder / file)
        else:
            (folder / file).write_bytes(content)
        put(shop, folder, name)
        refused(shop, name, reason)

    flipped = bytes([*page[:-1], page[-1] ^ 1])
    tampered("page-flipped", "not the page that the manifest speaks of", "page-00000", flipped)
    tampered("page-short", "not the page that the manifest speaks of", "page-00000", page[:-1])
    tampered("page-long", "not the page that the manifest speaks of", "page-00000", page + b"\0")
    tampered("page-missing", "No such file", "page-00000", None)
    tampered("manifest-empty", "manifest: ", "manifest", b"")
    tampered("manifest-noise", "manifest: ", "manifest", bytes(range(256)) * 10)

    # The page's hash put right as well: now it is the signature that does not fit.
    message = cbor2.loads(manifest)
    inner = cbor2.loads(message[3])
    tampered("manifest-forged", "signature", "manifest", cbor2.dumps({**message, 3: cbor2.dumps({**inner, 3: 99}, canonical=True)}, canonical=True))


def test_another_headquarters_is_none(shop, tmp_path):
    (tmp_path / "other").mkdir()
    other = Hub(tmp_path / "other")
    other.json("ca", "init")
    other.json("publish", write_book(tmp_path), "--above", "7")
    put(shop, stick(other, tmp_path / "stick"), "stranger")
    refused(shop, "stranger", "CA")


def test_an_older_one_and_another_stores_are_refused(shop, tmp_path):
    shop.hub.json("box", "add", "box-2", "S2")
    put(shop, stick(shop.hub, tmp_path / "second", "S2"), "second")
    refused(shop, "second", "it is of store 'S2', and this is 'S1'")
    old = stick(shop.hub, tmp_path / "old")
    publish(shop, tmp_path, "1.79")
    put(shop, stick(shop.hub, tmp_path / "new"), "new")
    wait_for(lambda: shop.status()["catalog"]["version"] == 2, what="the new one")
    put(shop, old, "old")
    wait_for(shop.sync_log, lambda text: "/old is refused: its version 1 is older than 2" in text, what="that it is older")
    assert shop.status()["catalog"]["version"] == 2
