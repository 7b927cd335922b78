"""tilld has no network socket: its descriptors show none, and it works where opening one would kill it."""

import os
import signal
import subprocess

from box import TILLCTL

NO_NETWORK = os.path.join(os.environ["TILL_BIN"], "bin", "no_network")


def open_things(pid):
    folder = f"/proc/{pid}/fd"
    found = []
    for fd in os.listdir(folder):
        try:
            found.append(os.readlink(os.path.join(folder, fd)))
        except FileNotFoundError:  # closed meanwhile
            pass
    return found


def unix_inodes(pid):
    with open(f"/proc/{pid}/net/unix", encoding="ascii") as f:
        return {line.split()[6] for line in f.readlines()[1:]}


def test_every_socket_is_a_unix_socket(box):
    till = box.subscriber("1")
    box.scanners[0].scan("4006381333931")
    till.event("line")
    till.do("tender", lane="1", method="cash")
    sockets = {name[8:-1] for name in open_things(box.process.pid) if name.startswith("socket:")}
    assert len(sockets) >= 2  # the listener and this client: or the test would prove nothing
    assert sockets <= unix_inodes(box.process.pid)


def test_it_works_where_a_network_socket_is_death(bare_box):
    bare_box.tillctl("import", bare_box.book)
    bare_box.scanners[0].plug()
    bare_box.wrapper = [NO_NETWORK]
    bare_box.start()
    till = bare_box.subscriber("1")
    bare_box.scanners[0].scan("4006381333931")
    assert till.event("line")["net"] == "2.49"
    assert till.do("tender", lane="1", method="cash")["total"] == "2.49"
    assert bare_box.stop() == 0


def test_the_filter_kills():
    """The filter above is real: a program that opens a network socket dies in it."""
    code = "import socket; socket.socket(socket.AF_INET)"
    done = subprocess.run([NO_NETWORK, "/usr/bin/python3", "-c", code], capture_output=True, check=False)
    assert done.returncode == -signal.SIGSYS
    assert subprocess.run([NO_NETWORK, TILLCTL, "--help"], capture_output=True, check=False).returncode == 0
