/*
 * Margin alerts and markdowns. See alerts.h.
 */
#include "alerts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event_alert.h"
#include "event_price.h"
#include "lane_events.h"
#include "lane_parts.h"
#include "ledger_note.h"
#include "log.h"

#define DAY_S	 86400
#define ONCE_MAX 640 /* kind, SKU and rule of 64 characters each, amount, day */

struct alert_job {
	struct ledger_job job;
	struct ledger_note note;
	struct arena arena;
	struct shop *shop;
	char once[ONCE_MAX];
};

static struct money per_unit(struct money amount, struct qty quantity)
{
	struct money out;

	if (muldiv(amount.minor, QTY_ONE.micro, quantity.micro, ROUND_HALF_AWAY, &out.minor))
		out = amount;
	return out;
}

static const char *last_promotion(const struct cart *c, const struct line_result *line)
{
	const struct discount *d = &c->now.result.discounts[line->first_discount];

	return line->discounts ? c->catalog->promotions[d[line->discounts - 1].promotion].id : NULL;
}

/* What there is to tell of a line. False: nothing. */
static bool is_alarming(const struct cart *c, uint32_t i, struct shop_event *out)
{
	const struct line_result *line = &c->now.result.lines[i];
	const struct engine_line *in = &c->now.lines[i];
	struct rate margin;

	if (line->floor.ppm == AMOUNT_NONE ||
	    engine_margin(c->catalog, in->item, in->quantity, line->net, &margin))
		return false;
	if (line->net.minor >= line->least.minor &&
	    margin.ppm - line->floor.ppm > c->catalog->settings.margin_alert.ppm)
		return false;
	*out = (struct shop_event){.type = line->net.minor < line->least.minor ? SHOP_MARGIN_VIOLATION
									       : SHOP_MARGIN_ALERT,
				   .at_s = c->now_s,
				   .version = (int64_t)c->catalog->version,
				   .key = catalog_sku(c->catalog, in->item),
				   .as.margin = {.product = catalog_sku(c->catalog, in->item),
						 .price = per_unit(line->net, in->quantity),
						 .floor_price = per_unit(line->least, in->quantity),
						 .margin = margin,
						 .floor = line->floor,
						 .promotion = last_promotion(c, line)}};
	return true;
}

static void on_done(struct ledger_job *job)
{
	struct alert_job *j = job->arg;

	j->shop->pending--;
	if (job->result && job->result != ERR_EXISTS)
		log_warnx("alert %s: %s", j->once, job->why.text);
	arena_free(&j->job.arena);
	arena_free(&j->arena);
	free(j);
}

static void alert_of(const struct shop_event *e, const char *currency, const char *order,
		     struct event_alert *out)
{
	const struct margin_event *m = &e->as.margin;

	*out = (struct event_alert){.name = shop_event_schema(e->type)->name,
				    .currency = currency,
				    .sku = m->product,
				    .price = m->price,
				    .floor_price = m->floor_price,
				    .margin = m->margin,
				    .floor = m->floor,
				    .segment = m->segment,
				    .promotion = m->promotion,
				    .order = order};
}

static void price_of(const struct shop_event *e, const char *currency, const char *order,
		     struct event_price *out)
{
	const struct markdown_triggered *m = &e->as.markdown;

	*out = (struct event_price){.name = shop_event_schema(e->type)->name,
				    .currency = currency,
				    .sku = m->product,
				    .before = m->before,
				    .after = m->after,
				    .rule = m->rule,
				    .rule_kind = m->kind,
				    .why = m->justification,
				    .order = order};
}

