/*
 * Price book files: JSON Lines, one record a line, the book first. A UTF-8 byte order mark and CRLF line
 * ends, as spreadsheets and Windows editors leave them, are accepted. A longer line than LINE_MAX is an
 * error, never cut.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "snapshot.h"

#define LINE_MAX	(1U << 20)
#define PROGRESS_UNSEEN (1U << 20) /* bytes between reports when the size is unknown: a pipe */

struct reader {
	const char *path; /* for errors */
	FILE *file;
	char *line; /* LINE_MAX + 1 bytes */
	size_t length;
	uint32_t number; /* of the line, from 1 */
	uint64_t done, all, next_report;
	unsigned exponent;
	bool book_seen;
	struct arena arena; /* of the record at hand */
};

/* The next line without its end. ERR_CLOSED after the last. */
static enum err next_line(struct reader *r, struct why *why)
{
	int c;

	r->length = 0;
	r->number++;
	while ((c = getc_unlocked(r->file)) != EOF && c != '\n') {
		if (r->length == LINE_MAX)
			return fail(why, ERR_LIMIT, "the line is longer than %u bytes", LINE_MAX);
		r->line[r->length++] = (char)c;
	}
	r->done += r->length + (c == '\n');
	if (c == EOF && ferror(r->file))
		return fail(why, ERR_IO, "cannot read: %s", strerror(errno));
	if (c == EOF && r->length == 0)
		return ERR_CLOSED;
	if (r->length > 0 && r->line[r->length - 1] == '\r')
		r->length--;
	if (r->number == 1 && r->length >= 3 && memcmp(r->line, "\xef\xbb\xbf", 3) == 0)
		memmove(r->line, r->line + 3, r->length -= 3);
	r->line[r->length] = '\0';
	return ERR_OK;
}

static bool is_blank(const struct reader *r)
{
	return strspn(r->line, " \t") == r->length;
}

/* Amounts can only be read once the currency is known, so the book comes first, and once. */
static enum err check_order(struct reader *r, const struct record *record, struct why *why)
{
	if (record->type == RECORD_BOOK && r->book_seen)
		return fail(why, ERR_EXISTS, "type: a price book has one record of type 'book'");
	if (record->type != RECORD_BOOK && !r->book_seen)
		return fail(why, ERR_STATE, "type: the first record must be the 'book', and this is a '%s'",
			    record_schema(record->type)->name);
	if (record->type == RECORD_BOOK) {
		r->book_seen = true;
		r->exponent = book_exponent(&record->as.book);
	}
	return ERR_OK;
}

static enum err read_record(struct reader *r, book_record_fn *fn, void *arg, struct why *why)
{
	struct record record;

	arena_reset(&r->arena);
	enum err e = record_parse_line(r->line, r->length, r->exponent, &r->arena, &record, why);
	if (!e)
		e = check_order(r, &record, why);
	return e ? e : fn(&record, r->number, arg, why);
}

static void report(struct reader *r, book_progress_fn *progress, void *arg)
{
	if (!progress || r->done < r->next_report)
		return;
	progress(r->done, r->all, arg);
	r->next_report = r->done + (r->all ? r->all / 100 + 1 : PROGRESS_UNSEEN);
}

static enum err read_lines(struct reader *r, book_record_fn *fn, book_progress_fn *progress, void *arg,
			   struct why *why)
{
	enum err e;

	while (!(e = next_line(r, why))) {
		if (!is_blank(r))
			e = read_record(r, fn, arg, why);
		if (e)
			break;
		report(r, progress, arg);
	}
	if (e && e != ERR_CLOSED) {
		why_prefix(why, "%s:%u: ", r->path, r->number);
		return e;
	}
	if (!r->book_seen)
		return fail(why, ERR_INVALID, "%s: no records; a price book begins with one of type 'book'",
			    r->path);
	if (progress)
		progress(r->done, r->all, arg);
	return ERR_OK;
}

static enum err open_file(struct reader *r, const char *path, struct why *why)
{
	struct stat st;

	r->path = strcmp(path, "-") == 0 ? "standard input" : path;
	r->file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	if (!r->file)
		return fail(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path, strerror(errno));
	if (fstat(fileno(r->file), &st) == 0 && S_ISREG(st.st_mode))
		r->all = (uint64_t)st.st_size;
	r->line = malloc(LINE_MAX + 1);
	return r->line ? ERR_OK : fail(why, ERR_MEMORY, "out of memory");
}

enum err book_read(const char *path, book_record_fn *fn, book_progress_fn *progress, void *arg,
		   struct why *why)
{
	struct reader r = {.arena = ARENA_EMPTY};
	enum err e = open_file(&r, path, why);

	if (!e)
		e = read_lines(&r, fn, progress, arg, why);
	if (r.file && r.file != stdin)
		fclose(r.file);
	free(r.line);
	arena_free(&r.arena);
	return e;
}

static enum err into_builder(const struct record *r, uint32_t line, void *arg, struct why *why)
{
	return builder_add(arg, r, line, why);
}

enum err book_load(const char *path, struct snapshot **out, struct why *why)
{
	struct builder *b;
	enum err e = builder_new(true, &b);

	if (e)
		return fail(why, e, "out of memory");
	e = book_read(path, into_builder, NULL, b, why);
	if (!e) {
		e = builder_finish(b, 0, out, why);
		if (e)
			why_prefix(why, "%s: ", path);
	}
	builder_free(b);
	return e;
}
