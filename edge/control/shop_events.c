/*
 * Events of prices and promotions. See shop_events.h.
 *
 * Windows are looked at each minute, and only while somebody listens: a bit a promotion and rule says whether
 * its time had come when it was last looked. A new catalog begins anew: what it changed, its own events tell.
 */
#include "shop_events.h"
#include "landed.h"

#include <stdlib.h>
#include <string.h>

#include "lane_events.h"
#include "zone.h"

#define MINUTE_MS INT64_C(60000)
#define TOLD_MAX  512 /* markdowns that were told; one more takes the place of the oldest */

struct shop_events {
	struct control *control;
	struct loop_timer *timer;
	bool running;
	const struct catalog *seen; /* of which `open` speaks; never followed */
	uint64_t version;
	int64_t looked_s;
	uint8_t *open; /* promotions, then rules */
	uint32_t count;
	uint64_t told[TOLD_MAX]; /* hashes of markdowns */
	uint32_t told_at;
	struct arena arena;
};

static bool anyone_listens(const struct control *c)
{
	for (uint32_t i = 0; i < c->open_count; i++)
		if (!c->open[i]->doomed && (c->open[i]->hears & CLIENT_HEARS_SHOP))
			return true;
	return false;
}

static void send_line(struct control *c, const void *line, size_t n)
{
	for (uint32_t i = 0; i < c->open_count; i++) {
		struct client *client = c->open[i];

		if (client->doomed || !(client->hears & CLIENT_HEARS_SHOP))
			continue;
		client_send(client, line, n);
		c->unsettled |= client->doomed || buf_length(&client->out) > 0;
	}
}

/* The object open in w is closed and sent. */
static void send_event(struct control *c, struct jsonw *w)
{
	jsonw_close(w);
	if (jsonw_end(w) == ERR_OK)
		send_line(c, buf_front(&c->event), buf_length(&c->event));
}

static void begin_event(struct control *c, struct jsonw *w)
{
	buf_cut(&c->event, 0);
	jsonw_begin(w, &c->event);
	jsonw_object(w, NULL);
}

static void tell(struct shop_events *s, const struct shop_event *e)
{
	struct jsonw w;

	begin_event(s->control, &w);
	shop_event_write(s->control->config.shop, e, &w);
	send_event(s->control, &w);
}

static struct engine_context context_now(const struct control *c)
{
	int64_t now_s = clock_utc_ms(loop_clock(c->loop)) / 1000;

	return (struct engine_context){.now_s = now_s,
				       .utc_offset_s = zone_offset_s(now_s),
				       .clock_uncertain = shop_time(c->config.shop)->uncertain};
}

static struct shop_event window_event(const struct catalog *c, enum shop_event_type type, const char *id,
				      int64_t now_s)
{
	return (struct shop_event){.type = type, .at_s = now_s, .version = (int64_t)c->version, .key = id};
}

static void tell_promotion(struct shop_events *s, const struct catalog *c, uint32_t i, bool open,
			   int64_t now_s)
{
	const struct promotion *p = &c->promotions[i];
	struct shop_event e =
		window_event(c, open ? SHOP_PROMOTION_ACTIVATED : SHOP_PROMOTION_ENDED, p->id, now_s);
	struct record r;
	struct why why;

	arena_reset(&s->arena);
	if (record_decode(RECORD_PROMOTION, p->body, p->body_length, &s->arena, &r, &why) ||
	    promotion_event_of(&r.as.promotion, c->settings.exponent, &s->arena, &e.as.promotion))
		return; /* memory is short */
	tell(s, &e);
}

/* The first of the articles that it selects; none if it selects every one. */
static struct list selected(struct shop_events *s, const struct catalog *c, const struct selector *on,
			    bool every)
{
	const char **skus = every ? NULL : arena_get(&s->arena, AFFECTED_MAX * sizeof(*skus));
	size_t n = 0;

	for (uint32_t i = 0; skus && i < c->item_count && n < AFFECTED_MAX; i++)
		if (engine_selects(c, on, i))
			skus[n++] = catalog_sku(c, i);
	return (struct list){skus, n};
}

static void tell_rule(struct shop_events *s, const struct catalog *c, uint32_t i, int64_t now_s)
{
	const struct price_rule *rule = &c->rules[i];
	struct shop_event e = window_event(c, SHOP_PRICE_RULE_ACTIVATED, rule->id, now_s);
	struct record r;
	struct why why;

	arena_reset(&s->arena);
	if (record_decode(RECORD_PRICE_RULE, rule->body, rule->body_length, &s->arena, &r, &why))
		return;
	e.as.rule_activated = (struct rule_activated){
		.rule = rule->id,
		.kind = record_rule_kind(rule->kind),
		.from = r.as.price_rule.from,
		.to = r.as.price_rule.to,
		.products = selected(s, c, &rule->on, !r.as.price_rule.select),
	};
	tell(s, &e);
}

/* A price set by hand begins to count, or ends. What counts in its place is the lists' to say. */
static void tell_override(struct shop_events *s, const struct catalog *c, uint32_t i, bool open,
			  int64_t now_s)
{
	const struct price_rule *rule = &c->rules[i];
	struct shop_event e = window_event(c, SHOP_PRICE_CHANGED, NULL, now_s);
	struct price_changed *p = &e.as.price_changed;
	struct record r;
	struct why why;

	arena_reset(&s->arena);
	if (record_decode(RECORD_OVERRIDE, rule->body, rule->body_length, &s->arena, &r, &why) ||
	    !r.as.override.sku)
		return;
	e.key = r.as.override.sku;
	*p = (struct price_changed){.product = e.key,
				    .before = open ? MONEY_NONE : r.as.override.price,
				    .after = open ? r.as.override.price : MONEY_NONE,
				    .effective = {.seconds = now_s},
				    .reason = r.as.override.reason,
				    .user = r.as.override.by,
				    .margin_impact = {AMOUNT_NONE},
				    .override = r.as.override.id,
				    .from = {AMOUNT_NONE},
				    .until = {.seconds = AMOUNT_NONE}};
	if (open)
		p->until = r.as.override.to;
	tell(s, &e);
}

