/*
 * A cart: lines, customer and coupons, pinned to a catalog and an instant, and priced after each change.
 *
 * Each change copies the basket, changes the copy, has the engine price it, and only then puts it in the
 * place of the one before.
 */
#include "lane_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zone.h"

#define LINES_AT_FIRST 32 /* room for so many: most carts never need more; doubled when they do */

struct cart *cart_new(struct shop *s, const struct lane *l)
{
	struct cart *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->snapshot = snapshot_ref(s->snapshot);
	c->catalog = snapshot_catalog(c->snapshot);
	c->now_s = shop_now_s(s);
	c->utc_offset_s = zone_offset_s(c->now_s);
	c->clock_uncertain = s->time.uncertain;
	c->store = catalog_id(&c->catalog->stores, s->config->store);
	c->channel = catalog_id(&c->catalog->channels, l->channel);
	c->lane_name = l->name;
	c->channel_name = l->channel;
	if (shop_give_limits(s, c))
		return c;
	cart_free(c);
	return NULL;
}

void cart_number(struct cart *c, struct shop *s)
{
	c->serial = ++s->carts;
	snprintf(c->id, sizeof(c->id), "%s-%" PRId64 "-%" PRId64, s->config->box, s->segment, c->serial);
}

static void customer_free(struct customer *who)
{
	if (!who)
		return;
	arena_free(&who->arena);
	free(who);
}

static void basket_free(struct basket *b)
{
	free(b->lines);
	free(b->room);
}

void cart_free(struct cart *c)
{
	if (!c)
		return;
	limits_detach(c);
	basket_free(&c->now);
	basket_free(&c->next);
	free(c->memo);
	customer_free(c->customer);
	arena_free(&c->arena);
	snapshot_unref(c->snapshot);
	free(c);
}

struct engine_cart cart_view(const struct cart *c, const struct basket *b)
{
	return (struct engine_cart){
		.lines = b->lines,
		.count = b->count,
		.context = {.now_s = c->now_s,
			    .utc_offset_s = c->utc_offset_s,
			    .clock_uncertain = c->clock_uncertain,
			    .store = c->store,
			    .channel = c->channel,
			    .segments = b->customer && b->customer->segments.count ? b->customer->known
										   : c->catalog->guests,
			    .coupons = {c->unlocked, b->unlocked},
			    .customer = b->customer ? b->customer->id : NULL,
			    .plan = b->customer ? b->customer->plan : NULL,
			    .order_number = b->order_number,
			    .counters = b->counters,
			    .counter_count = c->limits->count},
	};
}

/* Room for so many lines and their evaluation, ahead of what is asked for. */
bool basket_reserve(struct basket *b, const struct catalog *c, uint32_t lines)
{
	uint32_t size = b->size ? b->size : LINES_AT_FIRST;
	struct engine_line *grown;
	size_t room_size;
	void *room;

	if (b->size && lines <= b->size)
		return true;
	while (size < lines)
		size *= 2;
	room_size = engine_room_size(c, size);
	grown = realloc(b->lines, size * sizeof(*grown));
	if (!grown)
		return false;
	b->lines = grown;
	room = malloc(room_size);
	if (!room)
		return false;
	free(b->room); /* what an evaluation left there is of no use to the next: nothing to copy */
	b->room = room;
	b->room_size = room_size;
	b->size = size;
	return true;
}

/* Makes c->next what c->now is, with room for `more` lines. */
static bool draft(struct cart *c, uint32_t more, struct answer *a)
{
	struct basket *b = &c->next;

	if (c->now.count + more > CART_LINES_MAX)
		return refuse(a, REFUSED_CART_FULL, "a cart has %d lines at most: tender this one first",
			      CART_LINES_MAX);
	if (!basket_reserve(b, c->catalog, c->now.count + more))
		return refuse_memory(a);
	if (c->now.count)
		memcpy(b->lines, c->now.lines, c->now.count * sizeof(*b->lines));
	b->count = c->now.count;
	b->customer = c->now.customer;
	b->coupons = c->now.coupons;
	b->unlocked = c->now.unlocked;
	b->result = (struct engine_result){0}; /* it speaks of a room that is about to be written */
	limits_same_customer(c, &c->now, b);
	limits_fill(c, b);
	return true;
}

/* Only time depends on it: without memory for it the cart is priced all the same. */
static struct engine_memo *memo_for(struct cart *c, uint32_t lines)
{
	size_t size;
	void *memory;

