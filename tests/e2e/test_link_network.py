"""The line between two machines, as far as the kernel is concerned: headquarters and box in network namespaces of their
own, the only way between them through a process that loses, doubles, delays, reorders and cuts."""

import json
import os
import random

import pytest

from box import wait_for
from network import Namespaces
from test_hub import write_book
from test_link import Shop

ROUNDS = int(os.environ.get("TILL_ROUNDS", "2"))


@pytest.fixture(name="shop", params=["coaps+tcp", "coaps"])
def shop_fixture(tmp_path, request):
    net = Namespaces()
    shop = Shop(tmp_path, seed=5, net=net)
    assert shop.hub.run("publish", write_book(tmp_path))[0] == 0
    with open(shop.box.config, encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("uri = ")]
    shop.box.write_config("".join(lines) + f"uri = {request.param}://{net.line_at}:{shop.line.port}\n")
    shop.box.tillctl("enrol", *shop.enrol)
    shop.start_sync()
    shop.box.start()
    yield shop
    shop.close()
    net.close()


def test_a_bad_line(shop):
    chance = random.Random(3)
    shop.wait_until_even()
    for number in range(ROUNDS):
        shop.line.delay = 0.02
        shop.line.cut, shop.line.loss, shop.line.double, shop.line.late = (chance.uniform(0.02, 0.15) for _ in range(4))
        shop.sell(40)
        shop.publish(f"3.{number:02}")
        wait_for(lambda wanted=f"3.{number:02}": wanted in json.dumps(shop.price()), what="the newest price, on a bad line")
        shop.line.shut()
        shop.sell(5)
        shop.line.mend()
        shop.line.cut = shop.line.loss = shop.line.double = shop.line.late = shop.line.delay = 0.0
        shop.box.tillctl("sync", "now")
        shop.wait_until_even()
    held = shop.hub.json("box", "list")[0]
    newest = shop.box.client().do("status")["ledger"]
    assert (held["segment"], held["sequence"]) == (newest["segment"], newest["sequence"]), held
    shop.hub.end()
    assert shop.hub.run("state", "verify")[0] == 0
