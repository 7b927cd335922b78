/*
 * Codes of coupons outside of carts: what became of one, reserving it for somebody who will come, giving one
 * back, and ending one. The book is asked whether there is such a code, the ledger is told what was done.
 */
#include "lane_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "ledger_note.h"
#include "zone.h"

#define CODE_SHOWN  80 /* bytes of a code in a sentence */
#define TOKEN_BYTES 8

/* One order about a code, until it is answered. */
struct coupon_job {
	struct ledger_job job;
	struct ledger_note note;
	struct event_coupon event;
	struct arena arena;
	struct shop *shop;
	enum coupon_ask ask;
	int64_t minutes;
	char code[GS1_TEXT_MAX + 1], token[USE_TEXT_MAX + 1], by[USE_TEXT_MAX + 1];
	bool in_book;
	const char *promotion; /* of the book, as the rest */
	struct stamp from, to;
	int64_t uses;
	shop_coupon_fn *done;
	void *arg;
};

static void job_free(struct coupon_job *j)
{
	arena_free(&j->arena);
	arena_free(&j->job.arena);
	free(j);
}

static int64_t now_ms(const struct coupon_job *j)
{
	return shop_now_s(j->shop) * 1000;
}

/* The code's dates, on the clock that they are of. */
static bool is_over(const struct coupon_job *j)
{
	int64_t now_s = shop_now_s(j->shop);

	if (j->to.local)
		now_s += zone_offset_s(now_s);
	return j->in_book && j->to.seconds != AMOUNT_NONE && now_s > j->to.seconds;
}

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

static struct coupon_view view_of(const struct coupon_job *j, const struct coupon_use *use)
{
	const struct cart *c = coupon_holder(j->shop, use);
	bool token = coupon_token_held(use, now_ms(j));

	return (struct coupon_view){
		.code = use->use.key,
		.promotion = j->promotion,
		.state = coupon_state(use, j->uses, is_over(j), now_ms(j)),
		.from = j->from,
		.to = j->to,
		.uses = use->use.uses,
		.limit = j->uses,
		.held = use->use.held,
		.returned = use->returned,
		.cart = c ? c->id : NULL,
		.lane = c ? c->lane_name : NULL,
		.token = token ? use->token : NULL,
		.until_ms = token ? use->until_ms : 0,
		.order = or_null(use->order),
	};
}

static void finish(struct coupon_job *j, const struct answer *a)
{
	const struct coupon_use *use = a->refusal ? NULL : uses_coupon(j->shop->uses, j->code);
	struct coupon_view view = {0};
	struct answer none = *a;

	if (use)
		view = view_of(j, use);
	else if (!a->refusal)
		refuse_memory(&none);
	j->done(&view, &none, j->arg);
	job_free(j);
}

static void noted(struct ledger_job *job)
{
	struct coupon_job *j = job->arg;
	struct coupon_use *use = uses_coupon(j->shop->uses, j->code);
	struct answer a = {0};

	j->shop->pending--;
	if (job->result)
		refuse(&a, REFUSED_LEDGER, "it could not be written: %s",
		       *job->why.text ? job->why.text : err_name(job->result));
	if (job->result && use && j->ask == ASK_RESERVE && !strcmp(use->token, j->token))
		use->token[0] = '\0';
	if (!job->result && j->ask != ASK_RESERVE && uses_take_coupon(j->shop->uses, &j->event))
		refuse_memory(&a);
	if (!job->result)
		shop_folded(j->shop, job->id);
	finish(j, &a);
}

/* A reservation counts from now on, anything else when it is durable. */
static bool note_it(struct coupon_job *j, enum coupon_action action, int64_t until_ms, struct answer *a)
{
	struct shop *s = j->shop;
	struct why why;

	j->event = (struct event_coupon){.code = j->code,
					 .action = action,
					 .token = or_null(j->token),
					 .until_ms = until_ms,
					 .by = or_null(j->by)};
	if (ledger_note_body(&event_coupon_schema, &j->event, &j->arena, &j->note.body, &why))
		return refuse_memory(a);
	j->note.kind = EVENT_COUPON;
	j->note.about = j->code;
	j->job.note = &j->note;
	j->job.done = noted;
	j->job.arg = j;
	if (!shop_submit(s, &j->job, a))
		return false;
	return action != COUPON_RESERVE || !uses_take_coupon(s->uses, &j->event); /* its entry is there */
}

