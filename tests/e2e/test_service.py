"""tilld as a service: what it tells systemd over a real datagram socket, and the unit that starts it."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import time

import pytest

from box import BIN, PATIENCE, Box

UNIT = os.path.join(os.environ["TILL_SRC"], "packaging", "systemd", "tilld.service")


class Manager:
    """The service manager's end of NOTIFY_SOCKET."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.told = []

    def hear(self, seconds):
        """The next message as a dictionary; None if there is none in that time."""
        self.socket.settimeout(max(seconds, 0.001))
        try:
            text = self.socket.recv(65536).decode()
        except TimeoutError:
            return None
        self.told.append(dict(line.split("=", 1) for line in text.split("\n")))
        return self.told[-1]

    def wait_for(self, key, pattern="."):
        """The first message from now on whose value of that key matches."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            message = self.hear(end - time.monotonic())
            if message and re.search(pattern, message.get(key, "")):
                return message
        raise TimeoutError((key, pattern, self.told))

    def count(self, key, seconds):
        end = time.monotonic() + seconds
        found = 0
        while time.monotonic() < end:
            found += key in (self.hear(end - time.monotonic()) or {})
        return found


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path, monkeypatch):
    name = str(tmp_path / "notify") if request.param == "path" else f"\0tilld-test-{os.getpid()}-{time.monotonic_ns()}"
    monkeypatch.setenv("NOTIFY_SOCKET", name.replace("\0", "@"))
    manager = Manager(name)
    yield manager
    manager.socket.close()


@pytest.fixture
def watched(manager, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "400000")
    return manager


def test_ready_then_status_then_stopping(manager, bare_box):
    bare_box.scanners[0].plug()
    bare_box.start()
    ready = manager.wait_for("READY", "1")
    assert ready["STATUS"] == "2 lanes, 1 scanner down: back; no catalog; 0 sales"
    assert bare_box.client().do("version"), "the control socket is up when it is ready"
    bare_box.scanners[1].plug()
    manager.wait_for("STATUS", "^2 lanes, 2 scanners; no catalog; 0 sales$")
    bare_box.tillctl("import", bare_box.book)
    manager.wait_for("STATUS", "^2 lanes, 2 scanners; catalog 1; 0 sales$")
    client = bare_box.client()
    client.do("scan", lane="1", sku="PEN")
    client.do("tender", lane="1")
    manager.wait_for("STATUS", "; 1 sales$")
    bare_box.scanners[0].unplug()
    manager.wait_for("STATUS", "1 scanner down: front")
    assert bare_box.stop() == 0
    assert manager.wait_for("STOPPING", "1")


def test_nothing_is_ready_that_could_not_start(manager, bare_box):
    with open(bare_box.config, encoding="utf-8") as f:
        text = f.read()
    bare_box.write_config(text.replace(f"state_dir = {bare_box.state}", f"state_dir = {bare_box.state}/none"))
    done = subprocess.run([os.path.join(BIN, "tilld"), "--config", bare_box.config], capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    said = manager.wait_for("STATUS", "could not start: state_dir")
    assert not any("READY" in message for message in manager.told), said


def test_reloading_and_ready_again(manager, box):
    manager.wait_for("READY", "1")
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    box.process.send_signal(signal.SIGHUP)
    reloading = manager.wait_for("RELOADING", "1")
    assert before <= int(reloading["MONOTONIC_USEC"]) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    assert manager.wait_for("READY", "1")
    with open(box.config, "a", encoding="utf-8") as f:
        f.write("nonsense\n")
    box.process.send_signal(signal.SIGHUP)
    manager.wait_for("RELOADING", "1")
    assert manager.wait_for("READY", "1"), "a configuration that is refused leaves the service as ready as it was"


def test_signs_of_life(watched, box):
    watched.wait_for("WATCHDOG", "1")
    assert watched.count("WATCHDOG", 2) >= 3  # every 200 ms; a slow machine may be late
    assert box.client().do("status")["ledger"]["commits"] <= 1, "signs of life are no commits"


@pytest.mark.parametrize("file", ["ledger.db", "carts.db"])
def test_no_sign_of_life_while_the_disk_is_stuck(watched, box, file):
    """A lock that a worker waits for, two seconds, stands for a disk that does not answer."""
    watched.wait_for("WATCHDOG", "1")
    other = sqlite3.connect(os.path.join(box.state, file), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    box.client().do("scan", lane="1", sku="PEN")  # for the journal; the ledger is asked anyway
    watched.count("WATCHDOG", 0.4)  # what was under way
    assert watched.count("WATCHDOG", 1) == 0
    other.execute("ROLLBACK")
    other.close()
    assert watched.wait_for("WATCHDOG", "1")


def test_the_watchdog_of_another_process_is_none_of_ours(manager, monkeypatch, box):
    assert box.stop() == 0
    monkeypatch.setenv("WATCHDOG_USEC", "100000")
    monkeypatch.setenv("WATCHDOG_PID", "1")
    box.start()
    assert manager.count("WATCHDOG", 1) == 0


def test_without_a_manager_nothing_is_sent(bare_box, monkeypatch):
    monkeypatch.setenv("NOTIFY_SOCKET", "relative")
    bare_box.start()
    assert "NOTIFY_SOCKET" in bare_box.log_text()
    assert bare_box.stop() == 0


def test_log_lines_are_fit_for_journald(bare_box):
    """<priority>tilld: one line, no control bytes, whatever a device sends."""
    bare_box.scanners[0].plug()
    bare_box.start()
    till = bare_box.subscriber("1")
    for _ in range(50):  # noise is told a few times, then counted
        bare_box.scanners[0].send(b"\x1b[2J" + b"\x07" * 600 + b"\r")
    till.event("refused")
    bare_box.stop()
    lines = bare_box.log_text().splitlines()
    assert lines and all(re.match(r"<[3467]>tilld: .", line) for line in lines)
    assert all(0x20 <= ord(c) != 0x7F for line in lines for c in line)
    assert 1 <= sum("scan of more than" in line for line in lines) <= 6


def test_the_unit_is_one(tmp_path):
    with open(UNIT, encoding="utf-8") as f:
        text = f.read()
    unit = tmp_path / "tilld.service"
    unit.write_text(text.replace("/usr/bin/", BIN + "/"))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, timeout=PATIENCE * 3, check=False)
    complaints = [line for line in done.stderr.splitlines() if "tilld" in line]
    assert done.returncode == 0 and not complaints, done.stderr


def test_the_unit_leaves_little_open():
    done = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--threshold=15", UNIT], capture_output=True, text=True,
                          timeout=PATIENCE * 3, check=False)
    assert done.returncode == 0, done.stdout + done.stderr  # exposure 1.5 of 10, at most
