/*
 * Events: what the shop tells goes to the subscribers of the lane, in the same turn of the loop. An event
 * is written once, into memory that is there already, and sent to each of them straight from it: this is
 * the end of the way of a scan.
 */
#include "control_parts.h"

typedef void event_members_fn(const struct control *c, const struct lane_news *news, struct jsonw *w);

static void line_members(const struct control *c, const struct lane_news *news, struct jsonw *w)
{
	(void)c;
	lane_line_json(news->lane, news->line, w);
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

static const struct {
	const char *name;
	event_members_fn *members;
} kinds[] = {
	[LANE_LINE] = {"line", line_members},	       [LANE_CART] = {"cart", cart_members},
	[LANE_REFUSED] = {"refused", refused_members}, [LANE_TENDERED] = {"tendered", tendered_members},
	[LANE_SCANNER] = {"scanner", scanner_members}, [LANE_CATALOG] = {"catalog", catalog_members},
};

static bool is_told(const struct client *client, const struct lane *lane, bool full)
{
	if (client->doomed || (full && !client->full))
		return false;
	return client->all || (client->lane != NULL && (lane == NULL || client->lane == lane));
}

static bool anyone_listens(const struct control *c, const struct lane *lane, bool full)
{
	for (uint32_t i = 0; i < c->open_count; i++)
		if (is_told(c->open[i], lane, full))
			return true;
	return false;
}

static bool write_event(struct control *c, enum lane_event event, const struct lane_news *news)
{
	struct jsonw w;

	buf_cut(&c->event, 0);
	jsonw_begin(&w, &c->event);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "event", kinds[event].name);
	kinds[event].members(c, news, &w);
	jsonw_close(&w);
	if (jsonw_end(&w) == ERR_OK)
		return true;
	log_warnx("control: an event '%s' does not fit and is left out", kinds[event].name);
	return false;
}

static void tell(struct control *c, enum lane_event event, const struct lane_news *news, bool full)
{
	if (!anyone_listens(c, news->lane, full) || !write_event(c, event, news))
		return;
	for (uint32_t i = 0; i < c->open_count; i++) {
		struct client *client = c->open[i];

		if (!is_told(client, news->lane, full))
			continue;
		client_send(client, buf_front(&c->event), buf_length(&c->event));
		c->unsettled |= client->doomed || buf_length(&client->out) > 0;
	}
}

void control_news(const struct lane_news *news, void *arg)
{
	struct control *c = arg;

	tell(c, news->event, news, false);
	if (news->event == LANE_LINE)
		tell(c, LANE_CART, news, true);
}
