/*
 * The table of uses: its entries, found by what they count. See uses.h; what events add is in uses_fold.c.
 *
 * Entries hang in buckets and never move, since carts point at them; the buckets double when there are more
 * entries than buckets.
 */
#include "uses.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 1024 /* a power of two */

struct uses {
	struct use **buckets;
	size_t size, count;
	struct use *changed;
};

/* FNV-1a: keys are few bytes, and come from the shop's own book and its customers. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return hash;
}

static uint64_t hash_of(enum use_kind kind, const char *key, const char *by)
{
	uint64_t hash = hash_text(UINT64_C(14695981039346656037) + kind, key);

	if (by)
		hash = hash_text(hash * UINT64_C(1099511628211), by);
	return hash ^ hash >> 32;
}

struct uses *uses_new(void)
{
	struct uses *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->size = BUCKETS_MIN;
	u->buckets = calloc(u->size, sizeof(struct use *));
	if (u->buckets)
		return u;
	free(u);
	return NULL;
}

void uses_free(struct uses *u)
{
	struct use *next;

	if (!u)
		return;
	for (size_t i = 0; i < u->size; i++)
		for (struct use *e = u->buckets[i]; e; e = next) {
			next = e->next;
			free(e);
		}
	free(u->buckets);
	free(u);
}

static bool is_it(const struct use *e, enum use_kind kind, const char *key, const char *by)
{
	return e->kind == kind && strcmp(e->key, key) == 0 && (!by || strcmp(e->by, by) == 0);
}

static struct use *find(const struct uses *u, uint64_t hash, enum use_kind kind, const char *key,
			const char *by)
{
	struct use *e = u->buckets[hash & (u->size - 1)];

	while (e && (e->hash != hash || !is_it(e, kind, key, by)))
		e = e->next;
	return e;
}

struct use *uses_find(const struct uses *u, enum use_kind kind, const char *key, const char *by)
{
	return find(u, hash_of(kind, key, by), kind, key, by);
}

/* Without memory for more buckets it only gets slower. */
static void grow(struct uses *u)
{
	size_t size = u->size * 2;
	struct use **buckets = calloc(size, sizeof(struct use *)), *next;

	if (!buckets)
		return;
	for (size_t i = 0; i < u->size; i++)
		for (struct use *e = u->buckets[i]; e; e = next) {
			next = e->next;
			e->next = buckets[e->hash & (size - 1)];
			buckets[e->hash & (size - 1)] = e;
		}
	free(u->buckets);
	u->buckets = buckets;
	u->size = size;
}

static size_t size_of(enum use_kind kind)
{
	switch (kind) {
	case USE_PROMOTION:
		return sizeof(struct promotion_use);
	case USE_COUPON:
		return sizeof(struct coupon_use);
	case USE_CUSTOMER:
	case USE_BY_CUSTOMER:
	case USE_CREDIT:
		break;
	}
	return sizeof(struct use);
}

/* Its texts stand behind it. */
static struct use *entry_new(enum use_kind kind, const char *key, const char *by)
{
	size_t size = size_of(kind), key_size = strlen(key) + 1, by_size = by ? strlen(by) + 1 : 0;
	struct use *e = calloc(1, size + key_size + by_size);
	char *text;

	if (!e)
		return NULL;
	text = (char *)e + size;
	e->kind = kind;
	e->key = memcpy(text, key, key_size);
	if (by)
		e->by = memcpy(text + key_size, by, by_size);
	return e;
}

struct use *uses_get(struct uses *u, enum use_kind kind, const char *key, const char *by)
{
	uint64_t hash = hash_of(kind, key, by);
	struct use *e = find(u, hash, kind, key, by);

	assert((kind == USE_BY_CUSTOMER || kind == USE_CREDIT) == (by != NULL));
	if (e)
		return e;
	if (u->count >= u->size)
		grow(u);
	e = entry_new(kind, key, by);
	if (!e)
		return NULL;
	e->hash = hash;
	e->next = u->buckets[hash & (u->size - 1)];
	u->buckets[hash & (u->size - 1)] = e;
	u->count++;
	return e;
}

