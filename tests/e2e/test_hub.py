"""Headquarters as an operator has it: started with nothing there, told what to do while it runs and while it does
not, killed, and asked what is in its log."""

import json
import os
import re
import signal
import subprocess

import pytest

from box import BIN, BOOK, wait_for

TILLHUB = os.path.join(BIN, "tillhub")


class Hub:
    def __init__(self, folder, programs=BIN):
        self.program = os.path.join(programs, "tillhub")
        self.state = str(folder / "hub")
        self.config = str(folder / "tillhub.conf")
        self.log = str(folder / "hub.log")
        self.process = None
        self.wrapper = []
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f"[hub]\nstate_dir = {self.state}\nlisten = coaps+tcp://127.0.0.1:0\nenrol = coaps+tcp://127.0.0.1:0\n")

    def start(self):
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([*self.wrapper, self.program, "serve", "--config", self.config], stderr=log)
        wait_for(lambda: "boxes enrol at" in open(self.log, encoding="utf-8").read(), what="the hub hears boxes")

    def end(self, signo=signal.SIGTERM):
        self.process.send_signal(signo)
        code = self.process.wait(60)
        self.process = None
        return code

    def run(self, *words, text=None):
        done = subprocess.run([self.program, *words, "--config", self.config], input=text, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def json(self, *words):
        code, out, err = self.run(*words, "--json")
        assert code == 0, err
        return [json.loads(line) for line in out.splitlines()]


@pytest.fixture(name="hub")
def hub_fixture(tmp_path):
    hub = Hub(tmp_path)
    yield hub
    if hub.process:
        hub.end(signal.SIGKILL)


def write_book(folder, lines=None):
    path = folder / "book.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines or BOOK), encoding="utf-8")
    return str(path)


def test_one_command_starts_it(hub):
    hub.start()
    files = set(os.listdir(hub.state))
    assert {"ca.key", "ca.pem", "hub.key", "hub.pem", "signer.key", "signer.pem", "log.db", "state.db", "hub.sock"} <= files
    assert re.fullmatch("[0-9a-f]{64}", hub.json("ca", "show")[0]["sha256"])
    assert hub.run("ca", "init")[0] == 1
    assert hub.end() == 0
    assert "hub.sock" not in os.listdir(hub.state)


def test_what_is_half_said_is_completed(hub):
    code, _, err = hub.run("box")
    assert code == 2 and "'box add', 'box list', 'box revoke', 'box release'" in err
    code, _, err = hub.run("ca", "show")
    assert code == 1 and "'tillhub ca init' makes one" in err


@pytest.mark.parametrize("running", [True, False])
def test_another_ca(hub, running):
    """Step by step; what is not its turn is refused. What becomes of boxes is tests/unit/test_ca_change.c."""
    hub.start()
    if not running:
        hub.end()
    first = hub.json("ca", "show")[0]
    assert "step" not in first
    for step in ("change", "retire"):
        code, _, err = hub.run("ca", step)
        assert code == 1 and "CA" in err, err
    assert hub.run("ca", "next")[0] == 0
    shown = hub.json("ca", "show")[0]
    assert shown["step"] == "change" and shown["waits_for"] == 0 and shown["sha256"] == first["sha256"], shown
    assert hub.run("ca", "next")[0] == 1
    code, out, err = hub.run("ca", "change")
    assert code == 0 and "tillhub ca retire" in out, err
    changed = hub.json("ca", "show")[0]
    assert changed["sha256"] == shown["next_sha256"] and changed["old_sha256"] == first["sha256"] and changed["step"] == "retire", changed
    assert not {"ca-next.key", "ca-next.pem"} & set(os.listdir(hub.state))
    assert hub.run("ca", "retire")[0] == 0
    assert hub.json("ca", "show")[0]["sha256"] == changed["sha256"]
    with open(os.path.join(hub.state, "trusted.pem"), encoding="utf-8") as trusted:
        assert trusted.read().count("BEGIN CERTIFICATE") == 1


@pytest.mark.parametrize("running", [True, False])
def test_it_is_told_the_same_way_while_it_runs_and_while_not(hub, tmp_path, running):
    hub.start()
    if not running:
        hub.end()
    assert re.fullmatch("([A-Z2-9]{4}-){3}[A-Z2-9]{4}", hub.json("box", "add", "box-1", "S1")[0]["code"])
    assert hub.json("publish", write_book(tmp_path))[0] == {"ok": True, "version": 1, "records": len(BOOK), "changed": True}
    change = '{"type": "price", "list": "base", "sku": "PEN", "price": "2.29"}\n'
    code, out, err = hub.run("publish", "--changes", "--note", "a try", "-", text=change)
    assert (code, out) == (0, "version 2: 1 record\n"), err
    assert [box["status"] for box in hub.json("box", "list")] == ["claimed"]
    assert [line["value"]["note"] for line in hub.json("log", "tail", "publications") if "note" in line["value"]] == ["a try"]
    price = hub.json("log", "tail", "price_updates", "--all")
    assert {"list": "base", "sku": "PEN", "price": "2.29"} in [line["value"].get("record") for line in price]
    assert hub.json("state", "verify")[0]["ok"]


def test_what_is_wrong_is_said_with_its_place(hub, tmp_path):
    hub.start()
    path = write_book(tmp_path, BOOK[:3] + [{"type": "item", "sku": "X", "name": "X", "gtins": ["123"]}])
    code, _, err = hub.run("publish", path)
    assert code == 1 and f"{path}:4: gtins" in err
    assert "there is no book yet" in hub.run("publish", "--changes", write_book(tmp_path))[2]
    assert hub.run("publish", str(tmp_path / "nothing"))[0] == 1
    assert "did you mean 'box add'?" in hub.run("box", "ad", "b", "S1")[2]
    assert hub.run("box", "add", "b/1", "S1")[0] == 1
    assert "1 to 24 letters" in hub.run("box", "add", "b" * 25, "S1")[2]  # tilld.conf takes no longer one
    assert hub.run("log", "tail", "alert")[0] == 2
    assert "one writer at a time" in hub.run("state", "rebuild")[2]


def test_a_wrong_configuration(hub, tmp_path):
    with open(hub.config, "a", encoding="utf-8") as file:
        file.write("listn = x\n")
    code, out, _ = hub.run("check-config", "--json")
    told = json.loads(out)
    assert code == 2 and not told["ok"] and told["errors"][0]["file"] == hub.config and told["errors"][0]["line"] > 0
    code, _, err = hub.run("check-config")
    assert code == 2 and f"{hub.config}:5" in err and "listen" in err
    (tmp_path / "tillhub.conf").write_text("[hub]\nlisten = http://x\n", encoding="utf-8")
    code, _, err = hub.run("serve")
    assert code == 2 and f"{hub.config}:2: listen" in err


def test_killed_anywhere_it_comes_back_with_the_same_state(hub, tmp_path):
    path = write_book(tmp_path)
    for version in range(1, 6):
        hub.start()
        book = [dict(line, price=f"{version}.49") if line.get("sku") == "PEN" and line["type"] == "price" else line for line in BOOK]
        path = write_book(tmp_path, book)
        asked = subprocess.Popen([TILLHUB, "publish", path, "--config", hub.config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if version % 2:
            asked.wait(60)
        hub.end(signal.SIGKILL)
        asked.wait(60)
    hub.start()
    assert hub.json("publish", path)[0]["records"] == len(BOOK)
    assert hub.json("state", "verify")[0]["ok"]
    hub.end()
    before = hub.json("state", "verify")[0]["digest"]
    assert hub.json("state", "rebuild")[0]["digest"] == before


def test_a_snapshot_for_a_stick(hub, tmp_path):
    hub.start()
    hub.json("publish", write_book(tmp_path))
    stick = tmp_path / "stick"
    answer = hub.json("snapshot", "S1", str(stick))[0]
    assert answer == {"ok": True, "version": 1, "pages": 1, "records": len(BOOK)}
    assert sorted(os.listdir(stick)) == ["manifest", "page-00000"]
