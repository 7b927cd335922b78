"""What goes wrong with disks, files and readers: named, with the way out, and nothing that was paid is lost."""

import json
import os
import signal
import sqlite3
import stat
import subprocess

from box import PATIENCE, TILLD, wait_for

FAIL_SYNC = os.path.join(os.environ["TILL_BIN"], "lib", "libfail_sync.so")


def sell(box, till, order):
    box.scanners[0].scan("4006381333931")
    till.event("line")
    return till.do("tender", lane="1", method="cash", order=order)


def ledger_status(client):
    return client.do("status")["ledger"]


def wait_until(client, wanted):
    """The ledger's status, once it is as wanted."""
    return wait_for(lambda: ledger_status(client), wanted)


def refused_start(box):
    """The log of a tilld that must not start."""
    done = subprocess.run([TILLD, "--config", box.config], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1, (done.returncode, done.stderr)
    return done.stderr


def raw(box, sql):
    db = sqlite3.connect(box.state + "/ledger.db")
    found = db.executescript(sql) if ";" in sql else db.execute(sql).fetchall()
    db.commit()
    db.close()
    return found


def start_events(box):
    lines = box.tillctl("ledger", "show", "--last", "9999", "--json").stdout.splitlines()
    return [e for e in map(json.loads, lines) if e["kind"] == "start"]


def test_a_failed_sync_ends_the_program(bare_box):
    sign = bare_box.state + "/fail"
    bare_box.tillctl("import", bare_box.book)
    bare_box.scanners[0].plug()
    asan = os.environ.get("ASAN_OPTIONS", "")
    bare_box.wrapper = ["env", f"LD_PRELOAD={FAIL_SYNC}", f"FAIL_SYNC={sign}", f"ASAN_OPTIONS={asan}:verify_asan_link_order=0"]
    bare_box.start()
    till = bare_box.subscriber("1")
    sell(bare_box, till, "before")
    bare_box.scanners[0].scan("4006381333931")
    till.event("line")
    with open(sign, "w", encoding="ascii"):
        pass
    assert till.refused("tender", lane="1", method="cash", order="at") == "ledger"
    assert bare_box.process.wait(PATIENCE) == 3
    assert "a sync failed: the disk did not take what was written" in bare_box.log_text()
    assert "never tried again" in bare_box.log_text()

    os.unlink(sign)
    bare_box.wrapper = []
    bare_box.start()
    till = bare_box.subscriber("1")
    assert till.do("tender", lane="1", order="before")["repeated"] is True
    sell(bare_box, till, "after")
    assert ledger_status(till)["restored"] is False
    bare_box.tillctl("ledger", "verify")


def marked(box):
    """The sequence that ledger.head names: that of the slot with the higher generation."""
    with open(box.state + "/ledger.head", "rb") as f:
        raw_head = f.read()
    slots = [raw_head[at:at + 48] for at in (0, 4096) if raw_head[at:at + 8] == b"TillHead"]
    return max((int.from_bytes(s[8:16], "big"), int.from_bytes(s[32:40], "big")) for s in slots)[1]


def test_a_cut_off_end_is_found(box):
    till = box.subscriber("1")
    for n in range(5):
        sell(box, till, f"o-{n}")
    head = ledger_status(till)
    wait_for(lambda: marked(box), lambda sequence: sequence == head["sequence"])  # it is written after the answer
    box.kill()
    # As if the last two sales had never been: their events, and every trace in the other tables.
    last = raw(box, "SELECT max(id) FROM event")[0][0]
    raw(box, f"DELETE FROM event WHERE id > {last - 2}; DELETE FROM sale WHERE event > {last - 2};")
    found = box.tillctl("ledger", "verify", check=False)
    assert found.returncode == 1
    assert f"event {last - 1}: it is missing: ledger.head names event {last} (1/{head['sequence']})" in found.stderr

    box.start()
    till = box.client()
    status = ledger_status(till)
    assert status["restored"] is True and "restored or cut off" in status["warnings"][0]
    assert f"events after 1/{head['sequence'] - 2} up to 1/{head['sequence']} are lost" in box.log_text()
    start = start_events(box)[-1]
    assert start["segment"] == 2
    assert start["start"]["restored"] is True
    assert (start["start"]["lost_segment"], start["start"]["lost_sequence"]) == (1, head["sequence"])
    assert "Events are lost" in box.tillctl("ledger", "verify").stdout
    box.stop()
    box.start()
    assert ledger_status(box.client())["restored"] is False
    assert "restored" not in start_events(box)[-1]["start"]


def test_a_hanging_reader_is_named_and_leaves_no_trace(box):
    till = box.subscriber("1")
    sell(box, till, "first")
    script = (
        "import sqlite3, sys, time\n"
        f"db = sqlite3.connect('file:{box.state}/ledger.db?mode=ro', uri=True)\n"
        "db.execute('BEGIN'); db.execute('SELECT count(*) FROM event').fetchall()\n"
        "print('reading', flush=True); time.sleep(600)\n"
    )
    with subprocess.Popen(["/usr/bin/python3", "-c", script], stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout.readline() == "reading\n"
        # Long orders make long events: 20 MiB of WAL, more than it has without a reader, in a few hundred sales.
        status, n = ledger_status(till), 0
        while status["wal_bytes"] <= 20 << 20:
            for _ in range(50):
                n += 1
                for _ in range(20):
                    till.do("scan", lane="1", sku="PEN")
                till.do("tender", lane="1", method="cash", order=f"o-{n}")
            till.events.clear()
            status = ledger_status(till)
            assert n < 20000
        status = wait_until(till, lambda s: s["warnings"])
        assert "ledger.db-wal" in status["warnings"][0] and f"({reader.pid})" in status["warnings"][0]
        assert f"({reader.pid})" in box.log_text()
        reader.send_signal(signal.SIGKILL)
    status = wait_until(till, lambda s: s["wal_bytes"] == 0)
    assert status["warnings"] == []
    sell(box, till, "last")
    box.tillctl("ledger", "verify")


def test_changed_permissions_are_told_and_the_lane_goes_on(box):
    till = box.subscriber("1")
    ledger = box.state + "/ledger.db"
    os.chmod(ledger, 0o600)
    sell(box, till, "a")
    status = wait_until(till, lambda s: s["warnings"])
    assert "its mode is 0600" in status["warnings"][0] and "chmod 0664" in status["warnings"][0]
    os.chmod(ledger, 0o664)
    wait_until(till, lambda s: not s["warnings"])
    modes = {name: stat.S_IMODE(os.stat(f"{box.state}/ledger.{name}").st_mode) for name in ("db", "db-wal", "db-shm", "head")}
    assert set(modes.values()) == {0o664}, modes


def test_a_damaged_ledger_is_refused_with_the_way_out(box):
    till = box.subscriber("1")
    sell(box, till, "a")
    assert box.stop() == 0
    with open(box.state + "/ledger.db", "r+b") as f:
        f.seek(4096)
        f.write(os.urandom(8192))
    said = refused_start(box)
    assert "ledger.db: damaged ledger" in said and "tillctl restore" in said


def test_a_newer_ledger_is_refused_with_the_way_out(box):
    assert box.stop() == 0
    raw(box, "PRAGMA user_version = 99;")
    said = refused_start(box)
    assert "is of version 99, this program knows up to" in said and "update the program" in said


def test_a_ledger_that_may_not_be_written_is_refused_with_the_fix(box):
    assert box.stop() == 0
    os.chmod(box.state + "/ledger.db", 0o444)
    nobody = 65534
    if os.geteuid() == 0:
        for folder, _, files in os.walk(box.state):
            os.chmod(folder, 0o777)
            for name in files:
                if not os.path.islink(os.path.join(folder, name)) and not name.startswith("control"):
                    os.chmod(os.path.join(folder, name), 0o666 if name != "ledger.db" else 0o444)
        wrapper = ["setpriv", f"--reuid={nobody}", f"--regid={nobody}", "--clear-groups"]
        for parent in (os.path.dirname(box.state), os.path.dirname(os.path.dirname(box.state))):
            os.chmod(parent, 0o755)
    else:
        wrapper = []
    done = subprocess.run([*wrapper, TILLD, "--config", box.config], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert "ledger.db: user" in done.stderr and "may not write it (mode 0444" in done.stderr and "chmod 0664" in done.stderr
