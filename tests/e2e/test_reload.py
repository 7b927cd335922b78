"""A configuration changed while the lanes work: taken over whole or not at all, and said how."""

import json
import os
import signal
from datetime import datetime, timedelta, timezone

import pytest

from box import CONFIG, wait_for

PEN = "4006381333931"


@pytest.fixture
def edit(box):
    """Replaces text in the configuration file; each must be there."""

    def replace(*pairs):
        with open(box.config, encoding="utf-8") as f:
            text = f.read()
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new, 1)
        box.write_config(text)

    return replace


def lanes(box):
    return {lane["lane"]: {s["scanner"]: s for s in lane["scanners"]} for lane in box.client().do("lanes")["lanes"]}


def test_nothing_changed(box):
    answer = box.client().do("reload")
    assert (answer["changed"], answer["kept"], answer["restart_needed"]) == ([], [], [])
    assert "Nothing changed" in box.tillctl("reload").stdout


def test_a_scanner_that_stays_is_not_touched(box, edit):
    till = box.subscriber()
    box.scanners[0].send(PEN[:6].encode())  # half a scan: it would be lost if the port were opened anew
    edit((f"device = {box.state}/scanner-2\nsuffix = cr", f"device = {box.state}/scanner-2\nsuffix = lf"))
    answer = till.do("reload")
    assert answer["changed"] == ["[scanner back] suffix: 'lf', was 'cr'"]
    box.scanners[0].send(PEN[6:].encode() + b"\r")
    assert till.event("line", lane="1")["sku"] == "PEN"
    wait_until_up(box, "2", "back")
    box.scanners[1].send(PEN.encode() + b"\n")
    assert till.event("line", lane="2")["sku"] == "PEN"


def wait_until_up(box, lane, scanner):
    wait_for(lambda: lanes(box)[lane][scanner]["state"], lambda state: state == "up", what=scanner)


def test_scanners_come_and_go(box, edit):
    till = box.subscriber()
    edit((f"[scanner back]\nlane = 2\ntransport = tty\ndevice = {box.state}/scanner-2\nsuffix = cr\n",
          f"[scanner left]\nlane = 1\ntransport = tty\ndevice = {box.state}/scanner-2\nsuffix = cr\n"))
    answer = till.do("reload")
    assert sorted(answer["changed"]) == ["[scanner back] removed", "[scanner left] added"]
    assert till.event("scanner", scanner="back", lane="2")["state"] == "down"
    assert {name: set(found) for name, found in lanes(box).items()} == {"1": {"front", "left"}, "2": set()}
    box.scanners[1].scan(PEN)
    assert till.event("line")["lane"] == "1"


def test_a_scanner_moves_to_another_lane(box, edit):
    till = box.subscriber()
    edit(("[scanner back]\nlane = 2", "[scanner back]\nlane = 1"))
    assert till.do("reload")["changed"] == ["[scanner back] lane: '1', was '2'"]
    assert till.event("scanner", scanner="back", lane="2")["state"] == "down"
    assert till.event("scanner", scanner="back", lane="1")["state"] == "up"
    box.scanners[1].scan(PEN)
    assert till.event("line")["lane"] == "1"


def test_two_scanners_change_places(box, edit):
    till = box.subscriber()
    edit(("scanner-1", "scanner-x"), ("scanner-2", "scanner-1"), ("scanner-x", "scanner-2"))
    assert len(till.do("reload")["changed"]) == 2
    wait_until_up(box, "1", "front")
    wait_until_up(box, "2", "back")
    box.scanners[1].scan(PEN)
    assert till.event("line")["lane"] == "1"


def test_lanes_come_and_go(box, edit):
    till = box.client()
    till.do("subscribe", lane="2")
    edit(("[lane 2]\n", "[lane 3]\n"), ("[scanner back]\nlane = 2", "[scanner back]\nlane = 3"))
    answer = box.client().do("reload")
    assert {"[lane 2] removed", "[lane 3] added"} <= set(answer["changed"])
    assert box.client().refused("scan", lane="2", sku="PEN") == "unknown_lane"
    assert box.client().do("scan", lane="3", sku="PEN")["net"] == "2.49"
    edit(("[lane 3]\n", "[lane 2]\n[lane 3]\n"))
    box.client().do("reload")
    box.client().do("scan", lane="2", sku="PEN")
    assert till.event("line")["lane"] == "2", "who subscribed to the lane hears the one of that name again"


