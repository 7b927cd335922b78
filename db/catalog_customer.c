/*
 * One customer's record put in its place, if it still is what whoever changes it has seen. See
 * catalog_store.h.
 */
#include "catalog_parts.h"

#include <string.h>

/* By their encodings, which are the same for what means the same. */
static enum err is_same(const struct record *a, const struct record *b, bool *same)
{
	struct buf x, y;
	enum err e;

	buf_init(&x, CATALOG_RECORD_MAX);
	buf_init(&y, CATALOG_RECORD_MAX);
	e = record_encode(a, &x);
	if (!e)
		e = record_encode(b, &y);
	*same = !e && buf_length(&x) == buf_length(&y) &&
		memcmp(buf_front(&x), buf_front(&y), buf_length(&x)) == 0;
	buf_free(&x);
	buf_free(&y);
	return e;
}

static enum err check_seen(struct catalog_store *s, const struct record *seen, struct why *why)
{
	struct arena a = ARENA_EMPTY;
	struct record found;
	bool same = false;
	enum err e = catalog_store_find(s, RECORD_CUSTOMER, seen->as.customer.id, &a, &found, why);

	if (!e && is_same(seen, &found, &same))
		e = fail(why, ERR_MEMORY, "out of memory");
	arena_free(&a);
	if ((!e && !same) || e == ERR_NOT_FOUND)
		return fail(why, ERR_STATE, "customer '%s' was changed by somebody else meanwhile: try again",
			    seen->as.customer.id);
	return e;
}

static enum err put(struct catalog_store *s, const struct record *seen, const struct record *changed,
		    uint64_t *version, struct why *why)
{
	enum err e = catalog_store_begin(s, false, why);

	if (e)
		return e;
	e = check_seen(s, seen, why);
	if (!e)
		e = record_check(changed, why);
	if (!e)
		e = catalog_store_put(s, changed, why);
	if (!e)
		return catalog_store_commit(s, version, why);
	catalog_store_rollback(s);
	return e;
}

enum err catalog_put_customer(const char *path, const struct record_customer *seen,
			      const struct record_customer *changed, const struct catalog_note *note,
			      uint64_t *version, struct why *why)
{
	const struct record before = {.type = RECORD_CUSTOMER, .as.customer = *seen};
	const struct record after = {.type = RECORD_CUSTOMER, .as.customer = *changed};
	struct catalog_store *s;
	enum err e = catalog_store_open_writer(path, &s, why);

	if (e)
		return e;
	catalog_store_note(s, note);
	e = put(s, &before, &after, version, why);
	catalog_store_close(s);
	return e;
}
