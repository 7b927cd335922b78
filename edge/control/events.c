/*
 * Events: what the shop tells goes to the subscribers of the lane, in the same turn of the loop. An event
 * is written once, into memory that is there already, and sent to each of them straight from it: this is
 * the end of the way of a scan.
 */
#include "shop_events.h"

typedef void event_members_fn(const struct control *c, const struct lane_news *news, struct jsonw *w);

static void line_members(const struct control *c, const struct lane_news *news, struct jsonw *w)
{
	(void)c;
	lane_line_json(news->lane, news->line, w);
}

static void hints_members(const struct control *c, const struct lane_news *news, struct jsonw *w)
{
	line_members(c, news, w);
	lane_hints_json(news->lane, w);
}

static void cart_members(const struct control *c, const struct lane_news *news, struct jsonw *w)
{
	(void)c;
	lane_cart_json(news->lane, w);
}

static void refused_members(const struct control *c, const struct lane_news *news, struct jsonw *w)
{
	jsonw_text(w, "lane", lane_name(news->lane));
	answer_json(c->config.shop, news->answer, w);
	jsonw_text(w, "scanned", news->scanned);
}

static void tendered_members(const struct control *c, const struct lane_news *news, struct jsonw *w)
{
	(void)c;
	jsonw_text(w, "lane", lane_name(news->lane));
	lane_receipt_json(news->lane, w);
}

static void returned_members(const struct control *c, const struct lane_news *news, struct jsonw *w)
{
	(void)c;
	jsonw_text(w, "lane", lane_name(news->lane));
	lane_return_json(news->lane, w);
}

static void scanner_members(const struct control *c, const struct lane_news *news, struct jsonw *w)
{
	(void)c;
	jsonw_text(w, "lane", lane_name(news->lane));
	jsonw_text(w, "scanner", news->scanner);
	jsonw_text(w, "state", news->up ? "up" : "down");
	jsonw_text(w, "reason", news->answer ? news->answer->why.text : "");
}

static void catalog_members(const struct control *c, const struct lane_news *news, struct jsonw *w)
{
	const struct catalog *catalog = shop_catalog(c->config.shop);

	(void)news;
	jsonw_int(w, "version", catalog ? (int64_t)catalog->version : 0);
}

static void clock_members(const struct control *c, const struct lane_news *news, struct jsonw *w)
{
	(void)news;
	control_clock_json(shop_time(c->config.shop), w);
}

/* A kind of event, and who it is for: clients that hear one of these of a change of a line. */
struct telling {
	const char *name;
	event_members_fn *members;
	unsigned hear;
};

#define EVERYBODY (CLIENT_HEARS_LINE | CLIENT_HEARS_HINTS)

static const struct telling kinds[] = {
	[LANE_CART] = {"cart", cart_members, EVERYBODY},
	[LANE_REFUSED] = {"refused", refused_members, EVERYBODY},
	[LANE_TENDERED] = {"tendered", tendered_members, EVERYBODY},
	[LANE_RETURNED] = {"returned", returned_members, EVERYBODY},
	[LANE_SCANNER] = {"scanner", scanner_members, EVERYBODY},
	[LANE_CATALOG] = {"catalog", catalog_members, EVERYBODY},
	[LANE_CLOCK] = {"clock", clock_members, EVERYBODY},
};

/* Of a line, in this order: what most hear comes first. */
static const struct telling line_kinds[] = {
	{"line", line_members, CLIENT_HEARS_LINE},
	{"line", hints_members, CLIENT_HEARS_HINTS},
	{"cart", cart_members, CLIENT_HEARS_CART},
};

static bool is_told(const struct client *client, const struct lane *lane)
{
	return !client->doomed &&
	       (client->all || (client->lane != NULL && (lane == NULL || client->lane == lane)));
}

/* What the subscribers of the lane hear, all of them together. */
static unsigned heard(const struct control *c, const struct lane *lane)
{
	unsigned hear = 0;

	for (uint32_t i = 0; i < c->open_count; i++)
		if (is_told(c->open[i], lane))
			hear |= c->open[i]->hears;
	return hear;
}

static bool write_event(struct control *c, const struct telling *t, const struct lane_news *news)
{
	struct jsonw w;

	buf_cut(&c->event, 0);
	jsonw_begin(&w, &c->event);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "event", t->name);
	t->members(c, news, &w);
	jsonw_close(&w);
	if (jsonw_end(&w) == ERR_OK)
		return true;
	log_warnx("control: an event '%s' does not fit and is left out", t->name);
	return false;
}

static void tell(struct control *c, const struct telling *t, const struct lane_news *news)
{
	if (!write_event(c, t, news))
		return;
	for (uint32_t i = 0; i < c->open_count; i++) {
		struct client *client = c->open[i];

		if (!(client->hears & t->hear) || !is_told(client, news->lane))
			continue;
		client_send(client, buf_front(&c->event), buf_length(&c->event));
		c->unsettled |= client->doomed || buf_length(&client->out) > 0;
	}
}

void control_news(const struct lane_news *news, void *arg)
{
	struct control *c = arg;
	unsigned hear = heard(c, news->lane) & ~(unsigned)CLIENT_HEARS_SHOP;

	if (c->shop_events)
		shop_events_news(c->shop_events, news);
	if (news->event != LANE_LINE && news->event != LANE_CATALOG_EVENT && hear)
		tell(c, &kinds[news->event], news);
	for (size_t i = 0; news->event == LANE_LINE && i < sizeof(line_kinds) / sizeof(*line_kinds); i++)
		if (line_kinds[i].hear & hear)
			tell(c, &line_kinds[i], news);
}
