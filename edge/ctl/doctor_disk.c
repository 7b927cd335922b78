/*
 * The disk under the state directory, and memory. The bounds for room are those by which tilld itself warns
 * (ledger.h), so that both say the same.
 */
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "doctor.h"

#define LOW_BYTES      209715200 /* 200 MiB, or a tenth of a small disk */
#define CRITICAL_SHARE 5
#define INODES_LOW     1000
#define MEMORY_LOW_KIB 65536
#define FAT_MAGIC      0x4d44
#define EXFAT_MAGIC    0x2011bab0
#define CIFS_MAGIC     0xff534d42
#define SMB2_MAGIC     0xfe534d42
#define FUSE_MAGIC     0x65735546

static const char real_disk[] = "put state_dir on a local disk with ext4, xfs, btrfs or f2fs";

/* File systems that lose what an fsync promised, or do not have the locks that SQLite needs. */
static const struct {
	uint32_t magic;
	const char *name, *why;
} kinds[] = {
	{TMPFS_MAGIC, "tmpfs", "it is memory: a restart of the machine takes every sale with it"},
	{RAMFS_MAGIC, "ramfs", "it is memory: a restart of the machine takes every sale with it"},
	{OVERLAYFS_SUPER_MAGIC, "overlayfs", "it is a container's layer, and goes with the container"},
	{NFS_SUPER_MAGIC, "nfs", "its locks and syncs are those of another machine"},
	{CIFS_MAGIC, "cifs", "its locks and syncs are those of another machine"},
	{SMB2_MAGIC, "cifs", "its locks and syncs are those of another machine"},
	{V9FS_MAGIC, "9p", "its locks and syncs are those of another machine"},
	{FUSE_MAGIC, "fuse", "what an fsync is worth there is up to a program"},
	{FAT_MAGIC, "vfat", "it has no journal and no permissions"},
	{EXFAT_MAGIC, "exfat", "it has no journal and no permissions"},
};

static void look_at_kind(struct doctor *d, const char *folder)
{
	struct statfs s;

	if (statfs(folder, &s) != 0)
		return;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if ((uint32_t)s.f_type == kinds[i].magic)
			doctor_warn(d, "file system", real_disk, "%s is on %s: %s", folder, kinds[i].name,
				    kinds[i].why);
}

static void look_at_room(struct doctor *d, const char *folder, const struct statvfs *s)
{
	static const char make_room[] =
		"make room: 'du -xh / | sort -h | tail' shows what is large; the ledger itself "
		"may not be deleted";
	uint64_t free_bytes = (uint64_t)s->f_bavail * s->f_frsize,
		 low = (uint64_t)s->f_blocks * s->f_frsize / 10;

	if (low > LOW_BYTES)
		low = LOW_BYTES;
	if (free_bytes < low / CRITICAL_SHARE)
		doctor_fail(d, "room", make_room, "%s: %" PRIu64 " MiB are free", folder, free_bytes >> 20);
	else if (free_bytes < low)
		doctor_warn(d, "room", make_room, "%s: %" PRIu64 " MiB are free", folder, free_bytes >> 20);
	else
		doctor_ok(d, "room", "%s: %" PRIu64 " MiB are free", folder, free_bytes >> 20);
	if (s->f_files > 0 && s->f_favail < INODES_LOW) /* btrfs has no such number */
		doctor_fail(d, "inodes", "delete small files, such as old logs and caches",
			    "%s: room for %" PRIu64 " more files", folder, (uint64_t)s->f_favail);
}

void doctor_disk(struct doctor *d)
{
	const char *folder = d->ctl->state_dir;
	struct statvfs s;

	if (statvfs(folder, &s) != 0)
		return; /* that it is not there has been told */
	if (s.f_flag & ST_RDONLY)
		doctor_fail(d, "mount",
			    "see dmesg for errors of the disk; if there are none: mount -o remount,rw",
			    "%s is mounted read-only", folder);
	look_at_room(d, folder, &s);
	look_at_kind(d, folder);
}

void doctor_memory(struct doctor *d)
{
	FILE *f = fopen("/proc/meminfo", "re");
	unsigned long kib = 0;
	char line[128];

	while (f && kib == 0 && fgets(line, sizeof(line), f))
		if (strncmp(line, "MemAvailable:", strlen("MemAvailable:")) == 0)
			kib = strtoul(line + strlen("MemAvailable:"), NULL, 10);
	if (f)
		fclose(f);
	if (kib == 0)
		return;
	if (kib < MEMORY_LOW_KIB)
		doctor_warn(d, "",
			    "end what is not needed: 'ps axo rss,comm --sort -rss | head' shows who has it",
			    "%lu MiB are available; with 100,000 articles tilld wants 40", kib / 1024);
	else
		doctor_ok(d, "", "%lu MiB are available", kib / 1024);
}
