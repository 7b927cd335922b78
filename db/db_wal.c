/*
 * Checkpoints, and who holds them up. See db.h.
 *
 * SQLite's own automatic checkpoint passes over its errors. The ledger must not: a sync that failed is never
 * tried again, there as little as in a commit.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db.h"

/* Bytes of PATH-shm that a reader locks while it uses a state of its own (sqlite.org/walformat.html, 2.3). */
#define READ_LOCK_FIRST 123
#define READ_LOCK_LAST	127
#define READERS_MAX	4

void db_checkpoint(struct db *db)
{
	sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

enum err db_move_wal(struct db *db, bool empty, int64_t *left, struct why *why)
{
	int mode = empty ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
	int in_wal = 0, moved = 0, rc;

	*left = 0;
	sqlite3_busy_timeout(db->handle, 0); /* a reader is not waited for */
	rc = sqlite3_wal_checkpoint_v2(db->handle, "main", mode, &in_wal, &moved);
	sqlite3_busy_timeout(db->handle, DB_BUSY_TIMEOUT_MS);
	if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_BUSY && (rc & 0xff) != SQLITE_LOCKED)
		return db_failed(db, rc, "moving the WAL into it", why);
	*left = in_wal > moved ? in_wal - moved : 0;
	return ERR_OK;
}

int64_t db_wal_bytes(const struct db *db)
{
	char file[DB_PATH_MAX + 8];
	struct stat st;

	snprintf(file, sizeof(file), "%s-wal", db->path);
	return stat(file, &st) == 0 ? (int64_t)st.st_size : 0;
}

void db_abandon(struct db *db)
{
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

/* A line of /proc/locks (proc_locks(5)): "1: POSIX  ADVISORY  READ 4711 08:01:1234 124 124". */
static long lock_holder(const char *line, unsigned long inode)
{
	unsigned long at;
	long pid;
	int first, last;

	/* NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers, which fit */
	if (sscanf(line, "%*d: POSIX %*s READ %ld %*x:%*x:%lu %d %d", &pid, &at, &first, &last) != 4)
		return 0;
	return at == inode && first >= READ_LOCK_FIRST && last <= READ_LOCK_LAST ? pid : 0;
}

static void add_reader(long pid, char *out, size_t size)
{
	char path[64], name[32] = "";
	size_t n = strlen(out);
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	f = fopen(path, "re");
	if (f) {
		if (fgets(name, sizeof(name), f))
			name[strcspn(name, "\n")] = '\0';
		fclose(f);
	}
	snprintf(out + n, size - n, "%s%s (%ld)", n ? ", " : "", name[0] ? name : "process", pid);
}

void db_wal_readers(const struct db *db, char *out, size_t size)
{
	char file[DB_PATH_MAX + 8], line[256];
	struct stat st;
	unsigned found = 0;
	FILE *f;

	out[0] = '\0';
	snprintf(file, sizeof(file), "%s-shm", db->path);
	if (stat(file, &st) != 0)
		return;
	f = fopen("/proc/locks", "re");
	while (f && found < READERS_MAX && fgets(line, sizeof(line), f)) {
		long pid = lock_holder(line, st.st_ino);

		if (pid <= 0 || pid == (long)getpid())
			continue;
		add_reader(pid, out, size);
		found++;
	}
	if (f)
		fclose(f);
}
