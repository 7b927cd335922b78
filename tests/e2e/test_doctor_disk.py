"""tillctl doctor and the disk under the databases: of what kind it is, and how full."""

import os

import pytest

import small_disk
from test_doctor import doctor, one

MIB = 1 << 20


@pytest.fixture
def disk(tmp_path):
    folder = str(tmp_path / "disk")
    small_disk.mount(folder, 40 * MIB)
    yield folder
    small_disk.unmount(folder)


def test_memory_is_no_disk(bare_box, disk):
    found = doctor(bare_box, "--state-dir", disk)
    one(found, "warn", "disk", "^file system: .*tmpfs", "ext4")
    one(found, "ok", "disk", "^room: .* (39|40) MiB are free")


@pytest.mark.parametrize("free,verdict", [(3 * MIB, "warn"), (MIB // 2, "fail")])
def test_little_room(bare_box, disk, free, verdict):
    """A tenth of it, 4 MiB, is low; a fifth of that, 0.8 MiB, too little."""
    with open(disk + "/ballast", "wb") as f:
        os.posix_fallocate(f.fileno(), 0, os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize - free)
    one(doctor(bare_box, "--state-dir", disk), verdict, "disk", "^room: ", "make room")


def test_no_inodes(bare_box, disk):
    small_disk.check(small_disk.libc.mount(b"tmpfs", os.fsencode(disk), b"tmpfs", 32, b"nr_inodes=100"), "remount")  # MS_REMOUNT
    one(doctor(bare_box, "--state-dir", disk), "fail", "disk", "^inodes: ", "small files")


def test_mounted_read_only(bare_box, disk):
    small_disk.check(small_disk.libc.mount(b"tmpfs", os.fsencode(disk), b"tmpfs", 32 | 1, None), "remount")  # MS_REMOUNT | MS_RDONLY
    one(doctor(bare_box, "--state-dir", disk), "fail", "disk", "^mount: .*read-only", "remount,rw")
