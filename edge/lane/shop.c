/*
 * A shop: the lanes of a box and what they share.
 */
#include "body_memo.h"
#include "cart_journal.h"
#include "ledger_note.h"

#include <stdlib.h>
#include <string.h>

/* "<box>-<segment>-<n>" fits an id whatever the two numbers: 24 + 1 + 19 + 1 + 19. */
#define BOX_NAME_MAX (ORDER_ID_MAX - 40)

enum err shop_new(struct loop *loop, const struct shop_config *config, int64_t segment, struct shop **out)
{
	struct shop *s;

	if (strlen(config->box) > BOX_NAME_MAX)
		return ERR_INVALID;
	s = calloc(1, sizeof(*s));
	if (!s)
		return ERR_MEMORY;
	s->loop = loop;
	s->config = config;
	s->segment = segment;
	s->memo = body_memo_new();
	if (shop_uses_start(s)) {
		shop_free(s);
		return ERR_MEMORY;
	}
	*out = s;
	return ERR_OK;
}

static void lane_free(struct lane *l)
{
	cart_free(l->cart);
	sale_job_free(l->receipt);
	return_job_free(l->returned);
	free(l->name);
	free(l->channel);
	free(l->language);
	free(l);
}

void shop_free(struct shop *s)
{
	struct cart *next;

	if (!s)
		return;
	journal_stop(s);
	for (uint32_t i = 0; i < s->lane_count; i++)
		lane_free(s->lanes[i]);
	for (uint32_t i = 0; i < s->retired_count; i++)
		lane_free(s->retired[i]);
	for (struct cart *c = s->suspended; c; c = next) {
		next = c->next_suspended;
		cart_free(c);
	}
	shop_uses_free(s);
	snapshot_unref(s->snapshot);
	body_memo_free(s->memo);
	free(s->scratch);
	arena_free(&s->names);
	free(s);
}

void shop_attach(struct shop *s, struct loader *loader, struct ledger_worker *worker)
{
	s->loader = loader;
	s->worker = worker;
}

void shop_listen(struct shop *s, shop_listen_fn *fn, void *arg)
{
	s->listen = fn;
	s->listen_arg = arg;
}

void shop_tell(const struct shop *s, const struct lane_news *news)
{
	if (s->listen)
		s->listen(news, s->listen_arg);
}

/* What was paid is only looked at: it needs what decided it, and not a catalog a lane. */
static void let_go(struct shop *s, struct lane *l)
{
	if (lane_state(l) == LANE_CLOSED)
		(void)cart_let_go(l->cart, s); /* with memory short, at the next one */
	sale_job_let_go(l->receipt);
}

void shop_take_catalog(struct shop *s, struct snapshot *snapshot)
{
	snapshot_unref(s->snapshot);
	s->snapshot = snapshot;
	shop_uses_catalog(s, snapshot_catalog(snapshot));
	for (uint32_t i = 0; i < s->lane_count; i++)
		let_go(s, s->lanes[i]);
	for (uint32_t i = 0; i < s->retired_count; i++)
		let_go(s, s->retired[i]);
	for (uint32_t i = 0; i < s->lane_count; i++)
		lane_renew_cart(s->lanes[i]);
	shop_tell(s, &(struct lane_news){.event = LANE_CATALOG});
}

void shop_catalog_event(struct shop *s, const char *line, size_t n)
{
	shop_tell(s, &(struct lane_news){.event = LANE_CATALOG_EVENT, .text = line, .text_length = n});
}

const struct catalog *shop_catalog(const struct shop *s)
{
	return s->snapshot ? snapshot_catalog(s->snapshot) : NULL;
}

bool shop_submit(struct shop *s, struct ledger_job *job, struct answer *a)
{
	enum err e = s->worker ? ledger_worker_submit(s->worker, job) : ERR_CLOSED;

	if (e && *job->why.text)
		return refuse(a, REFUSED_LEDGER, "it cannot be written: %s", job->why.text);
	if (e == ERR_LIMIT)
		return refuse(a, REFUSED_LEDGER, "%d events wait for the disk already: try again",
			      LEDGER_QUEUE_MAX);
	if (e)
		return refuse(a, REFUSED_LEDGER, "the ledger takes no more events (%s): see the log of tilld",
			      err_name(e));
	s->pending++;
	return true;
}