static enum err write_body(struct alert_job *j, const struct shop_event *e, const char *currency,
			   const char *order)
{
	struct event_alert alert;
	struct event_price price;
	struct why why;

	if (e->type == SHOP_MARKDOWN_TRIGGERED) {
		j->note.kind = EVENT_PRICE;
		price_of(e, currency, order, &price);
		return ledger_note_body(&event_price_schema, &price, &j->arena, &j->note.body, &why);
	}
	j->note.kind = EVENT_ALERT;
	alert_of(e, currency, order, &alert);
	return ledger_note_body(&event_alert_schema, &alert, &j->arena, &j->note.body, &why);
}

static struct alert_job *job_of(struct shop *s, const struct shop_event *e, const char *currency,
				const char *order, const char *once)
{
	struct alert_job *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->shop = s;
	snprintf(j->once, sizeof(j->once), "%s", once);
	j->note =
		(struct ledger_note){.about = arena_text(&j->arena, e->key, strlen(e->key)), .once = j->once};
	j->job.note = &j->note;
	j->job.done = on_done;
	j->job.arg = j;
	if (j->note.about && !write_body(j, e, currency, order))
		return j;
	arena_free(&j->arena);
	free(j);
	return NULL;
}

static bool keep(struct shop *s, const struct shop_event *e, const char *currency, const char *order,
		 const char *once)
{
	struct alert_job *j = job_of(s, e, currency, order, once);
	enum err failed = ERR_MEMORY;

	if (j)
		failed = s->worker ? ledger_worker_submit(s->worker, &j->job) : ERR_CLOSED;
	if (!failed) {
		s->pending++;
		return true;
	}
	log_warnx("alert %s: it cannot be written: %s", once, err_name(failed));
	if (j) {
		arena_free(&j->job.arena);
		arena_free(&j->arena);
		free(j);
	}
	return false;
}

/* Where it is remembered that it was told, which makes it so; NULL: it was told before. */
static uint64_t *remember(struct alerts *a, const char *once)
{
	uint64_t hash = catalog_hash_text(once) | UINT64_C(1) << 32; /* 0: a free place */
	uint64_t *at = &a->known[hash % ALERTS_KNOWN];

	if (*at == hash)
		return NULL;
	*at = hash;
	return at;
}

/* It goes to the ledger once; whoever listens is told then, unless that was done at the scan. */
static void note(struct lane *l, const struct cart *c, const struct shop_event *e, const char *order,
		 const char *once)
{
	struct shop *s = l->shop;
	uint64_t *known = remember(&s->alerts, once);

	if (!known)
		return;
	if (!keep(s, e, c->catalog->settings.currency, order, once))
		*known = 0;
	else if (e->type != SHOP_MARKDOWN_TRIGGERED)
		shop_event_tell(s, e);
}

static void note_margin(struct lane *l, const struct cart *c, uint32_t line, const char *order, int64_t day)
{
	char segments[SEGMENTS_TEXT_MAX], once[ONCE_MAX];
	struct shop_event e;

	if (!is_alarming(c, line, &e))
		return;
	e.as.margin.segment = customer_segments(c->now.customer, segments);
	snprintf(once, sizeof(once), "%s/%s/%" PRId64, shop_event_schema(e.type)->name, e.key, day);
	note(l, c, &e, order, once);
}

/* Another amount on the same day is told besides. */
static void note_markdown(struct lane *l, const struct cart *c, uint32_t line, const char *order, int64_t day)
{
	char once[ONCE_MAX];
	struct shop_event e;

	if (!lane_markdown_of(l, line, &e))
		return;
	snprintf(once, sizeof(once), "%s/%s/%s/%" PRId64 "/%" PRId64, shop_event_schema(e.type)->name, e.key,
		 e.as.markdown.rule, e.as.markdown.after.minor, day);
	note(l, c, &e, order, once);
}

void alerts_after_sale(struct lane *l, const struct cart *c, const char *order)
{
	int64_t day = (c->now_s + c->utc_offset_s) / DAY_S;

	for (uint32_t i = 0; i < c->now.count; i++) {
		note_margin(l, c, i, order, day);
		note_markdown(l, c, i, order, day);
	}
}
