"""Scripts of tests/lanes played by lanesim into a real tilld, and the events of its lanes held against what was
written down beside them. tests/lanes/README.md has the format."""

import difflib
import json
import os
import re
import subprocess
import threading
from decimal import Decimal

import pytest

from box import CONFIG, LANESIM, PATIENCE, Box

LANES = os.path.join(os.environ["TILL_SRC"], "tests", "lanes")
NAMES = sorted(name[: -len(".lane")] for name in os.listdir(LANES) if name.endswith(".lane"))
SPEED = "1000"  # a 9600 baud line's bytes and waits, a thousand times as fast


def read(name):
    with open(os.path.join(LANES, name), encoding="utf-8") as f:
        return f.read()


# What is written down.


def work_out(expression, n):
    """{n*2.49 + (n-1)*3.10}: decimals, exactly."""
    assert re.fullmatch(r"[\dn.+*() -]+", expression), expression
    exact = re.sub(r"\d+(\.\d+)?", lambda number: f"Decimal('{number.group()}')", expression)
    return str(eval(exact, {"__builtins__": {}, "Decimal": Decimal, "n": Decimal(n)}))  # noqa: S307


def expected(text):
    """The lines of a .lane file, comments gone and `times` written out."""
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    out = []
    while lines:
        line = lines.pop(0)
        if not line.startswith("times "):
            out.append(line)
            continue
        end = lines.index("end")
        block, lines = lines[:end], lines[end + 1:]
        for n in range(1, int(line.split()[1]) + 1):
            out += [re.sub(r"{(.*?)}", lambda found: work_out(found.group(1), n), line) for line in block]
    return out


# What came.


def take_promotions(event, known):
    """What each promotion gives in the cart: a cart says it all, a line what has changed in it."""
    if event["event"] not in ("line", "cart"):
        return ""
    given = known.setdefault(event["cart"], {})
    if event["event"] == "cart":
        given.clear()
    changed = event.get("changed", event)
    given.update((p["promotion"], p["amount"]) for p in changed.get("applied", []))
    for gone in changed.get("dropped", []):
        del given[gone]
    return "".join(f" {promotion} {amount}" for promotion, amount in given.items())


def in_words(event, known):
    kind = event["event"]
    promotions = take_promotions(event, known)
    if kind == "line":
        return (f"line {event['line']} {event['sku']} {event['quantity']} net {event['net']}"
                f" total {event['totals']['total']}{promotions}")
    if kind == "refused":
        assert event["error"]["text"]
        return f"refused {event['error']['code']}"
    if kind == "cart":
        total = f" total {event['totals']['total']}" if event["lines"] else ""
        return f"cart {event['state']}{total}{promotions}"
    if kind == "tendered":
        return f"tendered {event['total']} change {event['change']}"
    if kind == "scanner":
        assert (event["reason"] == "") == (event["state"] == "up")
        return f"scanner {event['scanner']} {event['state']}"
    return kind


def counts(lanes):
    """A line for each scanner that was ever there, by lane."""
    return {lane["lane"]: [f"counts {s['scanner']} scans {s['scans']} dropped {s['dropped']}" for s in lane["scanners"]]
            for lane in lanes}


class Recorder:
    """A subscriber that reads at once what it is told, so that it is never the slow one."""

    def __init__(self, box):
        self.client = box.client()
        self.client.do("subscribe", lane="*")
        self.events = []
        self.answers = {}
        self.news = threading.Condition()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while line := self.client.file.readline():
            found = json.loads(line)
            with self.news:
                if "event" in found:
                    self.events.append(found)
                else:
                    self.answers[found["id"]] = found
                self.news.notify()

    def wait_for(self, what):
        with self.news:
            assert self.news.wait_for(what, PATIENCE), self.events[-3:]

    def lanes(self):
        """What `lanes` says; every event before that has been read by then."""
        self.client.number += 1
        number = self.client.number
        self.client.send_raw(json.dumps({"id": number, "verb": "lanes"}).encode() + b"\n")
        self.wait_for(lambda: number in self.answers)
        return self.answers[number]["lanes"]

    def is_down(self, scanner):
        states = [e["state"] for e in self.events if e["event"] == "scanner" and e["scanner"] == scanner]
        return bool(states) and states[-1] == "down"


def play(box, scripts):
    """Plays the scripts at the same time; each is (lane, scanner, file)."""
    running = [subprocess.Popen([LANESIM, "--link", box.scanners[int(lane) - 1].path, "--control", box.socket_path,
                                 "--lane", lane, "--speed", SPEED, file], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                text=True) for lane, _, file in scripts]
    for process in running:
        _, complaint = process.communicate(timeout=PATIENCE * 3)
        assert process.returncode == 0 and not complaint, (complaint, box.log_text())


def record(box, scripts):
    """Lines of a .lane file, lane by lane."""
    recorder = Recorder(box)
    play(box, scripts)
    recorder.lanes()  # the last "up" that a script waited for has come by now
    recorder.wait_for(lambda: all(recorder.is_down(scanner) for _, scanner, _ in scripts))
    ends = counts(recorder.lanes())
    out = []
    for lane in sorted({e["lane"] for e in recorder.events}):
        known = {}
        out.append(f"lane {lane}")
        out += [in_words(e, known) for e in recorder.events if e["lane"] == lane]
        out += [end for end in ends[lane] if any(end.split()[1] == scanner for _, scanner, _ in scripts)]
    return out


@pytest.mark.parametrize("name", NAMES)
def test_lane(name, tmp_path):
    box = Box(tmp_path, book=[json.loads(line) for line in read("book.jsonl").splitlines()], config=CONFIG)
    if os.path.exists(os.path.join(LANES, name + ".conf")):
        os.mkdir(box.config + ".d")
        with open(os.path.join(box.config + ".d", "lane.conf"), "w", encoding="utf-8") as f:
            f.write(read(name + ".conf"))
    box.tillctl("import", box.book)
    scripts = [("1", "front", os.path.join(LANES, name + ".sim")), ("2", "back", os.path.join(LANES, name + ".2.sim"))]
    box.start()
    try:
        came, due = record(box, [s for s in scripts if os.path.exists(s[2])]), expected(read(name + ".lane"))
        assert came == due, "\n".join(difflib.unified_diff(due, came, "due", "came", lineterm=""))
        assert box.stop() == 0
        assert "Sanitizer" not in box.log_text()
    finally:
        box.close()


def test_what_is_written_down_is_worked_out_exactly():
    assert expected("# a\nlane 1\n\ntimes 2 n\nline {n} X {n*2.49 + (n-1)*3.10}\nx {n+1}.00\nend\nz\n") == [
        "lane 1", "line 1 X 2.49", "x 2.00", "line 2 X 8.08", "x 3.00", "z"]


def test_every_script_has_its_lane():
    scripts = {name.split(".")[0] for name in os.listdir(LANES) if name.endswith((".sim", ".conf"))}
    assert scripts == set(NAMES) and len(NAMES) >= 12
