/*
 * Bringing carts back from the journal when the daemon starts.
 *
 * A cart is opened from its extract, priced, and must cost what it did. One that was paid just before the
 * end, its row not yet taken out, is recognised by the ledger: the journal's mark says which sales to look
 * at.
 */
#include "cart_journal.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"

/* Carts that were sold after the journal's mark. */
struct paid {
	struct arena arena;
	const char **ids;
	size_t count, size;
};

struct restoring {
	struct shop *shop;
	const char *ledger;
	int64_t mark;
	bool looked; /* `paid` is filled in: only if there is a cart to ask for */
	struct paid paid;
	unsigned open, aside, sold;
};

static enum err add_paid(struct paid *p, const char *id)
{
	size_t size = p->size ? p->size * 2 : 64;
	const char **ids = p->ids;

	if (p->count == p->size) {
		ids = reallocarray(p->ids, size, sizeof(*ids));
		if (!ids)
			return ERR_MEMORY;
		p->ids = ids;
		p->size = size;
	}
	ids[p->count] = arena_text(&p->arena, id, strlen(id));
	return ids[p->count++] ? ERR_OK : ERR_MEMORY;
}

static enum err note_sale(const struct ledger_event *event, struct arena *a, struct paid *p, struct why *why)
{
	struct event_envelope envelope;
	struct event_sale sale;
	enum err e;

	arena_reset(a);
	e = event_decode(event->bytes, event->length, a, &envelope, why);
	if (e || envelope.kind != EVENT_SALE)
		return e;
	e = event_sale_decode(envelope.body, a, &sale, why);
	return e ? e : add_paid(p, sale.cart ? sale.cart : sale.order);
}

static enum err look_into(struct ledger_reader *reader, int64_t mark, struct paid *p, struct why *why)
{
	struct arena arena = ARENA_EMPTY;
	struct ledger_event event = {.id = mark};
	enum err e;

	while ((e = ledger_reader_next(reader, event.id, &event, why)) == ERR_OK) {
		e = note_sale(&event, &arena, p, why);
		if (e)
			break;
	}
	arena_free(&arena);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* Any failure is the ledger's, never the row's. */
static enum err find_paid(struct restoring *r, struct why *why)
{
	struct ledger_reader *reader;
	enum err e = ledger_reader_open(r->ledger, &reader, why);

	if (e)
		return ERR_IO;
	e = look_into(reader, r->mark, &r->paid, why);
	ledger_reader_close(reader);
	r->looked = e == ERR_OK;
	return e ? ERR_IO : ERR_OK;
}

static bool is_paid(const struct paid *p, const char *id)
{
	for (size_t i = 0; i < p->count; i++)
		if (!strcmp(p->ids[i], id))
			return true;
	return false;
}

static enum err open_cart(const struct restoring *r, const struct kept_cart *k, const struct extract *e,
			  struct cart **out, struct why *why)
{
	struct extract extract = *e;
	struct snapshot *s;
	struct answer a = {0};
	struct digest result;
	enum err error;