bool shop_submit_note(struct shop *s, struct ledger_job *job, struct ledger_note *note,
		      const struct schema *schema, const void *record, struct arena *arena, struct answer *a)
{
	struct why why = {0};
	enum err e = ledger_note_body(schema, record, arena, &note->body, &why);

	if (e == ERR_INVALID)
		return refuse(a, REFUSED_BAD_OVERRIDE, "%s", why.text);
	if (e)
		return refuse(a, REFUSED_LEDGER, "it cannot be written: %s", err_name(e));
	job->note = note;
	return shop_submit(s, job, a);
}

uint32_t shop_pending(const struct shop *s)
{
	return s->pending;
}

int64_t shop_now_s(const struct shop *s)
{
	return clock_utc_ms(loop_clock(s->loop)) / 1000;
}

bool shop_take_time(struct shop *s, const struct time_state *t)
{
	bool same = s->time_known && t->doubt == s->time.doubt && t->source == s->time.source &&
		    t->clock_wrong == s->time.clock_wrong;

	s->time = *t;
	s->time_known = true;
	if (!same)
		shop_tell(s, &(struct lane_news){.event = LANE_CLOCK});
	return !same;
}

const struct time_state *shop_time(const struct shop *s)
{
	return &s->time;
}

void *shop_scratch(struct shop *s, size_t size)
{
	void *grown;

	if (s->scratch && size <= s->scratch_size)
		return s->scratch;
	grown = realloc(s->scratch, size);
	if (!grown)
		return NULL;
	s->scratch = grown;
	s->scratch_size = size;
	return grown;
}

enum err lane_new(struct shop *s, const char *name, const char *channel, struct lane **out)
{
	struct lane *l;

	if (s->lane_count == SHOP_LANES_MAX)
		return ERR_LIMIT;
	if (shop_lane(s, name))
		return ERR_EXISTS;
	l = calloc(1, sizeof(*l));
	if (!l)
		return ERR_MEMORY;
	l->shop = s;
	l->name = strdup(name);
	l->channel = strdup(channel);
	if (!l->name || !l->channel) {
		lane_free(l);
		return ERR_MEMORY;
	}
	s->lanes[s->lane_count++] = l;
	*out = l;
	return ERR_OK;
}

enum err lane_may_retire(const struct lane *l, struct why *why)
{
	enum lane_state state = lane_state(l);

	if (state == LANE_OPEN || state == LANE_TENDERING)
		return fail(why, ERR_STATE, "cart %s is %s on it: pay, suspend or void it", lane_cart_id(l),
			    state == LANE_OPEN ? "open" : "being paid");
	if (l->shop->retired_count == SHOP_RETIRED_MAX)
		return fail(why, ERR_LIMIT, "%d lanes have been taken off already: restart the daemon",
			    SHOP_RETIRED_MAX);
	return ERR_OK;
}

enum err lane_retire(struct lane *l, struct why *why)
{
	struct shop *s = l->shop;
	enum err e = lane_may_retire(l, why);
	uint32_t at = 0;

	if (e)
		return e;
	while (s->lanes[at] != l)
		at++;
	s->lane_count--;
	memmove(&s->lanes[at], &s->lanes[at + 1], (s->lane_count - at) * sizeof(struct lane *));
	s->retired[s->retired_count++] = l;
	l->retired = true;
	return ERR_OK;
}

struct lane *shop_lane(const struct shop *s, const char *name)
{
	for (uint32_t i = 0; i < s->lane_count; i++)
		if (!strcmp(s->lanes[i]->name, name))
			return s->lanes[i];
	return NULL;
}

struct lane *shop_lane_at(const struct shop *s, uint32_t i)
{
	return i < s->lane_count ? s->lanes[i] : NULL;
}