struct promotion_use *uses_promotion(struct uses *u, const char *id)
{
	return (struct promotion_use *)uses_get(u, USE_PROMOTION, id, NULL);
}

struct coupon_use *uses_coupon(struct uses *u, const char *code)
{
	return (struct coupon_use *)uses_get(u, USE_COUPON, code, NULL);
}

#define MONTH_TEXT_MAX 24

static const char *month_text(int64_t credit_to, char out[MONTH_TEXT_MAX])
{
	snprintf(out, MONTH_TEXT_MAX, "%lld", (long long)credit_to);
	return out;
}

struct use *uses_find_credit(const struct uses *u, const char *customer, int64_t credit_to)
{
	char month[MONTH_TEXT_MAX];

	return uses_find(u, USE_CREDIT, customer, month_text(credit_to, month));
}

struct use *uses_credit(struct uses *u, const char *customer, int64_t credit_to)
{
	char month[MONTH_TEXT_MAX];

	return uses_get(u, USE_CREDIT, customer, month_text(credit_to, month));
}

struct use *uses_next(const struct uses *u, const struct use *after)
{
	size_t i = after ? (after->hash & (u->size - 1)) + 1 : 0;

	if (after && after->next)
		return after->next;
	while (i < u->size && !u->buckets[i])
		i++;
	return i < u->size ? u->buckets[i] : NULL;
}

struct use *uses_changed(const struct uses *u)
{
	return u->changed;
}

void uses_touch(struct uses *u, struct use *use)
{
	if (use->is_changed)
		return;
	use->is_changed = true;
	use->changed = u->changed;
	u->changed = use;
}

void uses_clean(struct uses *u)
{
	struct use *next;

	for (struct use *e = u->changed; e; e = next) {
		next = e->changed;
		e->is_changed = false;
		e->changed = NULL;
	}
	u->changed = NULL;
}

static bool same_promotion(const struct use *x, const struct use *y)
{
	const struct promotion_use *a = (const struct promotion_use *)x, *b = (const struct promotion_use *)y;

	return a->amount.minor == b->amount.minor && a->incarnation == b->incarnation &&
	       a->grant == b->grant && a->granted_uses == b->granted_uses &&
	       a->granted_amount.minor == b->granted_amount.minor;
}

static bool same_coupon(const struct use *x, const struct use *y)
{
	const struct coupon_use *a = (const struct coupon_use *)x, *b = (const struct coupon_use *)y;

	return a->returned == b->returned && a->expired == b->expired && a->until_ms == b->until_ms &&
	       strcmp(a->token, b->token) == 0 && strcmp(a->order, b->order) == 0;
}

static bool same(const struct use *a, const struct use *b)
{
	if (a->uses != b->uses)
		return false;
	if (a->kind == USE_PROMOTION)
		return same_promotion(a, b);
	return a->kind != USE_COUPON || same_coupon(a, b);
}

/* What an entry says that never counted anything. */
static const struct use *nothing_of(enum use_kind kind)
{
	static const struct promotion_use promotion;
	static const struct coupon_use coupon;
	static const struct use other;

	if (kind == USE_PROMOTION)
		return &promotion.use;
	return kind == USE_COUPON ? &coupon.use : &other;
}

/* The first of a that b has otherwise; what b does not have never counted anything there. */
static const struct use *first_other(const struct uses *a, const struct uses *b)
{
	for (const struct use *e = uses_next(a, NULL); e; e = uses_next(a, e)) {
		const struct use *other = uses_find(b, e->kind, e->key, e->by);

		if (!same(e, other ? other : nothing_of(e->kind)))
			return e;
	}
	return NULL;
}

const struct use *uses_differ(const struct uses *a, const struct uses *b)
{
	const struct use *e = first_other(a, b);

	return e ? e : first_other(b, a);
}
