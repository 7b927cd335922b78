/*
 * Margin alerts. See alerts.h.
 */
#include "alerts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event_alert.h"
#include "lane_events.h"
#include "lane_parts.h"
#include "ledger_note.h"
#include "log.h"

#define DAY_S 86400

struct alert_job {
	struct ledger_job job;
	struct ledger_note note;
	struct arena arena;
	struct shop *shop;
	char once[160];
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

static struct alert_job *job_of(struct shop *s, const struct shop_event *e, const char *currency,
				const char *order, const char *once)
{
	const struct margin_event *m = &e->as.margin;
	const struct event_alert alert = {.name = shop_event_schema(e->type)->name,
					  .currency = currency,
					  .sku = m->product,
					  .price = m->price,
					  .floor_price = m->floor_price,
					  .margin = m->margin,
					  .floor = m->floor,
					  .segment = m->segment,
					  .promotion = m->promotion,
					  .order = order};
	struct alert_job *j = calloc(1, sizeof(*j));
	struct why why;

	if (!j)
		return NULL;
	j->shop = s;
	snprintf(j->once, sizeof(j->once), "%s", once);
	j->note = (struct ledger_note){.kind = EVENT_ALERT,
				       .about = arena_text(&j->arena, m->product, strlen(m->product)),
				       .once = j->once};
	j->job.note = &j->note;
	j->job.done = on_done;
	j->job.arg = j;
	if (j->note.about && !ledger_note_body(&event_alert_schema, &alert, &j->arena, &j->note.body, &why))
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

void alerts_after_sale(struct lane *l, const struct cart *c, const char *order)
{
	struct shop *s = l->shop;
	char segments[SEGMENTS_TEXT_MAX], once[160];

	for (uint32_t i = 0; i < c->now.count; i++) {
		struct shop_event e;
		uint64_t *known;

		if (!is_alarming(c, i, &e))
			continue;
		e.as.margin.segment = customer_segments(c->now.customer, segments);
		snprintf(once, sizeof(once), "%s/%.64s/%" PRId64, shop_event_schema(e.type)->name, e.key,
			 (e.at_s + c->utc_offset_s) / DAY_S);
		known = remember(&s->alerts, once);
		if (!known)
			continue;
		if (keep(s, &e, c->catalog->settings.currency, order, once))
			shop_event_tell(s, &e);
		else
			*known = 0;
	}
}
