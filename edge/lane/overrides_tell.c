/*
 * A price that a person set at this box counts by now, or does not count any more: told to whoever listens
 * for events. See overrides_parts.h.
 */
#include "overrides_parts.h"

#include "lane_events.h"

#define LINE_MAX 8192

static void tell(const struct overrides *o, const struct event_override *said, const struct price_changed *p)
{
	struct shop_event e = {.type = SHOP_PRICE_CHANGED,
			       .at_s = shop_now_s(o->shop),
			       .version = (int64_t)snapshot_catalog(o->shop->snapshot)->version,
			       .key = said->sku,
			       .as.price_changed = *p};
	struct buf line;
	struct jsonw w;

	e.as.price_changed.product = said->sku;
	e.as.price_changed.effective.seconds = e.at_s;
	e.as.price_changed.override = said->id;
	e.as.price_changed.from.micro = AMOUNT_NONE;
	e.as.price_changed.margin_impact.ppm = AMOUNT_NONE;
	buf_init(&line, LINE_MAX);
	jsonw_begin(&w, &line);
	jsonw_object(&w, NULL);
	shop_event_write(o->shop, &e, &w);
	jsonw_close(&w);
	if (jsonw_end(&w) == ERR_OK)
		shop_catalog_event(o->shop, (const char *)buf_front(&line), buf_length(&line));
	buf_free(&line);
}

void override_tell_set(const struct overrides *o, const struct event_override *said)
{
	if (o->shop->snapshot)
		tell(o, said,
		     &(struct price_changed){.before = said->before,
					     .after = said->price,
					     .reason = said->reason,
					     .user = said->by});
}

void override_tell_over(const struct overrides *o, const struct event_override *said,
			const struct event_approval *verdict)
{
	struct money after;

	if (!o->shop->snapshot)
		return;
	if (!override_list_price(o, said->sku, &after))
		after = MONEY_NONE;
	tell(o, said,
	     &(struct price_changed){
		     .before = said->price, .after = after, .reason = verdict->reason, .user = verdict->by});
}
