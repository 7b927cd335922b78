/*
 * The fold of uses at the lanes: what is granted to this box, what became durable, and handing the sums to
 * the ledger now and then. All of it on the loop's thread.
 */
#include "lane_parts.h"

#include <stdlib.h>
#include <string.h>

#include "ledger_note.h"
#include "ledger_uses.h"
#include "log.h"

#define OWN_INCARNATION 1 /* of a box that grants to itself */

struct grant_job {
	struct ledger_job job;
	struct ledger_note note;
	struct event_grant grant;
	struct arena arena;
	struct shop *shop;
};

struct uses_job {
	struct ledger_job job;
	struct ledger_uses taken;
	struct arena arena;
	struct shop *shop;
};

static bool submit(struct shop *s, struct ledger_job *job)
{
	return s->worker && ledger_worker_submit(s->worker, job) == ERR_OK;
}

static void uses_job_free(struct uses_job *j)
{
	arena_free(&j->arena);
	arena_free(&j->job.arena);
	free(j);
}

static void uses_noted(struct ledger_job *job)
{
	struct uses_job *j = job->arg;
	struct shop *s = j->shop;

	s->noting = false;
	if (job->result) {
		ledger_uses_again(s->uses, &j->taken);
		log_warnx("uses of promotions are not noted yet: %s",
			  *job->why.text ? job->why.text : err_name(job->result));
	} else {
		s->noted = j->taken.event;
	}
	uses_job_free(j);
}

/* Only time depends on it: what is not noted is read from the events at the next start. */
static void note_uses(struct shop *s)
{
	struct uses_job *j = calloc(1, sizeof(*j));

	if (!j)
		return;
	if (ledger_uses_take(s->uses, s->folded, &j->arena, &j->taken)) {
		uses_job_free(j);
		return;
	}
	j->shop = s;
	j->job.uses = &j->taken;
	j->job.done = uses_noted;
	j->job.arg = j;
	s->noting = submit(s, &j->job);
	if (s->noting)
		return;
	ledger_uses_again(s->uses, &j->taken);
	uses_job_free(j);
}

bool shop_uses_due(const struct shop *s, int64_t event)
{
	int64_t behind = (event > s->folded ? event : s->folded) - s->noted;

	return !s->noting && behind >= (s->pending ? LEDGER_USES_MOST : LEDGER_USES_EVENTS);
}

void shop_folded(struct shop *s, int64_t event)
{
	bool due = shop_uses_due(s, event);

	if (event > s->folded)
		s->folded = event;
	if (due)
		note_uses(s);
}

static void grant_job_free(struct grant_job *j)
{
	arena_free(&j->arena);
	arena_free(&j->job.arena);
	free(j);
}

/* It was counted when it was asked for: nothing could be spent of it that is not written behind it. */
static void take_back(struct shop *s, const struct event_grant *g)
{
	struct promotion_use *p = uses_promotion(s->uses, g->promotion);

	if (!p)
		return;
	p->granted_uses -= g->uses;
	p->granted_amount.minor -= g->amount.minor;
	p->grant -= p->grant == g->number;
	uses_touch(s->uses, &p->use);
}

static void granted(struct ledger_job *job)
{
	struct grant_job *j = job->arg;
	struct shop *s = j->shop;

	if (job->result) {
		take_back(s, &j->grant);
		log_warnx("promotion %s: its limits could not be granted: %s", j->grant.promotion,
			  *job->why.text ? job->why.text : err_name(job->result));
	} else {
		shop_folded(s, job->id);
	}
	grant_job_free(j);
}

static struct grant_job *grant_job_new(struct shop *s, const struct event_grant *g)
{
	struct grant_job *j = calloc(1, sizeof(*j));
	struct why why;