	if (c->memo && lines <= c->memo_lines)
		return c->memo;
	size = engine_memo_size(c->catalog, lines);
	memory = size == SIZE_MAX ? NULL : malloc(size);
	free(c->memo);
	c->memo = memory ? engine_memo_make(memory, c->catalog, lines) : NULL;
	c->memo_lines = lines;
	return c->memo;
}

/* Prices the draft, which then is the cart; and the draft, until the next, is what the cart was before. */
bool cart_take_draft(struct cart *c, struct answer *a)
{
	struct engine_cart view = cart_view(c, &c->next);
	struct basket before = c->now;
	uint32_t bad = CATALOG_NONE;
	enum err e;

	e = engine_evaluate_next(c->catalog, &view, memo_for(c, c->next.size), c->next.room,
				 c->next.room_size, &c->next.result, &bad);
	if (e)
		return refuse_evaluation(a, e, c->catalog, bad < c->next.count ? &c->next.lines[bad] : NULL);
	c->now = c->next;
	c->next = before;
	limits_hold(c);
	return true;
}

bool item_takes_quantity(const struct catalog *c, const struct engine_line *line, struct answer *a)
{
	const struct item *item = catalog_item(c, line->item);
	const int64_t one = QTY_ONE.micro;
	bool pieces = item->unit == UNIT_EACH || line->given.minor != AMOUNT_NONE;

	if (line->quantity.micro <= 0)
		return refuse(a, REFUSED_BAD_QUANTITY,
			      "a quantity is more than 0: void the line to take it off");
	if (line->quantity.micro > ENGINE_QUANTITY_MAX * one)
		return refuse(a, REFUSED_BAD_QUANTITY, "a line holds %d units at most", ENGINE_QUANTITY_MAX);
	if (pieces && line->quantity.micro % one)
		return refuse(a, REFUSED_BAD_QUANTITY, "%s is sold by the piece: give a whole number",
			      catalog_sku(c, line->item));
	return true;
}

/* The line that another piece of the same article belongs to; b->count if it needs one of its own, since the
 * price on a label, or one that was locked lower, is not that of any more pieces. */
static uint32_t line_for(const struct catalog *c, const struct basket *b, const struct engine_line *line)
{
	uint32_t i;

	if (catalog_item(c, line->item)->unit != UNIT_EACH || line->given.minor != AMOUNT_NONE)
		return b->count;
	for (i = 0; i < b->count; i++) {
		const struct engine_line *at = &b->lines[i];
		bool unlocked = at->locked.minor == AMOUNT_NONE || at->locked.minor == line->locked.minor;

		if (at->item == line->item && at->given.minor == AMOUNT_NONE && unlocked &&
		    at->expires == line->expires)
			break;
	}
	return i;
}

bool cart_add(struct cart *c, const struct engine_line *line, struct answer *a)
{
	uint32_t at = line_for(c->catalog, &c->now, line);
	struct engine_line *into;

	if (!item_takes_quantity(c->catalog, line, a) || !draft(c, at == c->now.count, a))
		return false;
	into = &c->next.lines[at];
	if (at < c->next.count) {
		into->quantity.micro += line->quantity.micro;
		into->locked = line->locked;
	} else {
		*into = *line;
		c->next.count++;
	}
	if (!item_takes_quantity(c->catalog, into, a) || !cart_take_draft(c, a))
		return false;
	a->line = at;
	return true;
}

bool cart_change(struct cart *c, uint32_t line, struct qty quantity, struct answer *a)
{
	if (!draft(c, 0, a))
		return false;
	c->next.lines[line].quantity = quantity;
	if (!item_takes_quantity(c->catalog, &c->next.lines[line], a) || !cart_take_draft(c, a))
		return false;
	a->line = line;
	return true;
}

bool cart_reprice(struct cart *c, struct answer *a)
{
	return draft(c, 0, a) && cart_take_draft(c, a);
}

bool cart_remove(struct cart *c, uint32_t line, struct answer *a)
{
	struct engine_line *lines;

	if (!draft(c, 0, a))
		return false;
	lines = c->next.lines;
	memmove(&lines[line], &lines[line + 1], (c->next.count - line - 1) * sizeof(*lines));
	c->next.count--;
	return cart_take_draft(c, a);
}

