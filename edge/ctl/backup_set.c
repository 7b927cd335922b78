/*
 * The folder of a backup. See backup_set.h.
 */
#include "backup_set.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "screen.h"

#define MANIFEST	"manifest.json"
#define MANIFEST_FORMAT 1

const char *const backup_names[BACKUP_FILES] = {"catalog.db", "carts.db", "ledger.db"};

void backup_path(const struct backup_set *s, const char *name, char out[BACKUP_PATH_MAX])
{
	snprintf(out, BACKUP_PATH_MAX, "%s/%s", s->folder, name);
}

enum err backup_verify_ledger(struct backup_set *s, struct why *why)
{
	char path[BACKUP_PATH_MAX];
	struct ledger_reader *r;
	enum err e;

	backup_path(s, "ledger.db", path);
	e = ledger_reader_open(path, &r, why);
	if (e)
		return e;
	e = ledger_verify(r, &s->ledger, why);
	ledger_reader_close(r);
	return e;
}

enum err backup_measure(const struct backup_set *s, struct backup_file *f, struct why *why)
{
	char path[BACKUP_PATH_MAX];
	struct stat st;
	enum err e = ERR_OK;
	int fd;

	backup_path(s, f->name, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0 || digest_of_file(fd, &f->digest) != ERR_OK)
		e = fail(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path, strerror(errno));
	else
		f->bytes = st.st_size;
	if (fd >= 0)
		close(fd);
	return e;
}

static json_t *files_json(const struct backup_set *s)
{
	json_t *files = json_array();

	for (size_t i = 0; i < s->count; i++) {
		char hex[DIGEST_HEX_SIZE];

		digest_hex(&s->files[i].digest, hex);
		json_array_append_new(files, json_pack("{s:s, s:I, s:s}", "name", s->files[i].name, "bytes",
						       (json_int_t)s->files[i].bytes, "sha256", hex));
	}
	return files;
}

static json_t *set_json(const struct backup_set *s)
{
	const struct ledger_verdict *l = &s->ledger;
	char hex[DIGEST_HEX_SIZE];

	digest_hex(&l->at.hash, hex);
	return json_pack("{s:i, s:s, s:s, s:{s:s, s:I, s:I, s:I, s:s}, s:o}", "format", MANIFEST_FORMAT,
			 "program", "tillctl " TILL_VERSION, "at", s->at, "ledger", "box", l->box, "events",
			 (json_int_t)l->events, "segment", (json_int_t)l->at.segment, "sequence",
			 (json_int_t)l->at.sequence, "hash", hex, "files", files_json(s));
}

static bool sync_path(const char *path, int flags)
{
	int fd = open(path, flags | O_RDONLY | O_CLOEXEC);
	bool synced = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return synced;
}

enum err backup_write_manifest(const struct backup_set *s, struct why *why)
{
	char path[BACKUP_PATH_MAX];
	json_t *json = set_json(s);
	bool written;

	backup_path(s, MANIFEST, path);
	written = json_dump_file(json, path, JSON_INDENT(2)) == 0 && sync_path(path, 0) &&
		  sync_path(s->folder, O_DIRECTORY);
	json_decref(json);
	return written ? ERR_OK : fail(why, ERR_IO, "%s: %s", path, strerror(errno));
}

static const char *known_name(const char *name)
{
	for (size_t i = 0; i < BACKUP_FILES; i++)
		if (strcmp(backup_names[i], name) == 0)
			return backup_names[i];
	return NULL;
}

static bool is_taken(const struct backup_set *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->files[i].name == name)
			return true;
	return false;
}

/* The file as it is must be the file as the manifest has it. Each there is is named once, so there is room.
 */
static enum err take_file(struct backup_set *s, const json_t *json, struct why *why)
{
	struct backup_file f = {.name = known_name(text_of(json, "name"))};
	char hex[DIGEST_HEX_SIZE];
	enum err e;

	if (!f.name)
		return fail(why, ERR_INVALID, "%s/" MANIFEST ": file '%.64s' is none of tilld's", s->folder,
			    text_of(json, "name"));
	if (is_taken(s, f.name))
		return fail(why, ERR_INVALID, "%s/" MANIFEST ": '%s' is named twice", s->folder, f.name);
	e = backup_measure(s, &f, why);
	if (e)
		return e;
	digest_hex(&f.digest, hex);
	if (f.bytes != int_of(json, "bytes") || strcmp(hex, text_of(json, "sha256")) != 0)
		return fail(why, ERR_CORRUPT,
			    "%s/%s: damaged: it is not what the manifest says; use another backup", s->folder,
			    f.name);
	s->files[s->count++] = f;
	return ERR_OK;
}

static enum err take_manifest(struct backup_set *s, const json_t *json, struct why *why)
{
	const json_t *file;
	size_t i;

	if (int_of(json, "format") != MANIFEST_FORMAT)
		return fail(why, ERR_NEWER, "%s/" MANIFEST ": of format %lld, this program knows %d",
			    s->folder, int_of(json, "format"), MANIFEST_FORMAT);
	snprintf(s->at, sizeof(s->at), "%s", text_of(json, "at"));
	json_array_foreach (json_object_get(json, "files"), i, file) {
		enum err e = take_file(s, file, why);

		if (e)
			return e;
	}
	return s->count > 0 ? ERR_OK : fail(why, ERR_INVALID, "%s/" MANIFEST ": names no files", s->folder);
}

enum err backup_read(const char *folder, struct backup_set *out, struct why *why)
{
	char path[BACKUP_PATH_MAX];
	json_error_t error;
	json_t *json;
	enum err e;

	*out = (struct backup_set){0};
	if (snprintf(out->folder, sizeof(out->folder), "%s", folder) >= (int)sizeof(out->folder))
		return fail(why, ERR_LIMIT, "a folder's name has at most %zu bytes", sizeof(out->folder) - 1);
	backup_path(out, MANIFEST, path);
	if (access(path, R_OK) != 0)
		return fail(why, ERR_NOT_FOUND, "%s: no (whole) backup: %s: %s", folder, path,
			    strerror(errno));
	json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	e = json ? take_manifest(out, json, why)
		 : fail(why, ERR_INVALID, "%s:%d: %s", path, error.line, error.text);
	json_decref(json);
	return e;
}

void backup_show_progress(int64_t done, int64_t all, void *name)
{
	if (all > 0)
		fprintf(stderr, "\r%s: %3d %%\033[K", (const char *)name, (int)(done * 100 / all));
}

void backup_wipe_progress(void)
{
	fputs("\r\033[K", stderr);
}

void backup_print(const struct backup_set *s, const char *headline)
{
	static const char *const headers[] = {"<FILE", ">BYTES"};
	struct table *t = table_new(headers, 2);

	puts(headline);
	for (size_t i = 0; i < s->count; i++) {
		table_cell(t, s->files[i].name);
		table_cell_int(t, s->files[i].bytes);
	}
	table_print(t);
	printf("Box %s, %" PRId64 " events, the newest %" PRId64 "/%" PRId64 "; made %s\n", s->ledger.box,
	       s->ledger.events, s->ledger.at.segment, s->ledger.at.sequence, s->at);
}

void backup_print_json(const struct backup_set *s, const char *name, const char *value)
{
	json_t *json = set_json(s);

	json_object_set_new(json, "ok", json_true());
	json_object_set_new(json, "folder", json_string(s->folder));
	if (name)
		json_object_set_new(json, name, value ? json_string(value) : json_null());
	ctl_print(json);
}
