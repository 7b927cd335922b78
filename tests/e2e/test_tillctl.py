"""tillctl as people and scripts see it: exit codes, one line of JSON, tables that fit the terminal."""

import json
import os
import pty
import re
import select
import subprocess
import time

import pytest

from box import PATIENCE, TILLCTL, TILLD, wait_for

DONE, FAILED, USAGE, NO_DAEMON = 0, 1, 2, 3


def run(*words, **more):
    return subprocess.run([TILLCTL, *words], capture_output=True, text=True, timeout=PATIENCE, check=False, **more)


@pytest.mark.parametrize("words", [[], ["dance"], ["cart", "--lan", "1"], ["scan"], ["scan", "1", "--sku", "PEN"], ["qty", "1"],
                                   ["qty", "x", "1"], ["void"], ["void", "1", "2"], ["status", "--json=yes"], ["status", "--lane"],
                                   ["schema", "prise"], ["ledger", "burn", "--state-dir", "/tmp"], ["audit", "burn", "--state-dir", "/tmp"], ["status", "--config", "/none"]])
def test_wrong_use(words):
    done = run(*words)
    assert done.returncode == USAGE and (done.stderr.strip() or done.stdout.startswith("Usage"))


def test_help_comes_with_an_example_for_every_command():
    listed = run("help").stdout.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    assert len(listed) >= 20 and all(len(line) <= 80 for line in listed)
    for name in (line.split()[0] for line in listed if line[2] != " "):  # a long one has its text on the next line
        done = run(name, "--help")
        assert done.returncode == DONE and f"Usage: tillctl {name}" in done.stdout
        assert f"tillctl {name}" in done.stdout.split("Example:\n")[1] or "tillctl --lane" in done.stdout
        assert max(map(len, done.stdout.splitlines())) <= 110


def test_the_list_of_schemas_is_json_too():
    assert "promotion" in json.loads(run("schema", "--json").stdout)


@pytest.mark.parametrize("program", ["tilld", "tillctl", "tillhub", "till-sync", "lanesim"])
def test_every_program_says_its_version(program, tmp_path):
    path = os.path.join(os.path.dirname(TILLCTL), program)
    done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=PATIENCE, check=False, env={**os.environ, "TILL_SOCKET": str(tmp_path / "none")})
    assert done.returncode == DONE and done.stdout.startswith(f"{program} ")


def test_amounts_and_quantities_say_what_they_may_be(box):
    done = box.tillctl("tender", "cash=-5", "--lane", "1", check=False)
    assert "of 0 or more with at most 2 decimals" in done.stderr
    done = box.tillctl("scan", "--sku", "PEN", "--quantity", "0.3555555", "--lane", "1", check=False)
    assert "at most 6 places" in done.stderr


def test_no_folder(box):
    done = box.tillctl("import", box.book, "--state-dir", box.state + "/none", check=False)
    assert done.returncode == FAILED and "/none/catalog.db: its folder is not there: make it" in done.stderr


def test_no_daemon(tmp_path):
    done = run("status", "--socket", str(tmp_path / "none.sock"))
    assert done.returncode == NO_DAEMON and "none.sock" in done.stderr


def test_refusals_are_told_by_code(box):
    done = box.tillctl("scan", "4006381333948", "--lane", "1", check=False)
    assert done.returncode == FAILED and done.stderr.startswith("tillctl: unknown_code: ") and not done.stdout
    done = box.tillctl("scan", "96385074", "--lane", "1", check=False)
    assert "--sku TWIN1" in done.stderr and "--sku TWIN2" in done.stderr


def test_the_lane_may_be_left_out_when_there_is_one(box):
    done = box.tillctl("cart", check=False)
    assert done.returncode == USAGE and "1, 2" in done.stderr
    assert box.tillctl("scan", "--sku", "PEN", env={**os.environ, "TILL_LANE": "2"})
    assert box.client().do("cart", lane="2")["totals"]["total"] == "2.49"


def test_json_is_the_answer_as_it_is(box):
    done = box.tillctl("scan", "4006381333931", "--lane", "1", "--json")
    assert done.stdout.count("\n") == 1 and json.loads(done.stdout)["net"] == "2.49"
    done = box.tillctl("qty", "9", "1", "--lane", "1", "--json", check=False)
    assert done.returncode == FAILED and json.loads(done.stdout)["error"]["code"] == "unknown_line"


