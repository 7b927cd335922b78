"""A box whose files are an older version's: the new programs are put in place and tilld is started, and that is all."""

import os
import sqlite3

OLD_CATALOG = os.path.join(os.path.dirname(__file__), "..", "data", "catalog-1.sql")


def put_old_catalog(box):
    db = sqlite3.connect(box.databases + "/catalog.db")
    with open(OLD_CATALOG, encoding="utf-8") as f:
        db.executescript(f.read())
    db.close()


def test_a_catalog_of_version_1(bare_box):
    put_old_catalog(bare_box)
    before = bare_box.tillctl("doctor", check=False).stdout
    assert "of version 1, not yet 4: tilld brings it up to date when it starts" in before
    till = bare_box.start().client()
    assert till.do("scan", lane="1", code="4006381333931")["unit_price"] == "2.49"
    assert "was an older version's, and was brought up to date" in bare_box.log_text()
    assert "not yet" not in bare_box.tillctl("doctor", check=False).stdout
    changes = bare_box.databases + "/changes.jsonl"
    with open(changes, "w", encoding="utf-8") as f:
        f.write('{"type":"price","list":"regular","sku":"PEN","price":"2.59"}\n')
    assert "is in force" in bare_box.tillctl("import", "--changes", changes).stdout
    assert till.do("price", lane="2", sku="PEN")["price"] == "2.59"  # on lane 1 the open cart keeps its price
