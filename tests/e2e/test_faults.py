"""What goes wrong with disks, files and readers: named, with the way out, and nothing that was paid is lost."""

import json
import os
import signal
import sqlite3
import stat
import subprocess

from box import PATIENCE, TILLCTL, TILLD, wait_for

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


def test_killed_readers_and_importers_leave_nothing_behind(box):
    """Each program that opens a database, killed somewhere on its way; meanwhile prices hold, sales go on and the WALs stay small."""
    till = box.subscriber("1")
    for n in range(200):
        till.do("scan", lane="1", sku="PEN")
        till.do("tender", lane="1", method="cash", order=f"o-{n}")
    till.events.clear()
    ways = [("ledger", "show", "--last", "9999"), ("ledger", "verify"), ("audit", "verify"), ("events",), ("import", box.book)]
    for n in range(40):
        with subprocess.Popen([TILLCTL, "--config", box.config, *ways[n % len(ways)]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as killed:
            if n % 2:  # in the middle of what it says, or at a place that only the machine knows
                killed.stdout.read(1)
            sell(box, till, f"k-{n}")
            killed.kill()
    till.events.clear()
    box.tillctl("import", box.book)
    assert till.do("price", sku="PEN")["price"] == "2.49"
    sell(box, till, "last")
    assert ledger_status(till)["warnings"] == []
    sizes = [os.path.getsize(f"{box.state}/{name}.db-wal") for name in ("ledger", "catalog", "carts")]
    assert max(sizes) <= 16 << 20, sizes
    box.tillctl("ledger", "verify")
    shown = box.tillctl("ledger", "show", "--last", "9999", "--json").stdout
    assert shown.count('"kind":"sale"') == 200 + 40 + 1


def bound_by_modes():
    """What to put before a command, so that the mode of a file holds for root, too."""
    powers = "-dac_override,-dac_read_search"
    return ["setpriv", f"--inh-caps={powers}", f"--bounding-set={powers}"] if os.geteuid() == 0 else []


def test_a_socket_that_others_may_not_open_any_more(box):
    """Its clients stay, new ones are told why not, lanes do not notice; and nothing has to be started anew."""
    till = box.subscriber("1")
    os.rename(box.socket_path, box.socket_path + ".away")
    found = box.tillctl("status", check=False)
    assert found.returncode == 3 and f"no tilld answers at {box.socket_path}" in found.stderr and "--socket" in found.stderr
    sell(box, till, "a")
    os.rename(box.socket_path + ".away", box.socket_path)
    os.chmod(box.socket_path, 0)
    found = subprocess.run([*bound_by_modes(), TILLCTL, "--config", box.config, "status"], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert found.returncode == 3 and f"{box.socket_path}: permission denied: be a member of its group" in found.stderr, found.stderr
    sell(box, till, "b")
    os.chmod(box.socket_path, 0o660)
    assert box.tillctl("status").returncode == 0


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


def test_carts_are_kept_in_a_new_file_when_theirs_was_deleted(box):
    till = box.subscriber("1")
    for end in ("", "-wal", "-shm"):
        os.unlink(box.state + "/carts.db" + end)
    scans = 0

    def told():
        nonlocal scans
        box.scanners[0].scan("4006381333931")
        till.event("line")
        scans += 1
        return "carts.db: it was moved or deleted while it was open, and is begun anew" in box.log_text()

    wait_for(told)  # at the next checkpoint: two seconds
    wait_for(lambda: box.log_text(), lambda text: "open carts are kept for a restart again" in text)
    assert ledger_status(till)["warnings"] == []
    box.kill()
    box.start()
    cart = box.client().do("cart", lane="1")
    assert cart["lines"][0]["quantity"] == str(scans)


def test_carts_that_cannot_be_kept_are_warned_of(bare_box):
    """A folder stands in the way of carts.db, as good as any file that cannot be opened."""
    bare_box.tillctl("import", bare_box.book)
    os.mkdir(bare_box.state + "/carts.db")
    bare_box.scanners[0].plug()
    bare_box.start()
    till = bare_box.subscriber("1")
    sell(bare_box, till, "a")
    warnings = ledger_status(till)["warnings"]
    assert len(warnings) == 1 and warnings[0].startswith(f"open carts are not kept for a restart: {bare_box.state}/carts.db: ")
    assert "open carts will not outlive this run" in bare_box.log_text()


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
    done = subprocess.run([*bound_by_modes(), TILLD, "--config", box.config], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert "ledger.db: user" in done.stderr and "may not write it (mode 0444" in done.stderr and "chmod 0664" in done.stderr
