"""A box for end-to-end tests: a temporary state directory, a real tilld, scanners on real ptys, and a
client of the control socket. Nothing here knows how tilld works inside."""

import json
import os
import pty
import signal
import socket
import subprocess
import time
import tty

BIN = os.path.join(os.environ["TILL_BIN"], "bin")
TILLD, TILLCTL, LANESIM = (os.path.join(BIN, name) for name in ("tilld", "tillctl", "lanesim"))
PATIENCE = 20  # seconds that anything may take, under sanitizers on a slow machine

BOOK = [
    {"type": "book", "id": "corner", "currency": "EUR", "tax": "inclusive"},
    {"type": "tax", "id": "food", "rate": "7"},
    {"type": "price_list", "id": "base", "rank": 0},
    {"type": "category", "id": "choc", "name": "Chocolate"},
    {"type": "item", "sku": "PEN", "name": "Pen", "gtins": ["4006381333931"], "tax": "food"},
    {"type": "item", "sku": "BAR", "name": "Bar", "gtins": ["4000417025005"], "category": "choc", "tax": "food"},
    {"type": "item", "sku": "HAM", "name": "Ham", "gtins": ["2212345000005"], "tax": "food"},
    {"type": "item", "sku": "TWIN1", "name": "Twin one", "gtins": ["96385074"], "tax": "food"},
    {"type": "item", "sku": "TWIN2", "name": "Twin two", "gtins": ["96385074"], "tax": "food"},
    {"type": "item", "sku": "FREE", "name": "No price", "gtins": ["5901234123457"], "tax": "food"},
    {"type": "price", "list": "base", "sku": "PEN", "price": "2.49"},
    {"type": "price", "list": "base", "sku": "BAR", "price": "1.00"},
    {"type": "price", "list": "base", "sku": "HAM", "price": "9.99"},
    {"type": "price", "list": "base", "sku": "TWIN1", "price": "1.00"},
    {"type": "price", "list": "base", "sku": "TWIN2", "price": "2.00"},
    {"type": "promotion", "id": "BOGO", "name": "Two bars for one", "needs": [{"select": {"categories": ["choc"]}, "quantity": 2}],
     "gives": [{"kind": "units", "buy": 1, "get": 1, "percent": "100"}]},
    {"type": "promotion", "id": "SAVE10", "name": "Ten per cent", "coupon": True, "gives": [{"kind": "percent", "percent": "10"}]},
    {"type": "coupon", "code": "TENOFF", "promotion": "SAVE10"},
    {"type": "customer", "id": "ann", "name": "Ann"},
]

CONFIG = """\
[daemon]
box = box-1
store = S1
zone = Europe/Berlin
state_dir = {state}
control_socket = {state}/control.sock

[lane 1]

[lane 2]

[scanner front]
lane = 1
transport = tty
device = {state}/scanner-1
suffix = cr

[scanner back]
lane = 2
transport = tty
device = {state}/scanner-2
suffix = cr

[template price-tag]
pattern = 22IIIIIPPPPPC
"""


def wait_for(look, wanted=bool, what=""):
    """What look() gives, once it is as wanted. Processes have no clock that could be turned by hand."""
    end = time.monotonic() + PATIENCE
    while True:
        found = look()
        if wanted(found):
            return found
        assert time.monotonic() < end, (what, found)
        time.sleep(0.01)


def check_digit(digits):
    return (10 - sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))) % 10


class Scanner:
    """The scanner's end of a pty, published as a device path that can come and go."""

    def __init__(self, path):
        self.path = path
        self.master = None

    def plug(self):
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        if os.path.lexists(self.path):
            os.unlink(self.path)
        os.symlink(os.ttyname(slave), self.path)
        os.close(slave)
        return self

    def unplug(self):
        os.unlink(self.path)  # first: its terminal's number may be another program's the next moment
        os.close(self.master)
        self.master = None

    def send(self, raw):
        os.write(self.master, raw)

    def scan(self, code):
        self.send(code.encode() + b"\r")


class Client:
    """A connection to the control socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb")
        self.events = []
        self.number = 0

    def send_raw(self, raw):
        self.socket.sendall(raw)

    def read(self):
        line = self.file.readline()
        if not line:
            raise EOFError("tilld closed the connection")
        return json.loads(line)

    def ask(self, verb, **members):
        """The whole answer to one request; events that come in between are kept."""
        self.number += 1
        self.send_raw(json.dumps({"id": self.number, "verb": verb, **members}).encode() + b"\n")
        while True:
            found = self.read()
            if "event" in found:
                self.events.append(found)
            elif found.get("id") == self.number:
                return found

    def do(self, verb, **members):
        answer = self.ask(verb, **members)
        assert answer["ok"], answer
        return answer

    def refused(self, verb, **members):
        """The code of the refusal."""
        answer = self.ask(verb, **members)
        assert not answer["ok"], answer
        assert answer["error"]["text"]
        return answer["error"]["code"]

    def event(self, kind, **wanted):
        """The next event of that kind with those members; others before it are passed over."""
        while True:
            found = self.events.pop(0) if self.events else self.read()
            if found.get("event") == kind and all(found.get(k) == v for k, v in wanted.items()):
                return found

    def close(self):
        self.file.close()
        self.socket.close()


class Box:
    def __init__(self, state, book=None, config=CONFIG):
        self.state = str(state)
        self.databases = self.state + ("/disk" if "state_dir = {state}/disk" in config else "")
        self.socket_path = os.path.join(self.state, "control.sock")
        self.config = os.path.join(self.state, "tilld.conf")
        self.book = os.path.join(self.state, "book.jsonl")
        self.write_config(config.format(state=self.state))
        self.write_book(book or BOOK)
        self.scanners = [Scanner(os.path.join(self.state, f"scanner-{n}")) for n in (1, 2)]
        self.process = None
        self.wrapper = []
        self.bin = BIN

    def write_config(self, text):
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(text)

    def write_book(self, lines):
        with open(self.book, "w", encoding="utf-8") as f:
            f.writelines(json.dumps(line) + "\n" for line in lines)

    def tillctl(self, *words, check=True, **more):
        done = subprocess.run([os.path.join(self.bin, "tillctl"), "--config", self.config, *words], capture_output=True, text=True,
                              timeout=PATIENCE * 3, **more)
        assert not check or done.returncode == 0, (words, done.returncode, done.stdout, done.stderr)
        return done

    def start(self):
        """Starts tilld and waits until it answers."""
        self.log = open(os.path.join(self.state, "log"), "ab")
        self.process = subprocess.Popen([*self.wrapper, os.path.join(self.bin, "tilld"), "--config", self.config], stderr=self.log, stdout=self.log)
        client = wait_for(self.try_client, what=self.config)
        wait_for(lambda: client.do("status")["catalog"] or not os.path.exists(self.databases + "/catalog.db"), what="catalog")
        client.close()
        return self

    def try_client(self):
        """A client; None: nobody answers yet."""
        assert self.process.poll() is None, self.log_text()
        try:
            return self.client()
        except OSError:
            return None

    def log_text(self):
        with open(os.path.join(self.state, "log"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def client(self):
        return Client(self.socket_path)

    def subscriber(self, lane="*", **members):
        """A client that gets the lane's events, once the scanners that are plugged in are up."""
        client = self.client()
        client.do("subscribe", lane=lane, **members)
        plugged = sum(s.master is not None for s in self.scanners)
        wait_for(lambda: sum(s["state"] == "up" for lane in client.do("lanes")["lanes"] for s in lane["scanners"]) >= plugged, what=plugged)
        client.events.clear()
        return client

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def stop(self):
        """An orderly end; its exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