def test_a_lane_with_a_cart_stays(box, edit):
    client = box.client()
    client.do("scan", lane="2", sku="PEN")
    edit(("[lane 2]\n", ""), ("[scanner back]\nlane = 2", "[scanner back]\nlane = 1"))
    kept = client.do("reload")["kept"]
    assert len(kept) == 1 and "[lane 2]" in kept[0] and "open" in kept[0] and "void" in kept[0]
    assert client.do("tender", lane="2")["total"] == "2.49"
    answer = client.do("reload")
    assert answer["changed"] == ["[lane 2] removed"] and not answer["kept"]
    assert set(lanes(box)) == {"1"}


def test_a_suspended_cart_outlives_its_lane(box, edit):
    client = box.client()
    client.do("scan", lane="2", sku="PEN")
    cart = client.do("suspend", lane="2")["cart"]
    edit(("[lane 2]\n", ""), ("[scanner back]\nlane = 2", "[scanner back]\nlane = 1"))
    assert "[lane 2] removed" in client.do("reload")["changed"]
    assert client.do("lanes")["suspended"][0]["lane"] == "2"
    assert client.do("resume", lane="1", cart=cart)["totals"]["total"] == "2.49"
    assert client.do("tender", lane="1")["total"] == "2.49"


def test_a_channel_waits_for_the_cart(box, edit):
    client = box.client()
    client.do("scan", lane="1", sku="PEN")
    edit(("[lane 1]\n", "[lane 1]\nchannel = kiosk\n"))
    assert "[lane 1] channel store stays" in client.do("reload")["kept"][0]
    client.do("tender", lane="1")
    assert client.do("reload")["changed"] == ["[lane 1] channel: 'kiosk', was 'store'"]
    client.do("scan", lane="1", sku="PEN")
    client.do("tender", lane="1")
    assert '"channel":"kiosk"' in box.tillctl("ledger", "show", "--last", "1", "--json").stdout
    box.scanners[0].scan(PEN)
    assert box.subscriber("1").do("cart", lane="1")["lines"]


def test_a_language_does_not_wait_for_the_cart(box, edit):
    client = box.client()
    client.do("scan", lane="1", sku="PEN")
    edit(("[lane 1]\n", "[lane 1]\nlanguage = fr\n"))
    answer = client.do("reload")
    assert answer["changed"] == ["[lane 1] language: 'fr', was ''"] and not answer["kept"]


def test_templates_hold_for_the_next_scan(box, edit):
    client = box.client()
    assert client.do("scan", lane="1", code="2212345012343")["net"] == "12.34"
    edit(("22IIIIIPPPPPC", "22IIIIINNNNNC"))
    assert client.do("reload")["changed"] == ["[template price-tag] pattern: '22IIIIINNNNNC', was '22IIIIIPPPPPC'"]
    line = client.do("scan", lane="1", code="2212345012343")
    assert line["quantity"] == "1234" and line["net"] == "12327.66"


RESTART = [("store = S1", "store = S2", "store"), ("box = box-1", "box = box-2", "box"), ("Europe/Berlin", "America/New_York", "zone"),
           ("control.sock", "other.sock", "control_socket"), ("[lane 1]", "control_group = nobody\n[lane 1]", "control_group")]


@pytest.mark.parametrize("old,new,key", RESTART, ids=[key for _, _, key in RESTART])
def test_what_takes_a_restart_is_named_and_stays(box, edit, old, new, key):
    client = box.client()
    before = client.do("status")
    edit((old, new))
    for _ in range(2):  # and is named again as long as it differs
        answer = client.do("reload")
        assert not answer["changed"] and len(answer["restart_needed"]) == 1
        assert answer["restart_needed"][0].startswith(f"[daemon] {key}: ")
    after = client.do("status")
    assert (after["box"], after["store"]) == (before["box"], before["store"])
    assert "Takes a restart" in box.tillctl("reload", "--socket", box.socket_path).stdout


def test_the_log_level(box, edit):
    edit(("zone =", "log_level = debug\nzone ="))
    assert box.client().do("reload")["changed"] == ["[daemon] log_level: 'debug', was 'info'"]
    box.client().do("scan", lane="1", sku="PEN")
    assert "<7>tilld: lane 1:" in box.log_text()


