"""tillctl replay: the decisions of the ledger, taken again from what they stored."""

import json
import pathlib
import shutil
import sqlite3
import subprocess

import cbor2
import pytest

from box import TILLCTL, Box
from test_audit import sell

DATA = pathlib.Path(__file__).parent.parent / "data"
RELEASES = sorted(DATA.glob("ledger-*.sql"))


def replay(folder, *words):
    return subprocess.run([TILLCTL, "replay", "--state-dir", str(folder), *words], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory):
    """The ledger of each release, as this one's tilld has brought it up to date."""
    made = {}
    for release in RELEASES:
        box = Box(tmp_path_factory.mktemp(release.stem))
        db = sqlite3.connect(box.databases + "/ledger.db")
        db.executescript(release.read_text(encoding="utf-8"))
        db.close()
        assert box.start().stop() == 0
        made[release] = pathlib.Path(box.databases)
    return made


@pytest.fixture
def ledger(upgraded, tmp_path):
    """A copy of the newest one, to be changed."""
    for file in upgraded[RELEASES[-1]].glob("ledger.db*"):
        shutil.copy(file, tmp_path)
    return tmp_path


def change(folder, kind, wanted, alter):
    """Writes the first event of that kind whose body is wanted anew; its chain is not what replay looks at."""
    db = sqlite3.connect(folder / "ledger.db")
    for number, raw in db.execute("SELECT id, bytes FROM event ORDER BY id"):
        event = cbor2.loads(raw)
        if event[5] != kind:
            continue
        body = cbor2.loads(event[8])
        if wanted(body):
            alter(body)
            event[8] = cbor2.dumps(body, canonical=True)
            db.execute("UPDATE event SET bytes = ? WHERE id = ?", (cbor2.dumps(event, canonical=True), number))
            db.commit()
            db.close()
            return
    assert False, "there is no such event"


@pytest.mark.parametrize("release", RELEASES, ids=lambda p: p.stem)
def test_decisions_of_every_release_give_the_same_bytes(upgraded, release):
    done = replay(upgraded[release], "--all", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0 and found["ok"] and found["different"] == 0 and found["decisions"] >= 60, done


def with_discount(sale):
    return any(8 in line for line in sale[13])


def first_discounted(sale):
    return next(line for line in sale[13] if 8 in line)


@pytest.mark.parametrize("wanted,alter,at", [
    (with_discount, lambda s: first_discounted(s).__setitem__(6, first_discounted(s)[6] - 1), "].net"),
    (with_discount, lambda s: first_discounted(s)[8][0].__setitem__(2, first_discounted(s)[8][0][2] + 1), "].discounts[1].amount"),
    (lambda s: 14 in s, lambda s: s[14][0].__setitem__(2, s[14][0].get(2, 0) + 1), "promotions[1].amount"),
    (lambda s: 27 in s, lambda s: s[27][0].__setitem__(4, s[27][0].get(4, 0) + 1), "rewards[1].count"),
    (lambda s: True, lambda s: s[13][0].__setitem__(4, s[13][0][4] + 1), "lines[1].unit_price"),
    (lambda s: True, lambda s: s.__setitem__(19, s.get(19, 0) + 1), "tax"),
    (lambda s: True, lambda s: s.__setitem__(20, s[20] + 1), "total"),
    (lambda s: True, lambda s: s.__setitem__(22, bytes(32)), "result"),
    # The code of a coupon that applied to nothing is part of the decision: without it the coupon would be missing.
    (lambda s: 29 in s, lambda s: s.pop(29), "result"),
])
def test_the_first_field_that_differs_is_named(ledger, wanted, alter, at):
    change(ledger, 3, wanted, alter)
    done = replay(ledger, "--all", "--json")
    found = json.loads(done.stdout.splitlines()[0])
    assert done.returncode == 1 and found["at"].endswith(at) and found["stored"] != found["computed"], found
    assert found["order"] in done.stderr and found["at"] in done.stderr


def orders_kept(folder):
    """Orders of which nothing came back, oldest first."""
    db = sqlite3.connect(folder / "ledger.db")
    events = [cbor2.loads(raw) for (raw,) in db.execute("SELECT bytes FROM event ORDER BY id")]
    db.close()
    back = {cbor2.loads(e[8])[2] for e in events if e[5] in (4, 5)}
    sold = [cbor2.loads(e[8])[1] for e in events if e[5] == 3]
    return [order for order in sold if order not in back]


def test_every_difference_is_told(ledger):
    change(ledger, 2, lambda b: b[2] == 6 and cbor2.loads(b[3])[1] == "points",
           lambda b: b.__setitem__(3, cbor2.dumps({**cbor2.loads(b[3]), 2: "Punkte"}, canonical=True)))
    assert replay(ledger, "--all").returncode == 0  # a name is no part of a decision
    kept = orders_kept(ledger)[:2]
    for order in kept:
        change(ledger, 3, lambda s, order=order: s[1] == order, lambda s: s.__setitem__(20, s[20] + 1))
    done = replay(ledger, "--all", "--every")
    assert done.returncode == 1 and "different: 2 of " in done.stderr
    assert [line.split("'")[1] for line in done.stdout.splitlines()] == kept


def test_one_or_some_without_a_catalog(box, tmp_path):
    till = box.subscriber("1")
    for n in range(3):
        sell(box, till, f"o-{n}", "ann", coupon="TENOFF" if n == 1 else None)
    (tmp_path / "catalog.db").rename(tmp_path / "gone.db")
    assert "1 decision taken again" in replay(tmp_path, "o-1").stdout
    assert json.loads(replay(tmp_path, "--since", "2000-01-01", "--json").stdout)["decisions"] == 3
    assert json.loads(replay(tmp_path, "--since", "2999-01-01T00:00:00Z", "--json").stdout)["decisions"] == 0


@pytest.mark.parametrize("words,code,text", [
    (["o-9"], 1, "not_found: there is no order 'o-9'"),
    ([], 2, "say which: ORDER, --since TIME or --all"),
    (["o-1", "--all"], 2, "say which"),
    (["--since", "yesterday"], 2, "--since: 'yesterday' is no time"),
])
def test_what_is_asked_wrongly(ledger, words, code, text):
    done = replay(ledger, *words)
    assert done.returncode == code and text in done.stderr
