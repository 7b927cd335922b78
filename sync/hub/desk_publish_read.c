/*
 * Reading what is to be published: a price book, or changes, as records. See desk_parts.h.
 */
#include <stdlib.h>
#include <string.h>

#include "book_features.h"
#include "desk_parts.h"

enum err publishing_no_memory(struct why *why)
{
	return fail(why, ERR_MEMORY, "out of memory");
}

static enum err make_room(struct publishing *p, struct why *why)
{
	size_t size = p->size ? p->size * 2 : 256;
	struct state_put *puts;

	if (p->count < p->size)
		return ERR_OK;
	puts = realloc(p->puts, size * sizeof(*puts));
	if (!puts)
		return publishing_no_memory(why);
	p->puts = puts;
	p->size = size;
	return ERR_OK;
}

enum err publishing_encode(struct publishing *p, const struct record *r, struct bytes *out, struct why *why)
{
	enum err e;

	buf_cut(&p->buf, 0);
	e = record_encode(r, &p->buf);
	if (e)
		return fail(why, e, "the record cannot be encoded");
	out->length = buf_length(&p->buf);
	out->at = (const uint8_t *)arena_text(&p->arena, (const char *)buf_front(&p->buf), out->length);
	return out->at ? ERR_OK : publishing_no_memory(why);
}

enum err publishing_add(struct publishing *p, const struct record *r, bool removed, struct why *why)
{
	struct state_put *put;
	enum err e = make_room(p, why);

	if (e)
		return e;
	put = &p->puts[p->count];
	*put = (struct state_put){.type = r->type, .key = record_key(r, &p->arena)};
	if (!put->key)
		return publishing_no_memory(why);
	if (!removed) {
		p->features |= record_features(r);
		e = publishing_encode(p, r, &put->cbor, why);
	}
	p->count += !e;
	return e;
}

/* Whole books go through the builder as they are read, so that what is wrong is told with its line. */
struct reading {
	struct publishing *p;
	struct builder *builder;
};

static enum err take_record(const struct record *r, uint32_t line, void *arg, struct why *why)
{
	struct reading *in = arg;
	enum err e = builder_add(in->builder, r, line, why);

	if (!e && r->type == RECORD_BOOK)
		memcpy(in->p->currency, r->as.book.currency, 3);
	return e ? e : publishing_add(in->p, r, false, why);
}

static enum err read_book(struct publishing *p, struct why *why)
{
	struct reading in = {.p = p};
	struct snapshot *made = NULL;
	enum err e = builder_new(false, &in.builder);

	if (e)
		return publishing_no_memory(why);
	e = book_read(p->in->path, take_record, NULL, &in, why);
	if (!e) {
		e = builder_finish(in.builder, 1, &made, why);
		if (e)
			book_blame(p->in->path, why);
	}
	builder_free(in.builder);
	if (!e && p->in->store_count == 0)
		p->next = made;
	else
		snapshot_unref(made);
	return e;
}

static enum err take_change(const struct change *c, uint32_t line, void *arg, struct why *why)
{
	struct publishing *p = arg;

	(void)line;
	if (!c->removed && c->record.type == RECORD_BOOK &&
	    strcmp(c->record.as.book.currency, p->currency) != 0)
		return fail(why, ERR_INVALID,
			    "currency: the book is in %s, and a change cannot turn its prices into %s",
			    p->currency, c->record.as.book.currency);
	return publishing_add(p, &c->record, c->removed, why);
}

static enum err read_changes(struct publishing *p, struct why *why)
{
	const char *store = p->in->store_count > 0 ? p->in->stores[0] : "";
	struct state_catalog catalog;
	unsigned exponent = 0;
	enum err e = state_catalog(p->d->state, store, &catalog, why);

	if (e)
		return e;
	if (catalog.version == 0 || currency_exponent(catalog.currency, &exponent))
		return fail(why, ERR_NOT_FOUND,
			    "there is no book yet that could be changed: tillhub publish FILE publishes one");
	memcpy(p->currency, catalog.currency, sizeof(p->currency));
	return book_read_changes(p->in->path, exponent, take_change, NULL, p, why);
}

enum err publishing_read(struct publishing *p, struct why *why)
{
	return p->in->changes ? read_changes(p, why) : read_book(p, why);
}
