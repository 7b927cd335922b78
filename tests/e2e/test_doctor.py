"""tillctl doctor on boxes with one thing wrong each: it finds the thing, and names the fix."""

import json
import os
import pwd
import re
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import tempfile

import pytest

from box import CONFIG, PATIENCE, TILLCTL

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


def doctor(box, *words):
    """What it found, and its exit code."""
    done = box.tillctl("doctor", "--json", *words, check=False)
    found = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1 and not done.stderr, done
    fails = [f for f in found["findings"] if f["verdict"] == "fail"]
    assert (done.returncode == 0) == found["ok"] == (not fails) and found["fail"] == len(fails)
    for f in found["findings"]:
        assert f["check"] and f["text"] and bool(f["fix"]) == (f["verdict"] != "ok"), f
    return found["findings"]


def doctor_of(box, name):
    """What it finds for another user: a copy of the program, since this tree may be in a home that only root may enter."""
    for path in (box.state, box.state + "/..", box.state + "/../.."):
        os.chmod(path, 0o755)
    program = shutil.copy(TILLCTL, os.path.join(box.state, "tillctl"))
    uid = pwd.getpwnam(name).pw_uid
    done = subprocess.run([program, "--config", box.config, "doctor", "--json"], user=uid, group=uid, extra_groups=[], cwd="/",
                          capture_output=True, text=True, timeout=PATIENCE, check=False)
    return json.loads(done.stdout)["findings"]


def one(findings, verdict, check, text, fix=""):
    """The finding that matches."""
    matching = [f for f in findings if f["verdict"] == verdict and f["check"] == check and re.search(text, f["about"] + ": " + f["text"])]
    assert len(matching) == 1, findings
    assert re.search(fix, matching[0]["fix"]), matching
    return matching[0]


def fails(findings):
    return [f for f in findings if f["verdict"] == "fail"]


def sell(box):
    client = box.client()
    client.do("scan", lane="1", sku="PEN")
    client.do("tender", lane="1")
    client.close()


@pytest.fixture
def sold(box):
    """A box that has sold something and ended in order."""
    sell(box)
    sell(box)
    assert box.stop() == 0
    return box


def change(box, file, *statements):
    with sqlite3.connect(os.path.join(box.state, file)) as db:
        for statement in statements:
            db.execute(statement)
    db.close()


def test_a_box_at_work(box):
    os.chmod(box.state, 0o2775)
    sell(box)
    before = sorted(os.listdir(box.state))
    found = doctor(box)
    assert not fails(found)
    assert {f["check"] for f in found} == {"config", "control", "state", "disk", "databases", "ledger", "devices", "clock", "memory"}
    one(found, "ok", "config", "box box-1, store S1")
    one(found, "ok", "control", f"process {box.process.pid} of ")
    one(found, "ok", "state", "mode 2775")
    one(found, "ok", "ledger", "newest chained")
    for name in ("catalog.db", "carts.db", "ledger.db"):
        one(found, "ok", "databases", f"^{name}: .*nothing wrong")
    for name in ("front", "back"):
        one(found, "ok", "devices", f"^scanner {name}: ")
    assert sorted(os.listdir(box.state)) == before, "nothing is changed"
    shown = box.tillctl("doctor").stdout
    assert shown.startswith("ok    config ") and not re.search("^fail", shown, re.M)


def test_without_a_daemon(sold):
    found = doctor(sold)
    assert not fails(found)
    one(found, "warn", "control", "does not run", "systemctl start tilld")
    one(found, "ok", "ledger", r"\d+ events")


def test_for_people(bare_box):
    os.chmod(bare_box.state, 0o2777)
    done = bare_box.tillctl("doctor", check=False)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("fail  state "))
    assert lines[at + 1].strip() == f"fix: chmod o-w {bare_box.state}"
    assert re.fullmatch(r"\d+ to be mended, \d+ to be looked at", lines[-1])


def test_no_configuration(tmp_path, bare_box):
    bare_box.config = str(tmp_path / "none.conf")
    found = doctor(bare_box, "--state-dir", bare_box.state, "--socket", bare_box.socket_path)
    one(found, "fail", "config", "there is no .*none.conf", "tilld.conf.example")


def test_a_wrong_configuration(bare_box):
    with open(bare_box.config, encoding="utf-8") as f:
        text = f.read()
    bare_box.write_config(text.replace("suffix = cr", "sufix = cr"))
    found = doctor(bare_box)
    assert len([f for f in fails(found) if f["check"] == "config"]) == 2
    one(found, "fail", "config", f"{bare_box.config}:16: .*did you mean 'suffix'", "--check-config")
    assert any(f["check"] == "state" for f in found), "the rest is looked at all the same"


def test_no_scanner(bare_box):
    bare_box.write_config("[daemon]\nbox = b\nstore = s\nstate_dir = {0}\ncontrol_socket = {0}/s\n[lane 1]\n".format(bare_box.state))
    one(doctor(bare_box), "warn", "config", "no scanner", r"\[scanner NAME\]")


# The state directory.


