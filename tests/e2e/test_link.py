"""A box and headquarters as they are run: real programs, a network between them that breaks, and clients that are
not ours. What was sold arrives once, in order; what is published reaches the lane."""

import json
import os
import random
import signal
import subprocess
import time

import cbor2
import pytest

from box import BIN, BOOK, CONFIG, PATIENCE, Box, wait_for
from network import LOOPBACK
from ports import free_port
from proxy import Proxy
from test_hub import Hub, write_book

COAP_CLIENT = "/usr/bin/coap-client-openssl"
ROUNDS = int(os.environ.get("TILL_ROUNDS", "3"))


class Shop:
    """A headquarters, a box that is enrolled there, and a line between them."""

    def __init__(self, folder, seed=1, net=LOOPBACK, hub_programs=BIN, box_programs=BIN):
        self.hub = Hub(folder, hub_programs)
        self.hub.wrapper, self.sync_wrapper = net.in_hub, net.in_box
        port, enrol = self.port, self.enrol_port = free_port(), free_port()
        with open(self.hub.config, "w", encoding="utf-8") as file:
            file.write(f"[hub]\nstate_dir = {self.hub.state}\nenrol = coaps+tcp://{net.hub_at}:{enrol}\n"
                       f"listen = coaps+tcp://{net.hub_at}:{port} coaps://{net.hub_at}:{port}\n")
        self.hub.start()
        self.line = Proxy(port, seed, net.line_at, net.hub_at)
        state = folder / "box"
        state.mkdir(exist_ok=True)
        self.uris = [f"{scheme}://{net.line_at}:{self.line.port}" for scheme in ("coaps+tcp", "coaps")]
        self.box = Box(state, config=CONFIG + "\n[hq]\nname = localhost\npoll = 500ms\nuri = " + " ".join(self.uris) + "\n")
        self.box.bin = box_programs
        self.sync = None
        code = self.hub.json("box", "add", "box-1", "S1")[0]["code"]
        fingerprint = self.hub.json("ca", "show")[0]["sha256"]
        self.enrol = [f"coaps+tcp://{net.hub_at}:{enrol}", code, "--name", "localhost", "--ca-sha256", fingerprint]

    def start_sync(self):
        with open(os.path.join(self.box.state, "sync.log"), "ab") as log:
            self.sync = subprocess.Popen([*self.sync_wrapper, os.path.join(self.box.bin, "till-sync"), "--config", self.box.config], stderr=log)

    def sync_log(self):
        with open(os.path.join(self.box.state, "sync.log"), encoding="utf-8", errors="replace") as log:
            return log.read()

    def kill_sync(self):
        self.sync.send_signal(signal.SIGKILL)
        self.sync.wait(PATIENCE)

    def status(self):
        done = self.box.tillctl("sync", "status", "--json", check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def wait_until_even(self):
        """Headquarters holds all, and the box has all."""
        wait_for(self.status, lambda s: s and s["link"] == "up" and s["outbox"]["waiting"] == 0 and s["catalog"]["cursor"],
                 what=self.hub.log)

    def sell(self, carts):
        till = self.box.client()
        wait_for(lambda: till.ask("price", lane="1", sku="PEN"), lambda answer: answer["ok"], what="a catalog from headquarters")
        for _ in range(carts):
            till.do("scan", lane="1", code="4006381333931")
            till.do("tender", lane="1", tenders=[{"method": "cash", "amount": "50.00"}])
        till.close()

    def publish(self, price):
        change = {"type": "price", "list": "base", "sku": "PEN", "price": price}
        code, _, err = self.hub.run("publish", "--changes", "-", text=json.dumps(change) + "\n")
        assert code == 0, err

    def price(self):
        return json.loads(self.box.tillctl("price", "--sku", "PEN", "--json").stdout)

    def close(self):
        for process in (self.sync, self.hub.process):
            if process and process.poll() is None:
                process.kill()
                process.wait(PATIENCE)
        self.box.close()
        self.line.close()


@pytest.fixture(name="shop")
def shop_fixture(tmp_path):
    shop = Shop(tmp_path)
    code, _, err = shop.hub.run("publish", write_book(tmp_path))
    assert code == 0, err
    shop.box.tillctl("enrol", *shop.enrol)
    shop.start_sync()
    shop.box.start()
    yield shop
    shop.close()


def test_what_is_published_reaches_the_lane_and_what_is_sold_headquarters(shop):
    shop.wait_until_even()
    shop.sell(2)
    shop.publish("1.99")
    wait_for(lambda: "1.99" in json.dumps(shop.price()), what="the new price at the lane")
    shop.wait_until_even()
    held = shop.hub.json("box", "list")[0]
    told = wait_for(lambda: shop.hub.json("box", "list")[0], lambda box: box["program"], what="what the box says of itself")
    assert told["program"].startswith("till-sync ") and told["semantics"] == 1 and "uncertain_clock" in told["features"], told
    assert abs(told["seen"] - time.time()) < PATIENCE, told
    assert shop.status()["headquarters"]["program"].startswith("tillhub "), shop.status()
    assert "Headquarters tillhub " in shop.box.tillctl("sync", "status").stdout
    assert shop.box.tillctl("sync", "status", "--json").stdout.count("\n") == 1
    assert "reads the box's certificate anew" in shop.box.tillctl("sync", "reload").stdout
    newest = shop.box.client().do("status")["ledger"]
    assert f'{newest["segment"]}.{newest["sequence"]}' in json.dumps(held) or held["sequence"] == newest["sequence"], held
    done = shop.box.tillctl("import", shop.box.book, check=False)
    assert done.returncode == 1 and "headquarters" in done.stderr


def test_what_comes_back_is_taken_off_what_was_sold(shop):
    """Sums a SKU are what was sold in the end. Bars are two for one: of two for 1.00 one comes back for nothing."""
    pen, bar = "4006381333931", "4000417025005"
    shop.wait_until_even()
    till = shop.box.client()

    def sell(order, *goods):
        for code, quantity in goods:
            till.do("scan", lane="1", code=code, quantity=quantity)
        till.do("tender", lane="1", order=order)

    sell("A", (pen, "2"), (bar, "2"))
    assert till.do("return", lane="1", order="A", lines=[{"line": 1, "quantity": "1"}, {"line": 2, "quantity": "1"}])["refund"] == "2.49"
    sell("B", (pen, "1"))
    assert till.do("void_order", lane="1", order="B")["refund"] == "2.49"
    sell("C", (pen, "1"))
    till.do("scan", lane="1", code=bar)
    till.do("exchange", lane="1", order="C", new_order="D")
    till.close()
    shop.wait_until_even()

    def lines():
        records = shop.hub.json("log", "tail", "sale_lines", "--all")
        return [{**line, "sku": r["key"], "store": r["value"].get("store")} for r in records for line in r["value"]["lines"]]

    found = wait_for(lines, lambda all_: len(all_) == 9, what="4 + 2 + 1 + 1 + 1 lines")
    sums = {}
    for line in found:
        quantity, net = sums.get(line["sku"], (0, 0))
        sums[line["sku"]] = quantity + float(line.get("quantity", "1")), round(net + float(line["net"]), 2)
    assert sums == {"PEN": (1.0, 2.49), "BAR": (2.0, 2.0)}, found
    assert {line["store"] for line in found} == {"S1"}, found
    back = [line for line in found if "back" in line]
    assert sorted((line["order"], line["sku"]) for line in back) == [("A", "BAR"), ("A", "PEN"), ("B", "PEN"), ("C", "PEN")], back
    assert all(float(line["quantity"]) < 0 and "unit_price" not in line for line in back), back


def test_a_line_that_breaks_and_programs_that_are_killed(shop):
    chance = random.Random(7)
    shop.wait_until_even()
    for number in range(ROUNDS):
        shop.line.cut, shop.line.loss, shop.line.double, shop.line.late = 0.1, 0.1, 0.1, 0.1
        shop.sell(5)
        shop.publish(f"2.{number:02}")
        if chance.random() < 0.5:
            shop.kill_sync()
            shop.start_sync()
        else:
            shop.hub.end(signal.SIGKILL)
            shop.hub.start()
        shop.sell(5)
        shop.line.shut()
        shop.sell(5)
        shop.line.cut = shop.line.loss = shop.line.double = shop.line.late = 0.0
        shop.line.mend()
        wait_for(lambda: shop.box.tillctl("sync", "now", check=False).returncode == 0, what="till-sync, which was started anew")
        shop.wait_until_even()
        wait_for(lambda wanted=f"2.{number:02}": wanted in json.dumps(shop.price()), what="the newest price")
    shop.hub.end()
    assert shop.hub.run("state", "verify")[0] == 0


def papers(shop):
    return [os.path.join(shop.box.state, "link", name) for name in ("box.pem", "box.key", "ca.pem")]


@pytest.mark.skipif(not os.path.exists(COAP_CLIENT), reason="no libcoap3-bin")
def test_a_client_that_is_not_ours_reads_the_feed_and_posts(shop, tmp_path):
    """libcoap's own, on OpenSSL: over TLS and over DTLS, where the feed comes in blocks."""
    shop.wait_until_even()
    cert, key, ca = papers(shop)
    for uri in shop.uris:
        out = tmp_path / "answer"
        asked = [COAP_CLIENT, "-B", str(PATIENCE), "-c", cert, "-j", key, "-C", ca, "-o", str(out)]
        subprocess.run([*asked, "-m", "get", uri.replace("127.0.0.1", "localhost") + "/v1/stores/S1/feed"], check=True, timeout=PATIENCE)
        feed = cbor2.loads(out.read_bytes())
        assert feed[1] == 1 and (feed.get(5) or len(feed[6]) == len(BOOK)), feed
        out.unlink()
        batch = tmp_path / "batch"
        batch.write_bytes(cbor2.dumps({1: 1, 2: b"\x00"}))  # no event
        done = subprocess.run([*asked, "-m", "post", "-t", "60", "-f", str(batch),
                               uri.replace("127.0.0.1", "localhost") + "/v1/boxes/box-1/events"],
                              check=True, timeout=PATIENCE, capture_output=True, text=True)
        assert "4.00" in done.stdout + done.stderr, done  # no event of a ledger, and it says so


def test_openssl_at_the_port(shop):
    shop.wait_until_even()
    cert, key, ca = papers(shop)
    at = ["openssl", "s_client", "-connect", f"127.0.0.1:{shop.line.port}", "-CAfile", ca]
    mine = ["-cert", cert, "-key", key]

    def says(*more):
        done = subprocess.run([*at, *more], input=b"", capture_output=True, timeout=PATIENCE, check=False)
        return (done.stdout + done.stderr).decode(errors="replace")

    assert "Verify return code: 0 (ok)" in says(*mine, "-verify_hostname", "localhost")
    assert "ECDHE-ECDSA-AES128-GCM-SHA256" in says(*mine)
    assert "alert" in says()  # no certificate
    assert "alert" in says(*mine, "-curves", "P-521")
    assert "alert" in says(*mine, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
