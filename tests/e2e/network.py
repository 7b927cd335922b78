"""Where the two ends of a line are: on loopback, or each in a network namespace of its own, with the process that
breaks the line between them. No privilege is needed where user namespaces are allowed; else the tests are skipped."""

import ctypes
import os
import subprocess
from types import SimpleNamespace

import pytest

import small_disk

CLONE_NEWNET = 0x40000000  # unshare(2)

LOOPBACK = SimpleNamespace(hub_at="127.0.0.1", line_at="127.0.0.1", in_hub=[], in_box=[])


def ip(*words):
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no networks of our own here: ip {' '.join(words)}: {done.stderr.strip()}")


class Namespaces:
    """hub (10.77.1.2) -- this process (10.77.1.1, 10.77.2.1) -- box (10.77.2.2): each knows its neighbour alone."""

    hub_at, line_at = "10.77.1.2", "10.77.2.1"

    def __init__(self):
        small_disk.enter()
        small_disk.check(small_disk.libc.unshare(CLONE_NEWNET), "unshare")
        self.keepers = []  # a process each, for as long as the namespace is wanted
        self.in_hub = self.add("hub", "10.77.1.1", "10.77.1.2")
        self.in_box = self.add("box", "10.77.2.1", "10.77.2.2")
        ip("link", "set", "lo", "up")

    def add(self, name, ours, theirs):
        """Words before a program that has it run there."""
        keeper = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.keepers.append(keeper)
        keeper.stdin.write(b"there")
        keeper.stdin.flush()
        keeper.stdout.read(1)  # it is cat by now, and so in its namespace
        within = ["nsenter", f"--net=/proc/{keeper.pid}/ns/net"]
        ip("link", "add", f"to-{name}", "type", "veth", "peer", "name", "eth0", "netns", str(keeper.pid))
        ip("addr", "add", f"{ours}/24", "dev", f"to-{name}")
        ip("link", "set", f"to-{name}", "up")
        for words in (["addr", "add", f"{theirs}/24", "dev", "eth0"], ["link", "set", "eth0", "up"], ["link", "set", "lo", "up"]):
            subprocess.run([*within, "ip", *words], check=True)
        return within

    def close(self):
        for keeper in self.keepers:
            keeper.stdin.close()
            keeper.wait(20)