static bool copy_segments(struct customer *who, const struct catalog *c, const struct list *segments)
{
	const char *const *from = segments->at;
	const char **names = arena_get(&who->arena, segments->count * sizeof(*names));
	uint32_t *ids = arena_get(&who->arena, segments->count * sizeof(*ids));

	if (!names || !ids)
		return false;
	for (size_t i = 0; i < segments->count; i++) {
		uint32_t id = catalog_id(&c->segments, from[i]);

		names[i] = arena_text(&who->arena, from[i], strlen(from[i]));
		if (!names[i])
			return false;
		if (id != CATALOG_NONE)
			ids[who->known.count++] = id;
	}
	who->segments = (struct list){names, segments->count};
	who->known.at = ids;
	return true;
}

struct customer *customer_copy(const struct catalog *c, const struct record_customer *r)
{
	struct customer *who = calloc(1, sizeof(*who));

	if (!who)
		return NULL;
	who->id = arena_text(&who->arena, r->id, strlen(r->id));
	who->name = r->name ? arena_text(&who->arena, r->name, strlen(r->name)) : NULL;
	who->plan = r->plan ? arena_text(&who->arena, r->plan, strlen(r->plan)) : NULL;
	if (!who->id || (r->name && !who->name) || (r->plan && !who->plan) ||
	    (r->segments.count && !copy_segments(who, c, &r->segments))) {
		customer_free(who);
		return NULL;
	}
	return who;
}

/* The customer, in the segment of the plan that is paid for as well. */
static struct customer *customer_with_plan(const struct cart *c, const struct found_customer *f)
{
	const struct record_customer *r = &f->record;
	const char *plan = customer_plan(r, c->now_s, c->utc_offset_s);
	struct record_customer with = *r;
	const char **segments;
	struct customer *who;

	with.plan = plan;
	if (!plan)
		return customer_copy(c->catalog, &with);
	segments = calloc(r->segments.count + 1, sizeof(*segments));
	if (!segments)
		return NULL;
	if (r->segments.count)
		memcpy(segments, r->segments.at, r->segments.count * sizeof(*segments));
	segments[with.segments.count++] = plan;
	with.segments.at = segments;
	who = customer_copy(c->catalog, &with);
	free(segments);
	if (who)
		credit_of(f, c, who);
	return who;
}

bool cart_take_customer(struct cart *c, const struct found_customer *f, struct answer *a)
{
	struct customer *who = NULL;

	if (!draft(c, 0, a))
		return false;
	if (f) {
		who = customer_with_plan(c, f);
		if (!who)
			return refuse_memory(a);
	}
	c->next.customer = who;
	if (!limits_take_customer(c, &c->next)) {
		customer_free(who);
		return refuse_memory(a);
	}
	limits_fill(c, &c->next);
	if (!cart_take_draft(c, a)) {
		customer_free(who);
		return false;
	}
	customer_free(c->customer);
	c->customer = who;
	return true;
}

void cart_unlock(struct cart *c, struct basket *b, uint32_t promotion)
{
	for (uint32_t i = 0; i < b->unlocked; i++)
		if (c->unlocked[i] == promotion)
			return;
	c->unlocked[b->unlocked++] = promotion;
}

bool cart_note_coupon(struct cart *c, const char *code, uint32_t promotion, const struct coupon_claim *claim)
{
	struct basket *b = &c->next;
	struct coupon_claim *own = &c->claim[b->coupons];

	*own = (struct coupon_claim){.use = uses_coupon(c->limits->fold, code), .uses = claim->uses};
	c->coupon[b->coupons] = arena_text(&c->arena, code, strlen(code));
	if (claim->token)
		own->token = arena_text(&c->arena, claim->token, strlen(claim->token));
	if (!c->coupon[b->coupons] || !own->use || (claim->token && !own->token))
		return false;
	c->coupon_of[b->coupons++] = promotion;
	cart_unlock(c, b, promotion);
	return true;
}

bool cart_has_coupon(const struct cart *c, const char *code)
{
	for (uint32_t i = 0; i < c->now.coupons; i++)
		if (!strcmp(c->coupon[i], code))
			return true;
	return false;
}

bool cart_take_coupon(struct cart *c, const char *code, uint32_t promotion, const struct coupon_claim *claim,
		      struct answer *a)
{
	if (c->now.coupons == ENGINE_COUPONS_MAX)
		return refuse(a, REFUSED_CART_FULL, "a cart takes %d coupons at most", ENGINE_COUPONS_MAX);
	if (!draft(c, 0, a))
		return false;
	return cart_note_coupon(c, code, promotion, claim) ? cart_take_draft(c, a) : refuse_memory(a);
}