	extract.version = (uint64_t)k->catalog;
	error = extract_open(&extract, &s, why);
	if (error)
		return error;
	*out = cart_from_kept(k, r->shop, s, &a);
	snapshot_unref(s);
	if (!*out)
		return fail(why, ERR_INVALID, "%s", a.why.text);
	if (cart_result(*out, &result) || memcmp(result.bytes, k->result.at, DIGEST_SIZE) != 0) {
		cart_free(*out);
		return fail(why, ERR_CORRUPT, "it does not cost what it did");
	}
	return ERR_OK;
}

/* Among those put aside, the oldest first. */
static void put_aside_again(struct shop *s, struct cart *c)
{
	struct cart **at = &s->suspended;

	while (*at && (*at)->suspended_s <= c->suspended_s)
		at = &(*at)->next_suspended;
	c->next_suspended = *at;
	*at = c;
	c->state = LANE_SUSPENDED;
	s->suspended_count++;
}

/* An open cart whose lane is not there any more is put aside, where it can be resumed from. */
static void place(struct restoring *r, struct cart *c, const struct kept_cart *k)
{
	struct lane *l = shop_lane(r->shop, k->lane);

	if (!k->suspended_s && l && !l->cart) {
		lane_enter_state(l, c, LANE_OPEN);
		r->open++;
		return;
	}
	if (!k->suspended_s)
		log_warnx("cart %s was open on lane %s, which is %s: it is put aside", c->id, k->lane,
			  l ? "taken" : "not configured");
	c->suspended_s = k->suspended_s ? k->suspended_s : shop_now_s(r->shop);
	put_aside_again(r->shop, c);
	r->aside++;
}

/* Its names stay in the shop, since the cart may go from one catalog to another and from lane to lane. */
static bool name(struct cart *c, struct shop *s, const struct kept_cart *k)
{
	memcpy(c->id, k->id, strlen(k->id) + 1);
	c->serial = -++s->restored;
	c->lane_name = arena_text(&s->names, k->lane, strlen(k->lane));
	c->channel_name = arena_text(&s->names, k->channel, strlen(k->channel));
	return c->lane_name && c->channel_name && journal_knows(c);
}

/*
 * The journal is behind by a tenth of a second: another cart may have got, meanwhile, what this one
 * had let go. Limits come before what was shown.
 */
static void give_up_what_is_gone(struct cart *c, const char *id, int64_t now_s)
{
	struct answer a = {0};

	if (!coupons_drop_gone(c, now_s * 1000) && limits_suffice(c)) {
		coupons_hold(c);
		return;
	}
	log_info("what cart %s held of limits is gone", id);
	if (!cart_reprice(c, &a))
		log_warnx("cart %s could not be priced without: %s", id, a.why.text);
}

static enum err bring_back(const struct kept_cart *k, const struct extract *e, void *arg, struct why *why)
{
	struct restoring *r = arg;
	struct cart *c;
	enum err error = r->looked ? ERR_OK : find_paid(r, why);

	if (error)
		return error;
	if (strlen(k->id) > ORDER_ID_MAX) /* the schema counts characters */
		return fail(why, ERR_INVALID, "its id is longer than %d bytes", ORDER_ID_MAX);
	if (is_paid(&r->paid, k->id)) {
		r->sold++;
		return ERR_EXISTS;
	}
	error = open_cart(r, k, e, &c, why);
	if (error)
		return error;
	c->apart = true;
	give_up_what_is_gone(c, k->id, shop_now_s(r->shop));
	if (!name(c, r->shop, k)) {
		cart_free(c);
		return fail(why, ERR_MEMORY, "out of memory");
	}
	place(r, c, k);
	return ERR_OK;
}

static enum err bring_all_back(struct restoring *r, struct cart_store *store, int64_t events, struct why *why)
{
	enum err e = cart_store_mark(store, &r->mark, why);

	if (!e)
		e = cart_store_each(store, bring_back, r, why);
	if (!e)
		e = cart_store_begin(store, why);
	if (e)
		return e;
	e = cart_store_set_mark(store, events, why);
	if (!e)
		e = cart_store_commit(store, why);
	if (e)
		cart_store_rollback(store);
	return e;
}

static enum err keep_carts(struct restoring *r, const char *path, int64_t events, struct why *why)
{
	struct cart_store *store;
	enum err e = cart_store_open(path, &store, why);

	if (e)
		return e;
	e = bring_all_back(r, store, events, why);
	if (e) {
		cart_store_close(store);
		return e;
	}
	e = journal_start(r->shop, path, store, events);
	return e ? fail(why, e, "%s: the writer could not start: %s", path, err_name(e)) : ERR_OK;
}

void shop_keep_carts(struct shop *s, const char *path, const char *ledger, int64_t events)
{
	struct restoring r = {.shop = s, .ledger = ledger};
	struct why why = {0};

	if (keep_carts(&r, path, events, &why)) {
		log_warnx("open carts will not outlive this run: %s", why.text);
		s->no_journal = why;
	}
	if (r.open + r.aside + r.sold)
		log_info("carts that came back: %u open, %u put aside; paid before the end: %u", r.open,
			 r.aside, r.sold);
	arena_free(&r.paid.arena);
	free(r.paid.ids);
}

void shop_leave_carts(struct shop *s)
{
	journal_stop(s);
}
