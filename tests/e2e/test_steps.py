"""What the scripts of packaging/ show a person who waits: packaging/steps.sh on a terminal."""

import os
import pty
import re
import subprocess

STEPS = 30

SCRIPT = f"""
steps_total={STEPS + 1} steps_logs=$1
. "$TILL_SRC"/packaging/steps.sh
trap steps_stop_ticker EXIT
trap 'exit 130' INT TERM
for i in {{1..{STEPS}}}; do step "Short" true || exit; done
step "Wrong" sh -c 'echo oops; exit 3'
"""


def on_terminal(words):
    """What a command shows on a terminal, and its exit code."""
    master, slave = pty.openpty()
    with subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave) as process:
        os.close(slave)
        shown = b""
        try:
            while more := os.read(master, 65536):
                shown += more
        except OSError:  # the last one has closed the terminal
            pass
        os.close(master)
    return shown.decode(), process.returncode


def test_steps_show_nothing_but_steps(tmp_path):
    shown, code = on_terminal(["bash", "-c", SCRIPT, "steps", str(tmp_path)])
    lines = [line.rsplit("\r\x1b[K", 1)[-1] for line in shown.replace("\r\n", "\n").rstrip("\n").split("\n")]
    expected = [rf"\[ ?{n}/{STEPS + 1}\] Short  ok  \d+ s" for n in range(1, STEPS + 1)]
    expected += [rf"\[{STEPS + 1}/{STEPS + 1}\] Wrong  FAILED \(exit 3\)  \d+ s", "---- the end of .*", "    oops", "----"]
    assert code == 3 and len(lines) == len(expected), shown
    for line, pattern in zip(lines, expected):
        assert re.fullmatch(pattern, line), (line, pattern)