def on_terminal(columns, words):
    """What the command shows on a terminal of so many columns."""
    reader, terminal = pty.openpty()
    subprocess.run(["stty", "cols", str(columns)], stdin=terminal, check=True)
    process = subprocess.Popen([TILLCTL, *words], stdout=terminal, stderr=terminal, stdin=terminal)
    os.close(terminal)
    shown = b""
    try:
        while True:
            more = os.read(reader, 65536)
            if not more:
                break
            shown += more
    except OSError:  # the other end of the terminal is closed
        pass
    os.close(reader)
    assert process.wait(PATIENCE) == 0, shown
    return shown.decode().replace("\r\n", "\n")


def test_help_fits_the_terminal():
    for name in re.findall("^  ([a-z-]+)", run("help").stdout.split("Commands:\n")[1].split("\n\n")[0], re.M):
        shown = on_terminal(80, [name, "--help"]).split("\nExample:\n")[0]  # examples are to be copied
        assert max(map(len, shown.splitlines())) <= 80, shown
        plain = run(name, "--help").stdout.split("\nExample:\n")[0]
        assert shown.split() == plain.split()


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_tables_fit_the_terminal(box, columns):
    box.client().do("scan", lane="1", sku="PEN", quantity="3")
    for words in (["lanes"], ["cart", "--lane", "1"], ["explain", "--lane", "1"], ["ledger", "show"]):
        shown = on_terminal(columns, ["--config", box.config, *words])
        assert shown and all(len(line) <= columns for line in shown.splitlines()), shown


def test_a_receipt(box):
    client = box.client()
    client.do("scan", lane="1", sku="BAR", quantity="2")
    rows = [line.split() for line in box.tillctl("cart", "--lane", "1").stdout.splitlines()]
    assert ["1", "Bar", "2", "x", "1.00", "2.00"] in rows
    assert ["Two", "bars", "for", "one", "-1.00"] in rows
    assert ["Total", "EUR", "1.00"] in rows
    rows = [line.split() for line in box.tillctl("tender", "card=0.40", "cash=1", "--lane", "1").stdout.splitlines()]
    assert ["Tendered", "1.40"] in rows and ["Change", "0.40"] in rows


def test_what_is_weighed_has_its_unit_on_the_receipt(box):
    lines = [json.loads(line) for line in open(box.book, encoding="utf-8")]
    lines += [{"type": "item", "sku": "BRIE", "name": "Brie", "unit": "kg"}, {"type": "price", "list": "base", "sku": "BRIE", "price": "12.00"}]
    box.write_book(lines)
    box.tillctl("import", box.book)
    wait_for(lambda: box.tillctl("scan", "--sku", "BRIE", "--quantity", "0.5", "--lane", "1", check=False).returncode == DONE)
    assert "0.5 kg x 12.00       6.00" in box.tillctl("tender", "--lane", "1").stdout


def test_numbers_of_options_are_named(box):
    for words in (["coupon", "reserve", "TENOFF", "--minutes", "-5"], ["audit", "show", "--last", "0"], ["ledger", "show", "--last", "x"],
                  ["override", "set", "PEN", "--price", "1", "--reason", "x", "--minutes", "1.5"], ["events", "--last", "x"]):
        done = box.tillctl(*words, check=False)
        assert done.returncode == USAGE and done.stderr == f"tillctl: {words[-2]}: '{words[-1]}' is no number from 1 on\n"
    done = box.tillctl("coupon", "reserve", check=False)
    assert done.returncode == USAGE and "coupon reserve CODE" in done.stderr


def test_a_coupon_is_good_to_the_end_of_its_day(box):
    lines = [json.loads(line) for line in open(box.book, encoding="utf-8")]
    lines.append({"type": "coupon", "code": "XMAS", "promotion": "SAVE10", "to": "2099-12-24"})
    box.write_book(lines)
    box.tillctl("import", box.book)
    shown = wait_for(lambda: box.tillctl("coupon", "show", "XMAS", check=False).stdout)
    assert "valid to    2099-12-24 23:59\n" in shown  # on the store's clock, whatever its zone