def test_no_state_directory(bare_box):
    with open(bare_box.config, encoding="utf-8") as f:
        text = f.read()
    folder = bare_box.state + "/none"
    bare_box.write_config(text.replace(f"state_dir = {bare_box.state}", f"state_dir = {folder}"))
    one(doctor(bare_box), "fail", "state", "No such file", f"mkdir -p {folder} && chown .* && chmod 2775 {folder}")


def test_a_state_directory_that_is_no_directory(bare_box):
    done = doctor(bare_box, "--state-dir", bare_box.book)
    one(done, "fail", "state", "is no folder", "state_dir")


@pytest.mark.parametrize("mode,verdict,fix", [(0o2777, "fail", "chmod o-w"), (0o755, "warn", r"chmod g\+s"), (0o2775, "ok", "")])
def test_modes_of_the_state_directory(bare_box, mode, verdict, fix):
    os.chmod(bare_box.state, mode)
    one(doctor(bare_box), verdict, "state", f"mode {mode:04o}", fix)


@ROOT
def test_a_state_directory_that_its_owner_may_not_write(bare_box):
    os.chmod(bare_box.state, 0o2555)
    shutil.chown(bare_box.state, "nobody")
    one(doctor(bare_box), "fail", "state", "nobody .* may not write it: mode 2555", "chown nobody: .* && chmod 2775")


# Databases.


def test_no_price_book_yet(bare_box):
    found = doctor(bare_box)
    one(found, "warn", "databases", "^catalog.db: there is none", "tillctl import BOOK")
    one(found, "ok", "databases", "^ledger.db: there is none yet")


def test_another_kind_of_file(sold):
    os.replace(sold.state + "/catalog.db", sold.state + "/ledger.db")
    one(doctor(sold), "fail", "databases", "^ledger.db: .*not a ledger", "keep a copy")


def test_a_database_of_a_newer_version(sold):
    change(sold, "catalog.db", "PRAGMA user_version = 99")
    one(doctor(sold), "fail", "databases", "^catalog.db: .*version 99", "newer")


def test_a_damaged_page(sold):
    path = sold.state + "/catalog.db"
    change(sold, "catalog.db", "PRAGMA wal_checkpoint(TRUNCATE)")
    with sqlite3.connect(path) as db:
        page, size = db.execute("SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_schema WHERE name = 'record'").fetchone()
    db.close()
    with open(path, "r+b") as f:
        f.seek((page - 1) * size + 3)
        f.write(b"\xff\xff\xff\xff")
    one(doctor(sold), "fail", "databases", "^catalog.db: ", "docs/storage.md")


def test_a_file_that_is_no_database(sold):
    with open(sold.state + "/ledger.db", "wb") as f:
        f.write(b"SQLite format 4\0" + bytes(9000))
    one(doctor(sold), "fail", "databases", "^ledger.db: ", "keep a copy")


def test_a_large_wal(sold):
    with open(sold.state + "/catalog.db-wal", "ab") as f:
        f.truncate(100 << 20)
    one(doctor(sold), "warn", "databases", "^catalog.db: its WAL has 100 MiB", "fuser")


def test_a_ledger_that_was_cut_off(sold):
    change(sold, "ledger.db", "DELETE FROM event WHERE id = (SELECT max(id) FROM event)")
    one(doctor(sold), "fail", "ledger", "the newest 1 of ", "backup")


def test_a_ledger_that_is_gone(sold):
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(sold.state + "/ledger.db" + suffix):
            os.unlink(sold.state + "/ledger.db" + suffix)
    one(doctor(sold), "fail", "ledger", "is gone", "restore")


def test_a_changed_event(sold):
    change(sold, "ledger.db", "UPDATE event SET bytes = replace(bytes, CAST('PEN' AS BLOB), CAST('PAN' AS BLOB)) WHERE id = (SELECT max(id) FROM event)",
           "UPDATE event SET digest = digest + 1 WHERE id = (SELECT max(id) FROM event)")
    one(doctor(sold), "fail", "ledger", "event \\d+: its bytes", "ledger verify")


# The daemon and its socket.


def test_a_daemon_that_hangs(box):
    box.process.send_signal(signal.SIGSTOP)
    try:
        one(doctor(box), "fail", "control", f"process {box.process.pid} does not answer", "systemctl restart tilld")
    finally:
        box.process.send_signal(signal.SIGCONT)


def test_a_daemon_that_died(box):
    box.kill()
    found = doctor(box)
    assert not fails(found)
    one(found, "warn", "control", "a daemon that died left it", "journalctl -u tilld")


def test_a_file_in_the_place_of_the_socket(bare_box):
    with open(bare_box.socket_path, "w", encoding="ascii"):
        pass
    one(doctor(bare_box), "fail", "control", "no socket", "control_socket")