@pytest.fixture
def soon(box):
    """A promotion that halves the pen's price, from a moment that is a second or two away."""
    begins = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(seconds=2)
    changes = os.path.join(box.state, "changes.jsonl")
    with open(changes, "w", encoding="utf-8") as f:
        json.dump({"type": "promotion", "id": "SOON", "name": "Half", "when": {"from": begins.isoformat().replace("+00:00", "Z")},
                   "gives": [{"kind": "percent", "percent": "50", "select": {"skus": ["PEN"]}}]}, f)
    box.tillctl("import", "--changes", changes)


def test_how_long_a_cart_keeps_its_moment(box, edit, soon):
    """For ten minutes, so the promotion that began meanwhile is not its; with 0ms, not at all."""
    client = box.client()
    assert client.do("scan", lane="1", sku="PEN")["totals"]["total"] == "2.49"
    cart = client.do("suspend", lane="1")["cart"]
    wait_for(lambda: client.do("price", lane="2", sku="PEN")["promotions"], what="the promotion")
    assert client.do("resume", lane="1", cart=cart)["totals"]["total"] == "2.49"
    client.do("suspend", lane="1")
    edit(("zone =", "repin_after = 0ms\nzone ="))
    assert client.do("reload")["changed"] == ["[daemon] repin_after: '0ms', was '10min'"]
    assert client.do("resume", lane="1", cart=cart)["totals"]["total"] == "1.24"  # 2.49 less 1.245, half away from zero


def test_every_error_is_told_and_nothing_changes(box, edit):
    client = box.client()
    before = lanes(box)
    edit(("[lane 2]\n", "[lane 3]\nchanel = x\n"), ("pattern = 22", "pattern = xx"))
    answer = client.ask("reload")
    assert answer["error"]["code"] == "bad_configuration"
    found = {(os.path.basename(e["file"]), e["line"]): e["text"] for e in answer["error"]["errors"]}
    assert len(found) == 3 and "did you mean 'channel'" in found["tilld.conf", 11]
    assert lanes(box) == before and client.do("scan", lane="2", sku="PEN")["net"] == "2.49"
    done = box.tillctl("reload", "--socket", box.socket_path, check=False)
    assert done.returncode == 1 and all(f"{box.config}:{line}: " in done.stderr for _, line in found)
    assert all(f"<3>tilld: reload: {box.config}:{line}: " in box.log_text() for _, line in found)


def test_a_configuration_that_is_gone(box):
    os.unlink(box.config)
    answer = box.client().ask("reload")
    assert not answer["ok"] and answer["error"]["errors"][0]["file"] == box.config
    assert box.client().do("version")


def test_too_many_lanes_beside_those_with_a_cart(box):
    client = box.client()
    client.do("scan", lane="2", sku="PEN")
    box.write_config(CONFIG.format(state=box.state).split("[lane 1]")[0] + "".join(f"[lane n{n}]\n" for n in range(64)))
    answer = client.ask("reload")
    assert answer["error"]["code"] == "not_reloaded" and "64" in answer["error"]["text"]
    assert set(lanes(box)) == {"1", "2"}
    client.do("void", lane="2", cart=True)
    assert client.do("reload") and len(lanes(box)) == 64


def test_many_reloads_at_once(box):
    """Who asks while one is under way gets the answer of the next; too many are told so. No signal is lost."""
    clients = [box.client() for _ in range(20)]
    for client in clients:
        client.send_raw(b'{"verb":"reload"}\n' * 5)
        box.process.send_signal(signal.SIGHUP)
    answers = [client.read() for client in clients for _ in range(5)]
    assert sum(a["ok"] for a in answers) >= 20
    assert {a["error"]["code"] for a in answers if not a["ok"]} <= {"not_reloaded"}
    with open(box.config, "a", encoding="utf-8") as f:
        f.write("[lane last]\n")
    box.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "last" in lanes(box), what="the last lane")


def test_the_end_does_not_wait_for_a_reload(box):
    for _ in range(5):
        client = box.client()
        client.send_raw(b'{"verb":"reload"}\n')
    assert box.stop() == 0
