"""A disk of a few MiB: a tmpfs in a mount namespace of this process's own. No privilege is needed where user
namespaces are allowed; where they are not, the tests that want one are skipped."""

import ctypes
import os

import pytest

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000  # unshare(2)
MS_REC, MS_PRIVATE = 0x4000, 0x40000  # mount(2)
libc = ctypes.CDLL(None, use_errno=True)
entered = False


def check(result, what):
    if result != 0:
        pytest.skip(f"no disk of our own here: {what}: {os.strerror(ctypes.get_errno())}")


def write(path, text):
    with open(path, "w", encoding="ascii") as f:
        f.write(text)


def enter():
    """A namespace in which this process may mount: for good, and for the programs that it starts."""
    global entered
    if entered:
        return
    user, group = os.getuid(), os.getgid()
    check(libc.unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare")
    write("/proc/self/setgroups", "deny")
    write("/proc/self/uid_map", f"0 {user} 1")
    write("/proc/self/gid_map", f"0 {group} 1")
    check(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "mount")
    entered = True


def mount(folder, size):
    """Puts an empty disk of that many bytes in the place of the folder."""
    enter()
    os.makedirs(folder, exist_ok=True)
    check(libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, f"size={size},mode=2775".encode()), "mount")


def unmount(folder):
    libc.umount2(os.fsencode(folder), 2)  # MNT_DETACH


def fill(path):
    """Takes all the room that is left; removing the file gives it back."""
    with open(path, "wb", buffering=0) as f:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    f.write(bytes(size))
            except OSError:
                pass
