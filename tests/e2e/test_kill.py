"""kill -9 at random moments under load, some hundreds of times on one box.

What has to hold after each kill:

- a tender that was answered is in the ledger, once, with the total of the answer;
- a tender that was not answered is there once or not at all, and the same order tendered again is answered once: with
  the first sale if there is one, else with a new one;
- a cart that was not paid is back, open, on its lane, and costs what it did: no longer than LOST_MS before the kill,
  and never more than was asked for. (A scan is answered before it is written to the journal. It may be lost only if the
  process is killed before its writer has had it: the journal's pause of 20 ms, and the write itself.)
- a cart that was paid does not come back.

Every VERIFY_EVERY kills, and in the end, the whole chain is walked, over all segments, and against the head file.
"""

import json
import os
import random
import threading
import time

import pytest

from box import BOOK, CONFIG, Box

KILLS = int(os.environ.get("TILL_KILLS", "200"))
SEED = int(os.environ.get("TILL_SEED", str(random.SystemRandom().getrandbits(32))))
VERIFY_EVERY = 20
LOAD_MS = 120  # the kill comes within so many milliseconds of load
LOST_MS = 350  # of acknowledged scans that may be lost: 100 ms and a write, with sanitizers and two busy processors
LOOK_BACK = 200  # events: more than there are in one round
LANES = ("1", "2", "3")
PRICES = {"PEN": 249, "HAM": 999, "TWIN1": 100}  # no promotion touches them, so a cart is the sum of its lines


def minor(text):
    return int(text.replace(".", ""))


class Till:
    """A cashier at a lane: scans and tenders until the connection breaks. What was asked and answered is noted."""

    def __init__(self, lane):
        self.lane = lane
        self.random = random.Random(f"{SEED} {lane}")
        self.sales = {}  # order to (cart, total): answered
        self.doubtful = None  # (order, cart, total): asked for, not answered
        self.forget()

    def forget(self):
        self.cart = None
        self.history = [(0, 0)]  # (when it was answered, pieces)
        self.asked = 0  # pieces asked for
        self.value = [0]  # of the first n pieces

    def scan(self, client):
        sku = self.random.choice(list(PRICES))
        self.asked += 1
        self.value.append(self.value[-1] + PRICES[sku])
        answer = client.do("scan", lane=self.lane, sku=sku)
        self.cart = answer["cart"]
        assert minor(answer["totals"]["total"]) == self.value[self.asked], answer
        self.history.append((time.monotonic(), self.asked))

    def tender(self, client, order):
        """The caller's id for the order, or the cart's own."""
        asked = {"order": order} if order else {}
        total = self.value[self.asked]
        self.doubtful = (order or self.cart, self.cart, total)
        answer = client.do("tender", lane=self.lane, method="card", **asked)
        assert answer["order"] == self.doubtful[0] and minor(answer["total"]) == total, (answer, self.doubtful)
        assert not answer["repeated"], answer
        self.sales[answer["order"]] = (self.cart, total)
        self.doubtful = None
        self.forget()

    def work(self, box, orders):
        try:
            client = box.client()
            while True:
                if self.asked and self.random.random() < 0.2:
                    self.tender(client, next(orders) if self.random.random() < 0.5 else None)
                else:
                    self.scan(client)
        except (OSError, EOFError, json.JSONDecodeError):
            pass  # it was killed

    def check_cart(self, box, client, killed_at):
        """After the restart: the lane has the cart, or it was paid, or it was hardly begun."""
        found = client.ask("cart", lane=self.lane)
        if not found["ok"]:
            assert found["error"]["code"] == "no_cart", found
            self.check_absent(box, killed_at)
            return
        pieces = sum(int(line["quantity"]) for line in found["lines"])
        assert found["state"] == "open" and self.cart in (None, found["cart"]), (found, self.cart)
        assert found["cart"] not in {cart for cart, _ in self.sales.values()}, "a paid cart came back"
        assert minor(found["totals"]["total"]) == self.value[pieces], (found, self.value)
        assert self.kept(killed_at) <= pieces <= self.asked, (pieces, self.history, killed_at)
        self.cart, self.asked = found["cart"], pieces
        del self.value[pieces + 1:]
        self.history = [(0, pieces)]

    def kept(self, killed_at):
        """Pieces that must have come back."""
        return max(n for at, n in self.history if at < killed_at - LOST_MS / 1000)

    def check_absent(self, box, killed_at):
        sold = self.doubtful and self.doubtful[0] in box.sold
        assert sold or self.kept(killed_at) == 0, "an open cart is lost"
        if not sold:
            self.forget()

    def ask_again(self, box, client):
        """The tender that was not answered: sold before or not, once it is answered it is there once."""
        if not self.doubtful:
            return
        order, cart, total = self.doubtful
        self.doubtful = None
        before = box.sold.get(order)
        assert before in (None, (cart, total)), (before, cart, total)
        if not before and not self.asked:
            assert client.refused("tender", lane=self.lane, order=order, method="card") == "no_cart"
            return
        answer = client.do("tender", lane=self.lane, order=order, method="card")
        assert answer["repeated"] == bool(before), (answer, before)
        assert minor(answer["total"]) == (total if before else self.value[self.asked]), answer
        assert client.ask("cart", lane=self.lane).get("state") != "open", "it can be paid twice"
        self.sales[order] = (cart, minor(answer["total"]))
        self.forget()


