"""Backups made while the shop sells, and put back: verified both ways, and never silently."""

import json
import os
import shutil

import pytest


def sell(box, till, order):
    box.scanners[0].scan("4006381333931")
    till.event("line")
    return till.do("tender", lane="1", method="cash", order=order)


def orders(box):
    lines = box.tillctl("ledger", "show", "--last", "9999", "--json").stdout.splitlines()
    return [e["sale"]["order"] for e in map(json.loads, lines) if e["kind"] == "sale"]


def last_start(box):
    lines = box.tillctl("ledger", "show", "--last", "9999", "--json").stdout.splitlines()
    return [e for e in map(json.loads, lines) if e["kind"] == "start"][-1]


@pytest.fixture
def backed_up(box, tmp_path):
    """A box that has sold a, b and c, and a backup of it from before c was sold."""
    till = box.subscriber("1")
    sell(box, till, "a")
    sell(box, till, "b")
    box.backup = str(tmp_path / "backup")
    box.made = json.loads(box.tillctl("backup", box.backup, "--json").stdout)
    sell(box, till, "c")
    return box


def test_a_backup_is_made_while_the_shop_sells(backed_up):
    made = backed_up.made
    assert made["ok"] and made["ledger"]["box"] == "box-1"
    assert {"catalog.db", "ledger.db"} <= {f["name"] for f in made["files"]} == set(os.listdir(backed_up.backup)) - {"manifest.json"}
    with open(backed_up.backup + "/manifest.json", encoding="utf-8") as f:
        manifest = json.load(f)
    assert manifest["ledger"] == made["ledger"] and manifest["files"] == made["files"]
    # Refused: a folder that is in use. Nothing in it is touched.
    again = backed_up.tillctl("backup", backed_up.backup, check=False)
    assert again.returncode == 1 and "name a new folder" in again.stderr
    told = backed_up.tillctl("backup", backed_up.backup + "-2").stdout
    assert "ledger.db" in told and "Box box-1" in told


def test_a_restore_waits_for_the_daemon_to_end(backed_up):
    found = backed_up.tillctl("restore", backed_up.backup, check=False)
    assert found.returncode == 1 and "stop tilld first" in found.stderr and str(backed_up.process.pid) in found.stderr
    assert orders(backed_up) == ["a", "b", "c"]


def test_a_restore_loses_no_sale_unasked(backed_up):
    assert backed_up.stop() == 0
    found = backed_up.tillctl("restore", backed_up.backup, check=False)
    assert found.returncode == 1 and "events more than the backup" in found.stderr and "--force" in found.stderr
    assert orders(backed_up) == ["a", "b", "c"]


def test_a_restored_ledger_knows_that_it_is_one(backed_up):
    head = backed_up.client().do("status")["ledger"]
    assert backed_up.stop() == 0
    backed_up.tillctl("restore", backed_up.backup, "--force")
    assert orders(backed_up) == ["a", "b"]
    assert "put back from a backup" in backed_up.tillctl("ledger", "verify").stdout

    backed_up.start()
    start = last_start(backed_up)
    assert start["start"]["restored"] is True and start["segment"] == 2
    assert (start["start"]["lost_segment"], start["start"]["lost_sequence"]) == (1, head["sequence"])
    till = backed_up.subscriber("1")
    status = till.do("status")
    assert status["ledger"]["restored"] is True and status["catalog"]["version"] == 1
    sell(backed_up, till, "d")
    assert orders(backed_up) == ["a", "b", "d"]
    backed_up.tillctl("ledger", "verify")
    backed_up.stop()
    backed_up.start()
    assert "restored" not in last_start(backed_up)["start"]


def test_a_new_disk_gets_segments_that_were_never_used(backed_up):
    assert backed_up.stop() == 0
    for name in os.listdir(backed_up.state):
        if name.startswith(("ledger.", "catalog.", "carts.")):
            os.unlink(os.path.join(backed_up.state, name))
    backed_up.tillctl("restore", backed_up.backup)
    backed_up.start()
    start = last_start(backed_up)
    assert start["start"]["restored"] is True and "lost_segment" not in start["start"]
    assert start["segment"] > 1000  # boots that may have been after the backup keep their numbers
    assert orders(backed_up) == ["a", "b"]
    backed_up.tillctl("ledger", "verify")


def test_a_damaged_ledger_makes_way_and_is_kept(backed_up):
    assert backed_up.stop() == 0
    with open(backed_up.state + "/ledger.db", "r+b") as f:
        f.write(b"garbage all over the header")
    found = json.loads(backed_up.tillctl("restore", backed_up.backup, "--json").stdout)
    assert found["aside"] == backed_up.state + "/ledger.db.aside-1"
    with open(found["aside"], "rb") as f:
        assert f.read(7) == b"garbage"
    backed_up.start()
    assert last_start(backed_up)["start"]["restored"] is True
    assert orders(backed_up) == ["a", "b"]


@pytest.mark.parametrize("what, words", [
    ("a byte of the ledger", "ledger.db: damaged"),
    ("the manifest", "no (whole) backup"),
    ("the catalog", "catalog.db"),
    ("a file of its own", "none of tilld's"),
    ("one file twice", "is named twice"),
    ("more files than there are", "is named twice"),
])
def test_a_damaged_backup_is_refused(backed_up, what, words):
    assert backed_up.stop() == 0
    folder = backed_up.backup
    if what == "a byte of the ledger":
        with open(folder + "/ledger.db", "r+b") as f:
            f.seek(5000)
            f.write(b"?")
    elif what == "the manifest":
        os.unlink(folder + "/manifest.json")
    elif what == "the catalog":
        os.unlink(folder + "/catalog.db")
    else:
        with open(folder + "/manifest.json", encoding="utf-8") as f:
            manifest = json.load(f)
        if what == "a file of its own":
            manifest["files"][0]["name"] = "../../etc/passwd"
        else:
            manifest["files"] = manifest["files"][:1] * (2 if what == "one file twice" else 40)
        with open(folder + "/manifest.json", "w", encoding="utf-8") as f:
            json.dump(manifest, f)
    found = backed_up.tillctl("restore", folder, "--force", check=False)
    assert found.returncode == 1 and words in found.stderr, found.stderr
    assert orders(backed_up) == ["a", "b", "c"]


def test_a_backup_moves_to_another_box(backed_up, tmp_path):
    """Any folder will do, and the copies need nothing beside them."""
    other = str(tmp_path / "other")
    os.mkdir(other)
    moved = shutil.move(backed_up.backup, str(tmp_path / "moved"))
    os.chmod(moved, 0o555)
    backed_up.tillctl("restore", moved, "--state-dir", other)
    assert "events, every one chained" in backed_up.tillctl("ledger", "verify", "--state-dir", other).stdout