class Listener:
    """A command that tells what happens, until it is ended."""

    def __init__(self, box, *words):
        self.process = subprocess.Popen([TILLCTL, "--config", box.config, *words], stdout=subprocess.PIPE)
        self.told = ""

    def until(self, text, poke=None):
        """What it has told, once that is among it. poke: what happens meanwhile, since who listens from when on nobody is told."""
        end = time.monotonic() + PATIENCE
        while text not in self.told:
            assert time.monotonic() < end, (text, self.told)
            if select.select([self.process.stdout], [], [], 0.1)[0]:
                self.told += os.read(self.process.stdout.fileno(), 65536).decode()
            elif poke:
                poke()
        return self.told

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def test_subscribe_tells_returns_and_what_discounts_leave(box):
    till = box.client()
    with Listener(box, "subscribe") as listener:
        listener.until("Pen", poke=lambda: till.do("scan", lane="2", sku="PEN"))
        till.do("scan", lane="1", sku="BAR", quantity="2")
        till.do("tender", lane="1", order="o-1")
        till.do("return", lane="1", order="o-1", return_id="R-1")
        told = listener.until("return R-1 of order o-1: 1.00 EUR paid out, 0.00 left of the payment\n")
        assert "2 x 1.00 = 2.00, with discounts 1.00, total 1.00\n" in told
        assert "lines: 1" in told and "paid, order o-1" in told


def test_a_price_that_a_lock_holds_says_so(box):
    till = box.client()
    till.do("scan", lane="1", sku="PEN")
    till.do("void", lane="1", cart=True)
    lines = [json.loads(line) for line in open(box.book, encoding="utf-8")]
    for line in lines:
        if line.get("sku") == "PEN" and line["type"] == "price":
            line["price"] = "3.00"
    box.write_book(lines)
    box.tillctl("import", box.book)
    shown = wait_for(lambda: box.tillctl("price", "--sku", "PEN", "--lane", "1").stdout, lambda text: "3.00" in text)
    assert "2.49 EUR a piece, as it was shown before\n" in shown
    assert "        3.00  before all else\n       -0.51  price lock: no more than was shown of late\n" in shown


def test_watch_tells_what_is_no_cart(box):
    till = box.client()
    till.do("scan", lane="1", sku="PEN")
    till.do("tender", lane="1", order="o-1")
    with Listener(box, "watch", "--lane", "1") as listener:
        listener.until("Bar", poke=lambda: till.do("scan", lane="1", sku="BAR"))
        box.tillctl("return", "o-1", "--lane", "1", "--id", "R-1")
        listener.until("lane 1      returned: of order o-1: 2.49 EUR paid out (return R-1)\n")
        box.tillctl("import", box.book)
        listener.until("\nbox         catalog: new prices")


def test_names_cannot_steer_the_terminal(bare_box):
    lines = [json.loads(line) for line in open(bare_box.book, encoding="utf-8")]
    for line in lines:
        if line.get("sku") == "PEN" and line["type"] == "item":
            line["name"] = "Pen \u001b[2J\u007f"
    bare_box.write_book(lines)
    done = bare_box.tillctl("import", bare_box.book, check=False)
    if done.returncode == FAILED:  # the book itself refuses such names: as good
        assert "name" in done.stderr
        return
    bare_box.start()
    assert "\x1b" not in bare_box.tillctl("scan", "--sku", "PEN", "--lane", "1").stdout


def test_a_second_daemon_is_refused(box):
    done = subprocess.run([TILLD, "--config", box.config], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1 and "ledger" in done.stderr or "another" in done.stderr
    assert box.client().do("status")["box"] == "box-1"


def test_tilld_says_where_its_configuration_goes():
    done = subprocess.run([TILLD, "--config", "/none/tilld.conf"], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2 and "/none/tilld.conf" in done.stderr
    for option in ("--help", "--version"):
        assert subprocess.run([TILLD, option], capture_output=True, timeout=PATIENCE, check=False).returncode == 0


def test_the_ledger_shows_its_newest(box):
    client = box.client()
    for number in range(3):
        client.do("scan", lane="1", sku="PEN")
        client.do("tender", lane="1", order=f"order-{number}")
    shown = [json.loads(line) for line in box.tillctl("ledger", "show", "--last", "2", "--json").stdout.splitlines()]
    assert [event["sale"]["order"] for event in shown] == ["order-1", "order-2"]
    everything = box.tillctl("ledger", "show", "--last", "1000", "--all", "--json").stdout.splitlines()
    assert [json.loads(line)["sequence"] for line in everything] == list(range(1, len(everything) + 1))
    assert box.tillctl("ledger", "verify").returncode == DONE
