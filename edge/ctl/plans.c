/*
 * Plans and a customer out of a catalog or a file. See plans.h.
 */
#include "plans.h"

#include <stdlib.h>
#include <string.h>

#include "catalog_store.h"
#include "zone.h"

#define RECORD_MAX (1U << 20)

/* The record once more, in the arena of the plans. */
static enum err copy(const struct record *r, struct arena *a, struct record *out, struct why *why)
{
	struct buf encoded;
	const char *bytes = NULL;
	enum err e;

	buf_init(&encoded, RECORD_MAX);
	e = record_encode(r, &encoded);
	if (!e)
		bytes = arena_text(a, (const char *)buf_front(&encoded), buf_length(&encoded));
	if (bytes)
		e = record_decode(r->type, bytes, buf_length(&encoded), a, out, why);
	buf_free(&encoded);
	return bytes ? e : fail(why, ERR_MEMORY, "out of memory");
}

static enum err take(const struct record *r, void *arg, struct why *why)
{
	struct plans *p = arg;
	struct record kept;
	enum err e;

	if (r->type != RECORD_BOOK && r->type != RECORD_PLAN && r->type != RECORD_CUSTOMER)
		return ERR_OK;
	if (r->type == RECORD_CUSTOMER && (!p->wanted || strcmp(r->as.customer.id, p->wanted) != 0))
		return ERR_OK;
	if (r->type == RECORD_PLAN && p->count == PLANS_MAX)
		return fail(why, ERR_LIMIT, "there are more than %d plans", PLANS_MAX);
	e = copy(r, &p->arena, &kept, why);
	if (e)
		return e;
	if (r->type == RECORD_BOOK)
		p->book = kept.as.book;
	else if (r->type == RECORD_PLAN)
		p->at[p->count++] = kept.as.plan;
	else
		p->customer = kept.as.customer;
	p->found |= r->type == RECORD_CUSTOMER;
	return ERR_OK;
}

static enum err take_line(const struct record *r, uint32_t line, void *arg, struct why *why)
{
	(void)line;
	return take(r, arg, why);
}

static enum err read_file(const char *book, struct plans *p, struct why *why)
{
	enum err e = book_read(book, take_line, NULL, p, why);

	return e ? e : zone_use(p->book.zone ? p->book.zone : "UTC", why);
}

static enum err read_store(struct catalog_store *s, struct plans *p, struct why *why)
{
	struct record customer;
	enum err e = catalog_store_each(s, RECORD_BOOK, take, p, why);

	if (!e && !p->book.id)
		return fail(why, ERR_NOT_FOUND, "there is no catalog yet: run tillctl import BOOK");
	if (!e)
		e = catalog_store_each(s, RECORD_PLAN, take, p, why);
	if (e || !p->wanted)
		return e;
	e = catalog_store_find(s, RECORD_CUSTOMER, p->wanted, &p->arena, &customer, why);
	p->found = e == ERR_OK;
	if (p->found)
		p->customer = customer.as.customer;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err read_catalog(const char *path, struct plans *p, struct why *why)
{
	struct catalog_store *s;
	enum err e = catalog_store_open_reader(path, &s, why);

	if (e)
		return e;
	e = read_store(s, p, why);
	catalog_store_close(s);
	return e;
}

static int by_level(const void *a, const void *b)
{
	const struct record_plan *x = a, *y = b;

	if (x->level != y->level)
		return x->level < y->level ? -1 : 1;
	return strcmp(x->id, y->id);
}

enum ctl_exit plans_read(struct ctl *ctl, const char *book, struct plans *p)
{
	const char *path = book ? NULL : ctl_database(ctl, "catalog.db");
	struct why why = {0};
	enum err e;

	if (!book && !path)
		return CTL_USAGE;
	e = book ? read_file(book, p, &why) : read_catalog(path, p, &why);
	if (e)
		return ctl_fail(CTL_FAILED, "%s", why.text);
	qsort(p->at, p->count, sizeof(p->at[0]), by_level);
	if (p->wanted && !p->found)
		return ctl_fail(CTL_FAILED, "not_found: there is no customer '%.64s'", p->wanted);
	return CTL_DONE;
}

const struct record_plan *plans_find(const struct plans *p, const char *id)
{
	for (size_t i = 0; id && i < p->count; i++)
		if (strcmp(p->at[i].id, id) == 0)
			return &p->at[i];
	return NULL;
}