@ROOT
def test_a_socket_that_is_others(bare_box):
    """Asked by nobody, who is in no group of the socket's."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(bare_box.socket_path)
    listener.listen()
    os.chmod(bare_box.socket_path, 0o660)
    one(doctor_of(bare_box, "nobody"), "fail", "control", "you, nobody, may not open it", "usermod -aG root nobody")
    listener.close()


def test_a_group_that_is_not_there(bare_box):
    with open(bare_box.config, encoding="utf-8") as f:
        text = f.read()
    bare_box.write_config(text.replace("[lane 1]", "control_group = no-such-group\n\n[lane 1]", 1))
    one(doctor(bare_box), "fail", "control", "no group 'no-such-group'", "groupadd --system no-such-group")


# Devices.


def test_a_scanner_that_is_not_plugged_in(bare_box):
    bare_box.scanners[0].plug()
    found = doctor(bare_box)
    one(found, "ok", "devices", "^scanner front: ")
    one(found, "fail", "devices", f"^scanner back: {bare_box.state}/scanner-2: there is no such device", "plug it in|did you mean")


def test_a_device_that_is_a_file(bare_box):
    with open(bare_box.scanners[0].path, "w", encoding="ascii"):
        pass
    one(doctor(bare_box), "fail", "devices", "^scanner front: .*transport tty", "set device")


def test_a_named_pipe(bare_box):
    bare_box.write_config(CONFIG.format(state=bare_box.state).replace("transport = tty", "transport = pipe", 1))
    os.mkfifo(bare_box.scanners[0].path)
    one(doctor(bare_box), "ok", "devices", "^scanner front: ")


def test_a_device_in_other_hands(bare_box):
    scanner = bare_box.scanners[0].plug()
    held = os.open(scanner.path, os.O_RDWR | os.O_NOCTTY)
    one(doctor(bare_box), "fail", "devices", f"^scanner front: .*process {os.getpid()} ", f"kill {os.getpid()}")
    os.close(held)
    one(doctor(bare_box), "ok", "devices", "^scanner front: ")


@ROOT
@pytest.mark.parametrize("mode,fix", [(0o660, "usermod -aG tty nobody"), (0o600, "chgrp dialout")])
def test_a_device_that_the_daemon_may_not_open(bare_box, mode, fix):
    scanner = bare_box.scanners[0].plug()
    os.chmod(scanner.path, mode)
    shutil.chown(scanner.path, "root", "tty")
    shutil.chown(bare_box.state, "nobody")
    one(doctor(bare_box), "fail", "devices", "^scanner front: .*nobody .*may not open it", fix)


@pytest.fixture
def pipe(bare_box):
    """A named pipe of root's as a scanner, in a folder that everybody may search; the daemon's user is nobody."""
    folder = tempfile.mkdtemp(prefix="till-pipe-", dir="/tmp")
    path = os.path.join(folder, "pipe")
    os.chmod(folder, 0o755)
    os.mkfifo(path)
    os.chmod(path, 0o600)
    with open(bare_box.config, "a", encoding="utf-8") as f:
        f.write(f"[scanner pipe]\nlane = 1\ntransport = pipe\ndevice = {path}\n")
    shutil.chown(bare_box.state, "nobody")
    yield path
    shutil.rmtree(folder)


def access_list(uid, rights):
    """posix_acl_xattr(5): version 2, then tag, rights and id of each entry; owner rw, that user, mask rw."""
    none = 0xFFFFFFFF
    entries = [(0x01, 6, none), (0x02, rights, uid), (0x04, 0, none), (0x10, 6, none), (0x20, 0, none)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


@ROOT
def test_an_access_list_counts(bare_box, pipe):
    one(doctor(bare_box), "fail", "devices", "^scanner pipe: .*nobody .*may not open it: mode 0600 of group root", "chgrp dialout")
    os.setxattr(pipe, "system.posix_acl_access", access_list(pwd.getpwnam("nobody").pw_uid, 6))
    one(doctor(bare_box), "ok", "devices", "^scanner pipe: ")
    daemon = pwd.getpwnam("daemon").pw_uid
    os.setxattr(pipe, "system.posix_acl_access", access_list(daemon, 6))
    one(doctor(bare_box), "fail", "devices", "^scanner pipe: .*nobody .*may not open it")


@ROOT
def test_who_cannot_judge_an_access_list_says_so(bare_box, pipe):
    """Asked by daemon, who cannot become nobody."""
    os.setxattr(pipe, "system.posix_acl_access", access_list(pwd.getpwnam("nobody").pw_uid, 6))
    one(doctor_of(bare_box, "daemon"), "warn", "devices", "^scanner pipe: .*has an access list, and only root", "as root")


@ROOT
def test_a_folder_above_counts(bare_box, pipe):
    os.chmod(pipe, 0o666)
    one(doctor(bare_box), "ok", "devices", "^scanner pipe: ")
    os.chmod(os.path.dirname(pipe), 0o700)
    one(doctor(bare_box), "fail", "devices", "^scanner pipe: .*though its mode allows it: a folder above", "namei -l")


def test_what_the_daemon_says_of_a_device(box):
    box.write_config(CONFIG.format(state=box.state).replace("transport = tty", "transport = serial", 1))
    box.client().do("reload")
    one(doctor(box), "fail", "devices", "^scanner front: .*transport = tty", "as it says")
