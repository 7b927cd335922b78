/*
 * Verbs about the box as a whole.
 */
#include <stdio.h>
#include <string.h>

#include "civil.h"
#include "engine.h"
#include "landed.h"
#include "shop_events.h"
#include "verbs.h"
#include "zone.h"

void verb_version(struct request *r)
{
	struct jsonw w;

	if (!reply_begin(&r->reply, &w))
		return;
	jsonw_bool(&w, "ok", true);
	jsonw_text(&w, "program", r->reply.control->config.program);
	jsonw_text(&w, "version", r->reply.control->config.version);
	jsonw_int(&w, "protocol", CONTROL_PROTOCOL);
	jsonw_int(&w, "semantics", ENGINE_SEMANTICS);
	reply_end(&r->reply, &w);
}

static uint32_t lane_count(const struct shop *s)
{
	uint32_t n = 0;

	while (shop_lane_at(s, n))
		n++;
	return n;
}

/* Those that landed costs are reckoned with. */
static void rate_members(const struct catalog *c, int64_t now_s, struct jsonw *w)
{
	int32_t offset_s = zone_offset_s(now_s);
	char text[CIVIL_TEXT_MAX];

	jsonw_array(w, "exchange_rates");
	for (uint32_t i = 0; i < c->exchange_count; i++) {
		const struct exchange *x = &c->exchanges[i];

		if (!x->used)
			continue;
		jsonw_object(w, NULL);
		jsonw_text(w, "currency", x->currency);
		if (x->at.seconds != AMOUNT_NONE)
			jsonw_text_n(w, "at", text, civil_format(exchange_at_s(x, offset_s), true, text));
		jsonw_bool(w, "stale", exchange_is_stale(x, now_s, offset_s));
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void catalog_members(const struct catalog *c, int64_t now_s, struct jsonw *w)
{
	if (c == NULL) {
		jsonw_null(w, "catalog");
		return;
	}
	jsonw_object(w, "catalog");
	jsonw_int(w, "version", (int64_t)c->version);
	jsonw_text(w, "book", c->settings.id);
	jsonw_int(w, "items", c->item_count);
	jsonw_int(w, "promotions", c->promotion_count);
	jsonw_text(w, "currency", c->settings.currency);
	rate_members(c, now_s, w);
	jsonw_close(w);
}

static void health_members(struct shop *shop, const struct ledger_health *h, struct jsonw *w)
{
	struct why carts;
	const struct why *const warnings[] = {&h->disk, &h->wal, &h->files, &h->loss};

	jsonw_int(w, "wal_bytes", h->wal_bytes);
	jsonw_int(w, "free_bytes", (int64_t)h->free_bytes);
	jsonw_text(w, "space", ledger_space_name(h->space));
	jsonw_bool(w, "restored", h->restored.is);
	jsonw_array(w, "warnings");
	for (size_t i = 0; i < sizeof(warnings) / sizeof(warnings[0]); i++)
		if (warnings[i]->text[0])
			jsonw_text(w, NULL, warnings[i]->text);
	shop_carts_trouble(shop, &carts);
	if (carts.text[0]) {
		char text[sizeof(carts.text) + 64];

		snprintf(text, sizeof(text), "open carts are not kept for a restart: %s", carts.text);
		jsonw_text(w, NULL, text);
	}
	jsonw_close(w);
}

static void ledger_members(struct shop *shop, struct ledger_worker *ledger, struct jsonw *w)
{
	struct ledger_counts counts;

	if (ledger == NULL) {
		jsonw_null(w, "ledger");
		return;
	}
	ledger_worker_counts(ledger, &counts);
	jsonw_object(w, "ledger");
	jsonw_int(w, "segment", counts.head.segment);
	jsonw_int(w, "sequence", counts.head.sequence);
	jsonw_int(w, "sales", (int64_t)counts.sales);
	jsonw_int(w, "commits", (int64_t)counts.commits);
	jsonw_int(w, "queued", counts.queued);
	health_members(shop, &counts.health, w);
	jsonw_close(w);
}

void control_clock_json(const struct time_state *s, struct jsonw *w)
{
	char now[CIVIL_TEXT_MAX], text[TIME_TEXT_MAX];
	const char *fix;

	jsonw_text_n(w, "now", now, civil_format(s->now_ms / 1000, true, now));
	jsonw_bool(w, "uncertain", s->uncertain);
	jsonw_text(w, "doubt", time_doubt_name(s->doubt));
	jsonw_text(w, "source", time_source_name(s->source));
	jsonw_bool(w, "clock_wrong", s->clock_wrong);
	jsonw_int(w, "floor_ms", s->facts.floor_ms);
	if (s->facts.told_ms == TIME_UNKNOWN)
		jsonw_null(w, "uncertain_ms");
	else
		jsonw_int(w, "uncertain_ms", s->facts.uncertain_ms);
	time_words(s, text, &fix);
	jsonw_text(w, "text", text);
	jsonw_text(w, "fix", fix);
}

void verb_status(struct request *r)
{
	struct control *c = r->reply.control;
	struct jsonw w;

	if (!reply_begin(&r->reply, &w))
		return;
	jsonw_bool(&w, "ok", true);
	jsonw_text(&w, "box", c->config.box);
	jsonw_text(&w, "store", c->config.store);
	jsonw_int(&w, "uptime_s", (clock_monotonic_us(loop_clock(c->loop)) - c->started_us) / 1000000);
	catalog_members(shop_catalog(c->config.shop), clock_utc_ms(loop_clock(c->loop)) / 1000, &w);
	ledger_members(c->config.shop, c->ledger, &w);
	jsonw_object(&w, "clock");
	control_clock_json(shop_time(c->config.shop), &w);
	jsonw_close(&w);
	jsonw_int(&w, "lanes", lane_count(c->config.shop));
	jsonw_int(&w, "clients", c->open_count);
	reply_end(&r->reply, &w);
}

static void scanner_members(const struct control_scanner *s, struct jsonw *w)
{
	struct scanner_status status;

	scanner_status(s->scanner, &status);
	jsonw_object(w, NULL);
	jsonw_text(w, "scanner", scanner_name(s->scanner));
	jsonw_text(w, "state", status.state == SCANNER_UP ? "up" : "down");
	jsonw_text(w, "device", scanner_device(s->scanner));
	jsonw_int(w, "scans", (int64_t)status.scans);
	jsonw_int(w, "dropped", (int64_t)status.dropped);
	jsonw_text(w, "reason", status.reason);
	jsonw_close(w);
}

static void lane_members(const struct control *c, const struct lane *l, struct jsonw *w)
{
	jsonw_object(w, NULL);
	lane_summary_json(l, w);
	jsonw_array(w, "scanners");
	for (size_t i = 0; i < c->scanner_count; i++)
		if (c->scanners[i].lane == l)
			scanner_members(&c->scanners[i], w);
	jsonw_close(w);
	jsonw_close(w);
}

void verb_lanes(struct request *r)
{
	struct control *c = r->reply.control;
	struct jsonw w;
	const struct lane *l;

	if (!reply_begin(&r->reply, &w))
		return;
	jsonw_bool(&w, "ok", true);
	jsonw_array(&w, "lanes");
	for (uint32_t i = 0; (l = shop_lane_at(c->config.shop, i)) != NULL; i++)
		lane_members(c, l, &w);
	jsonw_close(&w);
	shop_suspended_json(c->config.shop, &w);
	reply_end(&r->reply, &w);
}

/* The members come before it is known whether there is a price: a refusal starts the line anew. */
void verb_price(struct request *r)
{
	const char *code = request_text(r, "code"), *sku = request_text(r, "sku");
	struct lane *lane = r->lane ? r->lane : shop_lane_at(r->reply.control->config.shop, 0);
	struct answer a = {0};
	struct jsonw w;

	if ((code == NULL) == (sku == NULL)) {
		reply_error(&r->reply, "bad_request", "code: give either 'code' or 'sku'");
		return;
	}
	if (!reply_begin(&r->reply, &w))
		return;
	jsonw_bool(&w, "ok", true);
	lane_price_json(lane, code ? code : sku, sku != NULL, &a, &w);
	if (a.refusal == REFUSED_NOT) {
		reply_end(&r->reply, &w);
		return;
	}
	buf_cut(&r->client->out, w.began);
	reply_refusal(&r->reply, &a);
}

static void answer_subscribed(const struct request *r)
{
	const struct shop *shop = r->reply.control->config.shop;
	struct jsonw w;
	const struct lane *l;

	if (!reply_begin(&r->reply, &w))
		return;
	jsonw_bool(&w, "ok", true);
	jsonw_array(&w, "lanes");
	for (uint32_t i = 0; (l = shop_lane_at(shop, i)) != NULL; i++)
		if (r->client->all || r->client->lane == l)
			jsonw_text(&w, NULL, lane_name(l));
	jsonw_close(&w);
	reply_end(&r->reply, &w);
}

/* The last subscription holds. */
void verb_subscribe(struct request *r)
{
	const char *name = request_text(r, "lane");
	bool all = strcmp(name, "*") == 0;
	const struct lane *lane = all ? NULL : shop_lane(r->reply.control->config.shop, name);

	if (!all && lane == NULL) {
		reply_error(&r->reply, "unknown_lane", "this box has no lane '%.64s'", name);
		return;
	}
	r->client->all = all;
	r->client->lane = lane;
	r->client->hears = (request_flag(r, "hints") ? CLIENT_HEARS_HINTS : CLIENT_HEARS_LINE) |
			   (request_flag(r, "full") ? CLIENT_HEARS_CART : 0u);
	if (request_flag(r, "events")) {
		r->client->hears |= CLIENT_HEARS_SHOP;
		shop_events_wanted(r->reply.control->shop_events);
	}
	answer_subscribed(r);
}

void verb_refresh(struct request *r)
{
	struct control *c = r->reply.control;
	struct jsonw w;

	if (c->loader)
		loader_refresh(c->loader);
	if (!reply_begin(&r->reply, &w))
		return;
	jsonw_bool(&w, "ok", true);
	reply_end(&r->reply, &w);
}