/* Nobody guesses it. */
static bool make_token(char out[USE_TEXT_MAX + 1])
{
	uint8_t bytes[TOKEN_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	return true;
}

static bool reserve(struct coupon_job *j, const struct coupon_use *use, struct answer *a)
{
	bool again = *j->token && !strcmp(j->token, use->token);

	if (!j->in_book || is_over(j))
		return refuse(a, REFUSED_COUPON_EXPIRED, "%.*s is no longer valid", CODE_SHOWN, j->code);
	if (!coupon_may_be_taken(j->shop, use, j->uses, again ? j->token : NULL, a))
		return false;
	if (!again && coupon_token_held(use, now_ms(j)))
		return refuse(a, REFUSED_COUPON_RESERVED, "%.*s is reserved already, with another token",
			      CODE_SHOWN, j->code);
	if (!*j->token && !make_token(j->token))
		return refuse(a, REFUSED_LEDGER, "there is no randomness for a token: name one");
	return note_it(j, COUPON_RESERVE, now_ms(j) + j->minutes * 60000, a);
}

static bool release(struct coupon_job *j, const struct coupon_use *use, struct answer *a)
{
	if (!*j->token || strcmp(j->token, use->token) != 0)
		return refuse(a, REFUSED_COUPON_RESERVED, "%.*s is not reserved with that token", CODE_SHOWN,
			      j->code);
	return note_it(j, COUPON_RELEASE, 0, a);
}

static bool give_back(struct coupon_job *j, const struct coupon_use *use, struct answer *a)
{
	if (use->use.uses < 1)
		return refuse(a, REFUSED_COUPON_UNUSED, "%.*s has not been used: there is nothing to return",
			      CODE_SHOWN, j->code);
	return note_it(j, COUPON_RETURN, 0, a);
}

/* True: it is with the ledger. Else it is refused, or there was nothing to do. */
static bool act(struct coupon_job *j, const struct coupon_use *use, struct answer *a)
{
	switch (j->ask) {
	case ASK_SHOW:
		return false;
	case ASK_RESERVE:
		return reserve(j, use, a);
	case ASK_RELEASE:
		return release(j, use, a);
	case ASK_RETURN:
		return give_back(j, use, a);
	case ASK_EXPIRE:
		return note_it(j, COUPON_EXPIRE, 0, a);
	}
	return false;
}

static bool take_record(struct coupon_job *j, const struct record_coupon *r)
{
	j->in_book = true;
	j->promotion = arena_text(&j->arena, r->promotion, strlen(r->promotion));
	j->from = r->from;
	j->to = r->to;
	j->uses = r->uses > 0 ? r->uses : 0;
	return j->promotion;
}

/* A code that the book has no more may still be looked up, returned and ended. */
static void found(enum err e, const struct record_coupon *r, void *arg)
{
	struct coupon_job *j = arg;
	struct answer a = {0};
	const struct coupon_use *use;

	if (!e && r && !take_record(j, r))
		refuse_memory(&a);
	else if (e && e != ERR_NOT_FOUND)
		refuse(&a, REFUSED_NO_CATALOG, "the coupon could not be looked up in the catalog: %s",
		       err_name(e));
	else if (e && !uses_find(j->shop->uses, USE_COUPON, j->code, NULL))
		refuse(&a, REFUSED_UNKNOWN_COUPON, "%.*s is not a coupon that this shop knows", CODE_SHOWN,
		       j->code);
	use = a.refusal ? NULL : uses_coupon(j->shop->uses, j->code);
	if (!use && !a.refusal)
		refuse_memory(&a);
	if (a.refusal || !use || !act(j, use, &a))
		finish(j, &a);
}

static bool copy(char *out, size_t size, const char *text)
{
	return (size_t)snprintf(out, size, "%s", text ? text : "") < size;
}

static struct coupon_job *job_new(struct shop *s, const struct coupon_order *o, struct answer *a)
{
	struct coupon_job *j = calloc(1, sizeof(*j));

	if (!j) {
		refuse_memory(a);
		return NULL;
	}
	j->shop = s;
	j->ask = o->ask;
	j->minutes = o->minutes;
	j->from.seconds = j->to.seconds = AMOUNT_NONE;
	if (copy(j->code, sizeof(j->code), o->code) && copy(j->token, sizeof(j->token), o->token) &&
	    copy(j->by, sizeof(j->by), o->by))
		return j;
	job_free(j);
	refuse(a, REFUSED_UNKNOWN_COUPON, "code, token or name are longer than any that are valid");
	return NULL;
}

void shop_coupon(struct shop *s, const struct coupon_order *o, shop_coupon_fn *done, void *arg)
{
	struct coupon_view nothing = {0};
	struct answer a = {0};
	struct coupon_job *j = job_new(s, o, &a);
	enum err e;

	if (!j) {
		done(&nothing, &a, arg);
		return;
	}
	j->done = done;
	j->arg = arg;
	e = s->loader ? loader_find_coupon(s->loader, j->code, found, j) : ERR_CLOSED;
	if (e)
		found(e, NULL, j);
}
