"""From bytes on a serial line to a sale that outlives the power switch."""

import json

from box import check_digit


def test_scan_reaches_a_priced_line(box):
    till = box.subscriber("1")
    box.scanners[0].scan("4006381333931")
    line = till.event("line")
    assert (line["lane"], line["line"], line["sku"], line["name"]) == ("1", 1, "PEN", "Pen")
    assert (line["quantity"], line["unit_price"], line["net"]) == ("1", "2.49", "2.49")
    assert line["totals"]["total"] == "2.49"
    # 7 % contained in 2.49 is 2.49 * 7 / 107 = 0.1629
    assert line["totals"]["tax"] == "0.16"


def test_a_promotion_appears_with_the_second_piece(box):
    till = box.subscriber("1", hints=True)
    box.scanners[0].scan("4000417025005")
    first = till.event("line")
    assert first["totals"]["total"] == "1.00"
    assert [h["promotion"] for h in first["hints"]] == ["BOGO"] and first["hints"][0]["lacking"] == "1"
    box.scanners[0].scan("4000417025005")
    second = till.event("line")
    assert second["quantity"] == "2" and second["totals"]["discount"] == "1.00" and second["totals"]["total"] == "1.00"
    assert [(a["promotion"], a["amount"]) for a in second["changed"]["applied"]] == [("BOGO", "1.00")]


def test_a_price_tag_carries_its_price(box):
    till = box.subscriber("1")
    code = "221234500399"
    box.scanners[0].scan(code + str(check_digit(code)))
    line = till.event("line")
    assert (line["sku"], line["unit_price"], line["net"]) == ("HAM", "3.99", "3.99")


def test_two_lanes_do_not_mix(box):
    till = box.subscriber("*")
    box.scanners[0].scan("4006381333931")
    box.scanners[1].scan("4000417025005")
    skus = {(e["lane"], e["sku"]) for e in (till.event("line"), till.event("line"))}
    assert skus == {("1", "PEN"), ("2", "BAR")}


def test_a_tender_survives_kill_9_right_after_its_answer(box):
    till = box.subscriber("1")
    box.scanners[0].scan("4006381333931")
    till.event("line")
    receipt = till.do("tender", lane="1", method="cash", amount="5.00", order="order-77")
    box.kill()
    assert (receipt["total"], receipt["change"], receipt["repeated"]) == ("2.49", "2.51", False)

    shown = json.loads(box.tillctl("ledger", "show", "--order", "order-77", "--json").stdout)
    assert shown["kind"] == "sale" and shown["sale"]["total"] == "2.49"
    box.tillctl("ledger", "verify")

    # The POS did not see the answer and asks again: it gets the first sale, and nothing is sold twice.
    box.start()
    again = box.client().do("tender", lane="1", method="cash", amount="5.00", order="order-77")
    assert again["repeated"] is True
    assert all(again[k] == receipt[k] for k in ("order", "total", "tendered", "change", "segment", "sequence"))
    assert box.client().do("status")["ledger"]["segment"] == receipt["segment"] + 1
    box.tillctl("ledger", "verify")


def test_what_was_not_tendered_is_not_sold(box):
    till = box.subscriber("1")
    box.scanners[0].scan("4006381333931")
    till.event("line")
    box.kill()
    assert box.tillctl("ledger", "show", "--order", "order-1", check=False).returncode == 1
    box.start()
    assert box.client().do("status")["ledger"]["sales"] == 0


def test_a_cart_is_suspended_and_resumed_on_the_other_lane(box):
    till = box.subscriber("*")
    box.scanners[0].scan("4006381333931")
    till.event("line")
    cart = till.do("suspend", lane="1")["cart"]
    assert till.refused("tender", lane="1", method="cash") == "no_cart"
    resumed = till.do("resume", lane="2", cart=cart)
    assert resumed["totals"]["total"] == "2.49" and resumed["state"] == "open"
    assert till.do("tender", lane="2", method="card")["total"] == "2.49"


def test_customer_coupon_quantity_and_void(box):
    till = box.subscriber("1")
    till.do("scan", lane="1", code="4006381333931", quantity="4")
    till.do("customer", lane="1", customer="ann")
    with_coupon = till.do("coupon", lane="1", code="TENOFF")
    # 4 * 2.49 = 9.96, less 10 % (0.996, so 1.00) is 8.96
    assert with_coupon["totals"]["total"] == "8.96"
    assert till.do("qty", lane="1", line=1, quantity="2")["totals"]["total"] == "4.48"
    till.do("scan", lane="1", sku="BAR")
    assert till.do("void", lane="1", line=1)["totals"]["list"] == "1.00"
    assert till.do("void", lane="1", cart=True)["state"] == "idle"
    assert till.refused("cart", lane="1") == "no_cart"


def test_a_new_book_waits_for_the_next_cart(box):
    till = box.subscriber("*")
    till.do("scan", lane="1", sku="PEN")
    with open(box.book, encoding="utf-8") as f:
        dearer = f.read().replace('"2.49"', '"3.49"')
    with open(box.book, "w", encoding="utf-8") as f:
        f.write(dearer)
    box.tillctl("import", box.book)
    till.event("catalog")
    assert till.do("scan", lane="1", sku="PEN")["totals"]["total"] == "4.98"
    assert till.do("scan", lane="2", sku="PEN")["totals"]["total"] == "3.49"


def test_an_orderly_end(box):
    assert box.stop() == 0
    assert "Sanitizer" not in box.log_text()