class KillBox(Box):
    """sold: order to (cart, total), as the ledger says."""

    def look(self, last):
        """What was sold, by the newest events of the ledger."""
        shown = self.tillctl("ledger", "show", "--last", str(last), "--json").stdout
        sales = [event["sale"] for event in map(json.loads, shown.splitlines()) if event["kind"] == "sale"]
        assert len({sale["order"] for sale in sales}) == len(sales), "an order is there twice"
        self.sold = {sale["order"]: (sale.get("cart", sale["order"]), minor(sale["total"])) for sale in sales}

    def check_ledger(self, tills):
        """Each answered sale is there once with its total, nothing else is, and the chain holds."""
        self.look(10**9)
        assert self.sold == {order: sale for till in tills for order, sale in till.sales.items()}
        assert len({cart for cart, _ in self.sold.values()}) == len(self.sold), "a cart was sold twice"
        self.tillctl("ledger", "verify")


@pytest.fixture
def kill_box(tmp_path):
    box = KillBox(tmp_path, BOOK, CONFIG.replace("[lane 2]", "[lane 2]\n\n[lane 3]"))
    box.tillctl("import", box.book)
    yield box
    box.close()


def orders_of(n):
    """Ids of the orders of that round and till."""
    number = 0
    while True:
        number += 1
        yield f"{n}-{number}"


def one_kill(box, tills, moment, n):
    threads = [threading.Thread(target=till.work, args=(box, orders_of(f"{n}-{till.lane}"))) for till in tills]
    for thread in threads:
        thread.start()
    time.sleep(moment.random() * LOAD_MS / 1000)
    killed_at = time.monotonic()
    box.kill()
    for thread in threads:
        thread.join()
    return killed_at


def test_kills(kill_box):
    box, moment = kill_box, random.Random(SEED)
    tills = [Till(lane) for lane in LANES]
    print(f"seed: TILL_SEED={SEED}")
    box.start()
    for n in range(1, KILLS + 1):
        killed_at = one_kill(box, tills, moment, n)
        box.start()
        box.look(LOOK_BACK)
        client = box.client()
        for till in tills:
            till.check_cart(box, client, killed_at)
            till.ask_again(box, client)
        client.close()
        if n % VERIFY_EVERY == 0:
            box.check_ledger(tills)
    box.check_ledger(tills)
    assert "Sanitizer" not in box.log_text()
    assert "cannot be brought back" not in box.log_text() and "damaged" not in box.log_text()
    print(f"{KILLS} kills, {sum(len(till.sales) for till in tills)} sales")
