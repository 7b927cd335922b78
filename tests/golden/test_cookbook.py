"""docs/promotions.md is run: every section's promotion, put into the shop at the top of the page, prices its cart to its receipt.

A section (##) that has a `jsonl` block has one `json` block, the cart, and one `text` block, the receipt, letter by letter; it may have
several such triples. A section's records hold for that triple alone; a book record stands in for the shop's.
"""

import json
import os
import pathlib
import re
import subprocess

import pytest

TILLCTL = os.path.join(os.environ["TILL_BIN"], "bin", "tillctl")
PAGE = pathlib.Path(os.environ["TILL_SRC"]) / "docs" / "promotions.md"
BLOCK = re.compile(r"^```(jsonl|json|text)\n(.*?)^```$", re.M | re.S)


def sections():
    text = PAGE.read_text(encoding="utf-8")
    head, *parts = re.split(r"^## ", text, flags=re.M)
    shop = "".join(body for kind, body in BLOCK.findall(head) if kind == "jsonl")
    assert shop, "the page begins with the shop"
    for part in parts:
        blocks = BLOCK.findall(part)
        kinds = [kind for kind, _ in blocks]
        assert kinds == ["jsonl", "json", "text"] * (len(kinds) // 3), f"blocks of {part.splitlines()[0]}: {kinds}"
        for i in range(0, len(blocks), 3):
            name = part.splitlines()[0] + (f" {i // 3 + 1}" if len(blocks) > 3 else "")
            yield pytest.param(shop + blocks[i][1], blocks[i + 1][1], blocks[i + 2][1], id=name.replace(" ", "-"))


@pytest.mark.parametrize("book,cart,receipt", sections())
def test_example(book, cart, receipt, tmp_path):
    records = book.splitlines(keepends=True)
    heads = [line for line in records if json.loads(line)["type"] == "book"]
    records = heads[-1:] + [line for line in records if line not in heads]
    (tmp_path / "book.jsonl").write_text("".join(records), encoding="utf-8")
    (tmp_path / "cart.json").write_text(cart, encoding="utf-8")
    done = subprocess.run(
        [TILLCTL, "evaluate", "--book", tmp_path / "book.jsonl", "--cart", tmp_path / "cart.json", "--now", "2026-11-20T16:30:00Z"],
        capture_output=True, text=True, timeout=30, check=False, env={**os.environ, "COLUMNS": "72", "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, done.stderr
    assert done.stdout == receipt


def named(schema):
    """Words of enums, and members of what bounds a promotion, that the schema of promotions knows."""
    members = schema["properties"]
    gives = members["gives"]["items"]["properties"]
    for of, name in (gives, "kind"), (gives, "target"), (gives, "per"), (gives, "spread"), (members["margin"]["properties"], "on_breach"):
        yield from ((f'"{name}": "{word}"', of[name].get("default") == word) for word in of[name]["enum"])
    for name in "limits", "who", "where", "when", "margin":
        yield from ((f'"{member}": ', False) for member in members[name]["properties"])


def test_every_kind_is_there():
    """Each kind and target of gives, and all that limits whom, where, when and how often, has an example; what goes without saying needs none."""
    schema = json.loads((pathlib.Path(os.environ["TILL_SRC"]) / "docs" / "schemas" / "promotion.json").read_text(encoding="utf-8"))
    text = PAGE.read_text(encoding="utf-8")
    assert [word for word, default in named(schema) if word not in text and not default] == []