/* Makes room for the bits of that catalog. False: memory is short. */
static bool follow(struct shop_events *s, const struct catalog *c)
{
	uint32_t count = c->promotion_count + c->rule_count;
	uint8_t *grown;

	if (s->open && count <= s->count)
		return true;
	grown = realloc(s->open, count + 1);
	if (!grown)
		return false;
	memset(grown, 0, count + 1);
	s->open = grown;
	s->count = count;
	return true;
}

/* Those that were not when it was looked last. */
static void tell_rates(struct shop_events *s, const struct catalog *c, const struct engine_context *x)
{
	for (uint32_t i = 0; i < c->exchange_count; i++) {
		const struct exchange *rate = &c->exchanges[i];
		struct shop_event e = window_event(c, SHOP_RATE_STALE, rate->currency, x->now_s);

		if (!rate->used || !exchange_is_stale(rate, x->now_s, x->utc_offset_s) ||
		    exchange_is_stale(rate, s->looked_s, x->utc_offset_s))
			continue;
		e.as.rate = (struct rate_stale){rate->currency,
						{.seconds = exchange_at_s(rate, x->utc_offset_s)}};
		tell(s, &e);
	}
}

static void look(struct shop_events *s)
{
	const struct catalog *c = shop_catalog(s->control->config.shop);
	const struct engine_context x = context_now(s->control);
	bool anew = c && (c != s->seen || c->version != s->version);

	if (!c || !follow(s, c))
		return;
	if (!anew)
		tell_rates(s, c, &x);
	s->looked_s = x.now_s;
	s->seen = c;
	s->version = c->version;
	for (uint32_t i = 0; i < c->promotion_count; i++) {
		bool open = engine_promotion_runs(&c->promotions[i], &x);

		if (!anew && open != s->open[i])
			tell_promotion(s, c, i, open, x.now_s);
		s->open[i] = open;
	}
	for (uint32_t i = 0; i < c->rule_count; i++) {
		bool open = engine_rule_runs(&c->rules[i], &x), hand = c->rules[i].kind == RULE_OVERRIDE;
		uint8_t *was = &s->open[c->promotion_count + i];

		if (!anew && hand && open != *was)
			tell_override(s, c, i, open, x.now_s);
		else if (!anew && !hand && open && !*was)
			tell_rule(s, c, i, x.now_s);
		*was = open;
	}
}

/* A second into each minute: then what ended with the minute before has ended. */
static void on_minute(void *arg)
{
	struct shop_events *s = arg;
	int64_t now_ms = clock_utc_ms(loop_clock(s->control->loop));

	s->running = anyone_listens(s->control);
	if (!s->running)
		return;
	look(s);
	loop_timer_set(s->timer, MINUTE_MS - now_ms % MINUTE_MS + 1);
}

void shop_events_wanted(struct shop_events *s)
{
	if (!s->running) {
		s->seen = NULL; /* what happened while nobody listened is not told */
		on_minute(s);
	}
}

/* Each markdown of an article once, until its amount is another one. */
static bool told_before(struct shop_events *s, const struct shop_event *e)
{
	const struct markdown_triggered *m = &e->as.markdown;
	uint64_t hash = UINT64_C(14695981039346656037);

	for (const char *at = m->product; *at; at++)
		hash = (hash ^ (uint8_t)*at) * UINT64_C(1099511628211);
	for (const char *at = m->rule; *at; at++)
		hash = (hash ^ (uint8_t)*at) * UINT64_C(1099511628211);
	hash = (hash ^ (uint64_t)m->after.minor) * UINT64_C(1099511628211) ^ (uint64_t)m->before.minor;
	for (uint32_t i = 0; i < TOLD_MAX; i++)
		if (s->told[i] == hash)
			return true;
	s->told[s->told_at++ % TOLD_MAX] = hash;
	return false;
}

static void tell_line(struct shop_events *s, const struct lane_news *news)
{
	struct shop_event markdown;
	struct jsonw w;

	begin_event(s->control, &w);
	lane_price_calculated(news->lane, news->line, &w);
	send_event(s->control, &w);
	if (lane_markdown_of(news->lane, news->line, &markdown) && !told_before(s, &markdown))
		tell(s, &markdown);
}

void shop_events_news(struct shop_events *s, const struct lane_news *news)
{
	if (!s->running || !anyone_listens(s->control))
		return;
	if (news->event == LANE_LINE)
		tell_line(s, news);
	else if (news->event == LANE_CATALOG || news->event == LANE_CLOCK)
		look(s); /* so that windows are told from here on */
	else if (news->event == LANE_CATALOG_EVENT)
		send_line(s->control, news->text, news->text_length);
}

enum err shop_events_new(struct control *c, struct shop_events **out)
{
	struct shop_events *s = calloc(1, sizeof(*s));
	enum err e;

	if (!s)
		return ERR_MEMORY;
	s->control = c;
	e = loop_timer_new(c->loop, on_minute, s, &s->timer);
	if (e) {
		free(s);
		return e;
	}
	*out = s;
	return ERR_OK;
}

void shop_events_free(struct shop_events *s)
{
	if (!s)
		return;
	loop_timer_free(s->timer);
	arena_free(&s->arena);
	free(s->open);
	free(s);
}