	if (!j)
		return NULL;
	j->shop = s;
	j->grant = *g;
	j->grant.promotion = arena_text(&j->arena, g->promotion, strlen(g->promotion));
	j->note = (struct ledger_note){.kind = EVENT_GRANT, .about = j->grant.promotion};
	j->job.note = &j->note;
	j->job.done = granted;
	j->job.arg = j;
	if (j->grant.promotion && !ledger_note_body(&event_grant_schema, g, &j->arena, &j->note.body, &why))
		return j;
	grant_job_free(j);
	return NULL;
}

/* The difference between what the book says and what was granted so far. False: there is none. */
static bool wanted(const struct catalog *c, const struct limited *l, struct event_grant *out)
{
	const struct promotion *p = &c->promotions[l->promotion];
	int64_t uses = p->uses ? p->uses : l->use->granted_uses;
	int64_t amount = p->budget.minor ? p->budget.minor : l->use->granted_amount.minor;

	*out = (struct event_grant){
		.promotion = p->id,
		.incarnation = OWN_INCARNATION,
		.number = l->use->grant + 1,
		.uses = uses - l->use->granted_uses,
		.amount = {amount - l->use->granted_amount.minor},
		.currency = c->settings.currency,
		.own = 1,
	};
	return out->uses || out->amount.minor;
}

/* Without headquarters a box grants itself what the book says. */
static void grant(struct shop *s, const struct event_grant *g)
{
	struct grant_job *j = grant_job_new(s, g);

	if (!j || uses_take_grant(s->uses, g)) {
		log_warnx("promotion %s: out of memory: its limits are not granted", g->promotion);
		if (j)
			grant_job_free(j);
		return;
	}
	if (submit(s, &j->job))
		return;
	take_back(s, g);
	grant_job_free(j);
}

void shop_uses_catalog(struct shop *s, const struct catalog *c)
{
	struct limits *l = limits_new(s->uses, c);
	struct event_grant g;

	limits_unref(s->limits);
	s->limits = l;
	for (uint32_t i = 0; l && i < l->count; i++)
		if (wanted(c, &l->at[i], &g))
			grant(s, &g);
}

bool shop_give_limits(const struct shop *s, struct cart *c)
{
	bool ours = c->snapshot == s->snapshot && s->limits;
	struct limits *l = ours ? limits_ref(s->limits) : limits_new(s->uses, c->catalog);
	bool done = l && limits_attach(c, l);

	limits_unref(l);
	return done;
}

/* Nobody is kept from a use for ever by a cart that nobody comes back for. */
static void lapse(void *arg)
{
	struct shop *s = arg;
	int64_t now = shop_now_s(s), hold_s = s->config->hold_suspended_s, next = INT64_MAX;

	for (struct cart *c = s->suspended; c; c = c->next_suspended) {
		int64_t until = c->suspended_s + hold_s;

		if (c->loose || !limits_any_held(c))
			continue;
		if (until > now) {
			next = until < next ? until : next;
			continue;
		}
		limits_let_go(c);
		c->loose = true;
		log_info("cart %s: put aside for too long: what it held of limits is free", c->id);
	}
	if (next == INT64_MAX)
		return; /* the timer of old, if it is set, finds nothing */
	if (!s->held && loop_timer_new(s->loop, lapse, s, &s->held))
		log_warnx("out of memory: carts that are put aside keep what they hold of limits");
	else
		loop_timer_set(s->held, (next - now) * 1000);
}

void shop_watch_holds(struct shop *s)
{
	lapse(s);
}

void shop_take_uses(struct shop *s, struct uses *u, int64_t event)
{
	uses_free(s->uses);
	s->uses = u;
	s->folded = event;
}

const struct uses *shop_uses(const struct shop *s)
{
	return s->uses;
}

enum err shop_uses_start(struct shop *s)
{
	s->uses = uses_new();
	return s->uses ? ERR_OK : ERR_MEMORY;
}

void shop_uses_free(struct shop *s)
{
	loop_timer_free(s->held);
	limits_unref(s->limits);
	uses_free(s->uses);
}
