/*
 * Price book files, and files of changes: JSON Lines, one record a line, the book first. A UTF-8 byte order
 * mark and CRLF line ends, as spreadsheets and Windows editors leave them, are accepted. A longer line than
 * LINE_MAX is an error, never cut.
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
	bool records_seen, book_seen;
	struct arena arena;	   /* of the record at hand */
	book_record_fn *record_fn; /* of a book, or ... */
	book_change_fn *change_fn; /* ... of changes */
	book_progress_fn *progress;
	void *arg;
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

static enum err read_record(struct reader *r, struct why *why)
{
	struct record record;
	enum err e = record_parse_line(r->line, r->length, r->exponent, &r->arena, &record, why);

	if (!e)
		e = check_order(r, &record, why);
	return e ? e : r->record_fn(&record, r->number, r->arg, why);
}

static enum err read_change(struct reader *r, struct why *why)
{
	struct change change;
	enum err e = change_parse_line(r->line, r->length, r->exponent, &r->arena, &change, why);

	if (!e && change.record.type == RECORD_BOOK && r->records_seen)
		e = fail(why, ERR_STATE,
			 "type: the 'book' can only be the first record of a file of changes");
	return e ? e : r->change_fn(&change, r->number, r->arg, why);
}

static enum err read_line(struct reader *r, struct why *why)
{
	enum err e;

	if (is_blank(r))
		return ERR_OK;
	arena_reset(&r->arena);
	e = r->change_fn ? read_change(r, why) : read_record(r, why);
	r->records_seen = true;
	return e;
}

static void report(struct reader *r)
{
	if (!r->progress || r->done < r->next_report)
		return;
	r->progress(r->done, r->all, r->arg);
	r->next_report = r->done + (r->all ? r->all / 100 + 1 : PROGRESS_UNSEEN);
}

static enum err read_lines(struct reader *r, struct why *why)
{
	enum err e;

	while (!(e = next_line(r, why))) {
		e = read_line(r, why);
		if (e)
			break;
		report(r);
	}
	if (e && e != ERR_CLOSED) {
		why_prefix(why, "%s:%u: ", r->path, r->number);
		return e;
	}
	if (r->record_fn && !r->book_seen)
		return fail(why, ERR_INVALID, "%s: no records; a price book begins with one of type 'book'",
			    r->path);
	if (r->progress)
		r->progress(r->done, r->all, r->arg);
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

static enum err read_file(struct reader *r, const char *path, struct why *why)
{
	enum err e = open_file(r, path, why);

	if (!e)
		e = read_lines(r, why);
	if (r->file && r->file != stdin)
		fclose(r->file);
	free(r->line);
	arena_free(&r->arena);
	return e;
}

enum err book_read(const char *path, book_record_fn *fn, book_progress_fn *progress, void *arg,
		   struct why *why)
{
	struct reader r = {.record_fn = fn, .progress = progress, .arg = arg};

	return read_file(&r, path, why);
}

enum err book_read_changes(const char *path, unsigned exponent, book_change_fn *fn,
			   book_progress_fn *progress, void *arg, struct why *why)
{
	struct reader r = {.exponent = exponent, .change_fn = fn, .progress = progress, .arg = arg};

	return read_file(&r, path, why);
}

static enum err into_builder(const struct record *r, uint32_t line, void *arg, struct why *why)
{
	return builder_add(arg, r, line, why);
}

/* "line 12: ..." of the builder becomes what readers of lines say, so that editors find it. */
void book_blame(const char *path, struct why *why)
{
	static const char said[] = "line ";
	char *end = why->text;
	unsigned long line = 0;

	if (strncmp(why->text, said, sizeof(said) - 1) == 0)
		line = strtoul(why->text + sizeof(said) - 1, &end, 10);
	if (line == 0 || strncmp(end, ": ", 2) != 0) {
		why_prefix(why, "%s: ", path);
		return;
	}
	memmove(why->text, end + 2, strlen(end + 2) + 1);
	why_prefix(why, "%s:%lu: ", path, line);
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
			book_blame(path, why);
	}
	builder_free(b);
	return e;
}
