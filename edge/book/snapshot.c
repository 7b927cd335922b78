/*
 * Snapshots: a catalog, the memory it lives in (some of it shared with others), and how many still look at
 * it.
 */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

const struct catalog *snapshot_catalog(const struct snapshot *s)
{
	return &s->catalog;
}

struct snapshot *snapshot_ref(struct snapshot *s)
{
	atomic_fetch_add_explicit(&s->references, 1, memory_order_relaxed);
	return s;
}

struct part *part_new(void)
{
	struct part *p = calloc(1, sizeof(*p));

	if (p)
		atomic_init(&p->references, 1);
	return p;
}

struct part *part_ref(struct part *p)
{
	atomic_fetch_add_explicit(&p->references, 1, memory_order_relaxed);
	return p;
}

/* Release and acquire: what others read before they let go is read before it is freed. */
void part_unref(struct part *p)
{
	if (!p || atomic_fetch_sub_explicit(&p->references, 1, memory_order_acq_rel) != 1)
		return;
	arena_free(&p->arena);
	free(p);
}

void snapshot_unref(struct snapshot *s)
{
	if (!s || atomic_fetch_sub_explicit(&s->references, 1, memory_order_acq_rel) != 1)
		return;
	for (uint32_t i = 0; s->pages && i < s->catalog.page_count; i++)
		page_unref(s->pages[i]);
	free(s->pages);
	part_unref(s->promotions);
	part_unref(s->rules);
	part_unref(s->base);
	free(s);
}

size_t snapshot_bytes(const struct snapshot *s)
{
	size_t bytes = sizeof(*s) + s->base->arena.used + s->promotions->arena.used + s->rules->arena.used;

	for (uint32_t i = 0; i < s->catalog.page_count; i++)
		bytes += sizeof(const struct item_page *) + page_bytes(s->pages[i]);
	return bytes;
}

static int code_is(const void *code, const void *coupon)
{
	return strcmp(code, ((const struct record_coupon *)coupon)->code);
}

static int id_is(const void *id, const void *customer)
{
	return strcmp(id, ((const struct record_customer *)customer)->id);
}

enum err snapshot_find_coupon(const struct snapshot *s, const char *code, const struct record_coupon **out)
{
	const struct record_coupon *found =
		s->coupon_count ? bsearch(code, s->coupons, s->coupon_count, sizeof(*s->coupons), code_is)
				: NULL;

	if (!found)
		return ERR_NOT_FOUND;
	*out = found;
	return ERR_OK;
}

enum err snapshot_find_customer(const struct snapshot *s, const char *id, const struct record_customer **out)
{
	const struct record_customer *found =
		s->customer_count ? bsearch(id, s->customers, s->customer_count, sizeof(*s->customers), id_is)
				  : NULL;

	if (!found)
		return ERR_NOT_FOUND;
	*out = found;
	return ERR_OK;
}
