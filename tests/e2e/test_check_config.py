"""tilld --check-config: every error with its place, or what would run; and nothing is touched."""

import json
import os
import re
import subprocess

import pytest

from box import PATIENCE, TILLD

BROKEN = """\
[daemon]
box = a-name-that-is-much-longer-than-24-bytes
stroe = S1
zone = Europe/Berlinn
log_level = lout

[lane 1]
chanel = store

[scaner front]
lane = 1

[scanner back]
lane = 7
device = ttyS0
baud = 9601
profile = honeywel

[template tag]
pattern = 22IIIIIPPPPPX
"""
WRONG = [(2, "24"), (3, "did you mean 'store'"), (1, "needs 'store'"), (4, "Europe/Berlinn"), (5, "error, warn, info, debug"),
         (8, "did you mean 'channel'"), (10, "did you mean 'scanner'"), (14, "'7' is unknown"), (15, "absolute"), (16, "9600"),
         (17, "did you mean 'honeywell'"), (20, "X")]


def check(config, *words, wrapper=()):
    return subprocess.run([*wrapper, TILLD, "--check-config", "--config", str(config), *words], capture_output=True, text=True,
                          timeout=PATIENCE, check=False, env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})


def test_every_error_is_told_with_its_place(tmp_path):
    config = tmp_path / "tilld.conf"
    config.write_text(BROKEN)
    done = check(config)
    assert done.returncode == 2 and not done.stdout
    for line, words in WRONG:
        assert any(said.startswith(f"{config}:{line}: ") and words in said for said in done.stderr.splitlines()), (line, words, done.stderr)
    assert len(done.stderr.splitlines()) == len(WRONG), done.stderr
    done = check(config, "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 2 and found["ok"] is False and done.stdout.count("\n") == 1
    assert sorted(e["line"] for e in found["errors"]) == sorted(line for line, _ in WRONG)
    assert all(e["file"] == str(config) for e in found["errors"])


def test_what_would_run(bare_box):
    done = check(bare_box.config)
    assert done.returncode == 0 and not done.stderr
    for words in ("nothing wrong", "box box-1, store S1, zone Europe/Berlin", "lane 1: channel store", "lane 2: channel store",
                  f"scanner front: lane 1, {bare_box.state}/scanner-1, tty generic-serial 9600 8N1, a scan ends with CR",
                  "template price-tag: 22IIIIIPPPPPC"):
        assert words in done.stdout
    found = json.loads(check(bare_box.config, "--json").stdout)
    assert found["ok"] and found["daemon"]["box"] == "box-1"
    assert [lane["name"] for lane in found["lane"]] == ["1", "2"]
    assert [(s["name"], s["lane"], s["suffix"], s["profile"]) for s in found["scanner"]] == [
        ("front", "1", "cr", "generic-serial"), ("back", "2", "cr", "generic-serial")]


def test_json_goes_with_check_config():
    done = subprocess.run([TILLD, "--json"], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2 and "--check-config" in done.stderr


def calls(path):
    """System calls of a trace, a line each, and what they returned."""
    with open(path, encoding="utf-8", errors="replace") as f:
        return [found.groups() for found in (re.match(r"(?:\d+ +)?(\w+)\((.*)\) += (-?\w+)", line) for line in f) if found]


@pytest.mark.parametrize("broken", [False, True])
def test_nothing_is_opened_for_writing(bare_box, broken):
    """Seen from the system's side: no file but for reading, no socket, no change of a folder."""
    if broken:
        bare_box.write_config(BROKEN)
    bare_box.scanners[0].plug()
    trace = os.path.join(bare_box.state, "..", "trace-" + os.path.basename(bare_box.state))
    before = sorted(os.listdir(bare_box.state))
    done = check(bare_box.config, wrapper=["strace", "-f", "-o", trace, "-e", "trace=%file,%network,ftruncate,fchmod,fchown,ioctl"])
    assert done.returncode == (2 if broken else 0), done.stderr
    made = calls(trace)
    os.unlink(trace)
    assert any(bare_box.config in arguments for name, arguments, _ in made if name == "openat")
    for name, arguments, result in made:
        if ".gcda" in arguments:  # the counts of a coverage build
            continue
        assert name not in ("socket", "connect", "bind", "mkdir", "unlink", "rename", "chmod", "creat", "ftruncate", "fchmod"), arguments
        if name in ("open", "openat") and not result.startswith("-"):
            assert "O_RDONLY" in arguments and "O_CREAT" not in arguments, arguments
            assert "scanner-" not in arguments and ".db" not in arguments, arguments
    assert sorted(os.listdir(bare_box.state)) == before
