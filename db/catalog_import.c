/*
 * A price book into catalog.db: read, checked and stored line by line in one transaction. See
 * catalog_store.h.
 */
#include "catalog_hold.h"

#include <string.h>

struct import {
	struct catalog_store *store;
	struct builder *builder; /* checks what needs more than one record */
	uint64_t counts[RECORD_TYPES];
	book_progress_fn *progress;
	void *arg;
};

static void tell(uint64_t done, uint64_t all, void *arg)
{
	const struct import *in = arg;

	in->progress(done, all, in->arg);
}

static enum err take(const struct record *r, uint32_t line, void *arg, struct why *why)
{
	struct import *in = arg;
	enum err e = builder_add(in->builder, r, line, why);

	if (!e)
		e = catalog_store_put(in->store, r, why);
	if (!e)
		in->counts[r->type]++;
	return e;
}

static enum err read_and_check(struct import *in, const char *book, struct why *why)
{
	struct snapshot *checked;
	enum err e = book_read(book, take, in->progress ? tell : NULL, in, why);

	if (e)
		return e;
	e = builder_finish(in->builder, 1, &checked, why);
	if (e) {
		book_blame(book, why);
		return e;
	}
	snapshot_unref(checked);
	return ERR_OK;
}

static enum err run(struct import *in, const char *book, uint64_t *version, struct why *why)
{
	enum err e = catalog_store_begin(in->store, true, why);

	if (e)
		return e;
	e = read_and_check(in, book, why);
	if (!e)
		e = catalog_make_costs(in->store, why);
	if (!e)
		e = hold_changes(in->store, why);
	if (!e)
		return catalog_store_commit(in->store, version, why);
	catalog_store_rollback(in->store);
	return e;
}

enum err catalog_import(const char *path, const char *book, const struct catalog_note *note,
			book_progress_fn *progress, void *arg, uint64_t *version,
			uint64_t counts[RECORD_TYPES], struct why *why)
{
	struct import in = {.progress = progress, .arg = arg};
	enum err e = catalog_store_open_writer(path, &in.store, why);

	if (e)
		return e;
	catalog_store_note(in.store, note);
	e = builder_new(false, &in.builder);
	if (e)
		e = fail(why, e, "%s: out of memory", book);
	else
		e = run(&in, book, version, why);
	builder_free(in.builder);
	catalog_store_close(in.store);
	if (!e && counts)
		memcpy(counts, in.counts, sizeof(in.counts));
	return e;
}
