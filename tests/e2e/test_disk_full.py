"""A disk that fills up: announced before it happens, survived when it does, and over when there is room."""

import os

import pytest

import small_disk
from box import CONFIG, Box, wait_for

MIB = 1 << 20
SIZE = 48 * MIB  # a tenth of it, 4.8 MiB, is low; a fifth of that, 0.96 MiB, critical


@pytest.fixture
def tight_box(tmp_path):
    """A box whose databases are on a disk of SIZE."""
    disk = str(tmp_path / "disk")
    small_disk.mount(disk, SIZE)
    box = Box(tmp_path, config=CONFIG.replace("state_dir = {state}", "state_dir = {state}/disk"))
    box.disk = disk
    box.tillctl("import", box.book)
    box.scanners[0].plug()
    yield box.start()
    box.close()
    small_disk.unmount(disk)


def sell(box, till, order):
    box.scanners[0].scan("4006381333931")
    till.event("line")
    return till.ask("tender", lane="1", method="cash", order=order)


def wait_for_space(till, *wanted):
    return wait_for(lambda: till.do("status")["ledger"], lambda ledger: ledger["space"] in wanted, what=wanted)


def test_it_is_announced_before_it_happens(tight_box):
    till = tight_box.subscriber("1")
    assert wait_for_space(till, "ample")["warnings"] == []
    assert "warning" not in sell(tight_box, till, "early")
    free = os.statvfs(tight_box.disk)
    with open(tight_box.disk + "/filler", "wb") as f:
        f.write(bytes(free.f_bavail * free.f_frsize - 3 * MIB))
    ledger = wait_for_space(till, "low")
    assert "the disk runs full" in ledger["warnings"][0] and ledger["free_bytes"] <= 3 * MIB
    answer = sell(tight_box, till, "late")
    assert answer["ok"] and "free some space" in answer["warning"]
    assert "the disk runs full" in tight_box.log_text()
    shown = tight_box.tillctl("status").stdout
    assert "Warning" in shown and "free some space" in shown


def test_it_is_survived_and_selling_goes_on_by_itself(tight_box):
    till = tight_box.subscriber("1")
    filler = tight_box.disk + "/filler"
    sold, n = [], 0
    small_disk.fill(filler)
    # The reserve of 8 MiB is given up, and carries on for hundreds of sales. What others give back is taken too.
    while True:
        n += 1
        order = f"o-{n}"
        answer = sell(tight_box, till, order)
        if answer["ok"]:
            sold.append(order)
        elif till.do("status")["ledger"]["space"] == "full":
            break
        if n % 100 == 0 or not answer["ok"]:
            small_disk.fill(filler + str(n))
        assert n < 5000
    assert answer["error"]["code"] == "ledger" and "the disk is full: free some space" in answer["error"]["text"]
    assert "kept in reserve were given up" in tight_box.log_text()
    assert len(sold) >= 100
    assert till.do("status")["ledger"]["warnings"]

    # The lane goes on scanning, and the cart that could not be paid is still there.
    before = till.do("cart", lane="1")
    assert before["cart"] and before["state"] == "open"
    tight_box.scanners[0].scan("4000417025005")
    assert till.event("line")["sku"] == "BAR"

    for name in os.listdir(tight_box.disk):
        if name.startswith("filler"):
            os.unlink(os.path.join(tight_box.disk, name))
    answer = till.do("tender", lane="1", method="cash", order=order)
    assert answer["repeated"] is False
    sold.append(order)
    # Open carts are tried again after a second.
    wait_for(lambda: till.do("status")["ledger"], lambda ledger: ledger["space"] == "ample" and not ledger["warnings"])
    assert tight_box.stop() == 0
    tight_box.tillctl("ledger", "verify")
    shown = tight_box.tillctl("ledger", "show", "--last", "9999", "--json").stdout
    assert all(shown.count(f'"order":"{order}"') == 1 for order in sold)
    assert shown.count('"kind":"sale"') == len(sold)
