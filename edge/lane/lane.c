/*
 * A lane's state, which is that of the cart on it, and what its devices and listeners have to do with it.
 */
#include "cart_journal.h"

#include <assert.h>
#include <string.h>

#include "log.h"
#include "text.h"

#define SCANNED_SHOWN 128 /* bytes of a refused scan that are shown */

#define TO(state) (1U << (state))

/* What may follow what. A lane is idle when it has no cart; a cart that is not on a lane yet is idle, too. */
static const unsigned follows[] = {
	[LANE_IDLE] = TO(LANE_OPEN),
	[LANE_OPEN] = TO(LANE_IDLE) | TO(LANE_SUSPENDED) | TO(LANE_TENDERING) | TO(LANE_CLOSED),
	[LANE_SUSPENDED] = TO(LANE_OPEN),
	[LANE_TENDERING] = TO(LANE_OPEN) | TO(LANE_CLOSED),
	[LANE_CLOSED] = 0, /* until the next cart takes its place */
};

const char *lane_state_name(enum lane_state s)
{
	static const char *const names[] = {
		[LANE_IDLE] = "idle",		[LANE_OPEN] = "open",	  [LANE_SUSPENDED] = "suspended",
		[LANE_TENDERING] = "tendering", [LANE_CLOSED] = "closed",
	};

	return names[s];
}

const char *lane_name(const struct lane *l)
{
	return l->name;
}

const char *lane_channel(const struct lane *l)
{
	return l->channel;
}

enum err lane_set_language(struct lane *l, const char *language)
{
	bool any = language && *language;
	char *copy = any ? strdup(language) : NULL;

	if (any && !copy)
		return ERR_MEMORY;
	free(l->language);
	l->language = copy;
	return ERR_OK;
}

const char *lane_language(const struct lane *l)
{
	return l->language;
}

enum lane_state lane_state(const struct lane *l)
{
	return l->cart ? l->cart->state : LANE_IDLE;
}

const char *lane_cart_id(const struct lane *l)
{
	return l->cart ? l->cart->id : NULL;
}

static void put_on_lane(struct lane *l, struct cart *c)
{
	if (l->cart && l->cart != c) { /* closed, or open with nothing in it */
		journal_gone(l->shop, l->cart);
		cart_free(l->cart);
	}
	l->cart = c;
	c->lane_name = l->name;
}

static void put_aside(struct lane *l, struct cart *c)
{
	struct cart **at = &l->shop->suspended;

	while (*at)
		at = &(*at)->next_suspended;
	*at = c;
	c->next_suspended = NULL;
	c->suspended_s = shop_now_s(l->shop);
	l->shop->suspended_count++;
	l->cart = NULL;
}

/* Every change of state is made here. Going idle frees the cart. */
void lane_enter_state(struct lane *l, struct cart *c, enum lane_state to)
{
	assert(follows[c->state] & TO(to));
	if (!c->serial)
		cart_number(c, l->shop);
	log_debug("lane %s: cart %s: %s to %s", l->name, c->id, lane_state_name(c->state),
		  lane_state_name(to));
	c->state = to;
	switch (to) {
	case LANE_IDLE:
		l->cart = NULL;
		journal_gone(l->shop, c);
		cart_free(c);
		break;
	case LANE_OPEN:
		put_on_lane(l, c);
		journal_changed(l->shop, c);
		break;
	case LANE_SUSPENDED:
		put_aside(l, c);
		shop_watch_holds(l->shop);
		journal_changed(l->shop, c);
		break;
	case LANE_TENDERING: /* after a crash it is open, or in the ledger */
		break;
	case LANE_CLOSED:
		limits_let_go(c);
		c->loose = true;
		journal_gone(l->shop, c);
		break;
	}
}

void lane_tell(struct lane *l, enum lane_event event)
{
	shop_tell(l->shop, &(struct lane_news){.event = event, .lane = l});
}

void lane_tell_refused(struct lane *l, const struct answer *a, const char *text, size_t n)
{
	char scanned[SCANNED_SHOWN];

	text_printable(text, n, scanned, sizeof(scanned));
	log_debug("lane %s: scan refused: %s: %s", l->name, refusal_code(a->refusal), a->why.text);
	shop_tell(l->shop,
		  &(struct lane_news){.event = LANE_REFUSED, .lane = l, .answer = a, .scanned = scanned});
}

struct cart *lane_open_cart(const struct lane *l)
{
	return lane_state(l) == LANE_OPEN ? l->cart : NULL;
}

static bool refuse_tendering(const struct lane *l, struct answer *a)
{
	return refuse(a, REFUSED_LANE_BUSY, "lane %s is being paid: wait for the receipt", l->name);
}

struct cart *lane_need_cart(const struct lane *l, struct answer *a)
{
	if (lane_state(l) == LANE_TENDERING)
		refuse_tendering(l, a);
	else if (lane_state(l) != LANE_OPEN)
		refuse(a, REFUSED_NO_CART, "lane %s has no open cart: scan something first", l->name);
	return lane_open_cart(l);
}

bool lane_takes_goods(const struct lane *l, struct answer *a)
{
	const struct cart *c = lane_open_cart(l);

	if (lane_state(l) == LANE_TENDERING)
		return refuse_tendering(l, a);
	if (l->retired) /* while a look-up was under way */
		return refuse(a, REFUSED_NO_CART, "lane %s is not configured any more", l->name);
	if ((!c || c->apart) && !l->shop->snapshot) /* a cart that came back knows its own goods alone */
		return refuse_no_catalog(a);
	return true;
}

struct cart *lane_cart_for_change(struct lane *l, struct answer *a)
{
	struct cart *c;

	if (!lane_takes_goods(l, a))
		return NULL;
	c = lane_open_cart(l) ? lane_open_cart(l) : cart_new(l->shop, l);
	if (!c)
		refuse_memory(a);
	return c;
}

bool lane_end_change(struct lane *l, struct cart *c, bool done, struct answer *a)
{
	if (done && c->state == LANE_IDLE)
		lane_enter_state(l, c, LANE_OPEN);
	else if (done)
		journal_changed(l->shop, c);
	else if (c->state == LANE_IDLE)
		cart_free(c);
	if (done)
		memcpy(a->cart, c->id, sizeof(a->cart));
	return done;
}

void lane_device_scan(struct lane *l, const char *text, size_t n)
{
	struct answer a;

	lane_scan(l, text, n, (struct qty){0}, &a);
	if (a.no_gtin)
		lane_scanned_coupon(l, text, n);
	else if (a.refusal)
		lane_tell_refused(l, &a, text, n);
}

void lane_device_fault(struct lane *l, const char *reason)
{
	struct answer a = {0};

	refuse(&a, REFUSED_MALFORMED_CODE, "%s", reason);
	lane_tell_refused(l, &a, "", 0);
}

void lane_device_state(struct lane *l, const char *scanner, bool up, const char *reason)
{
	struct answer a = {0};

	(void)fail(&a.why, ERR_OK, "%s", reason ? reason : "");
	shop_tell(l->shop,
		  &(struct lane_news){
			  .event = LANE_SCANNER, .lane = l, .answer = &a, .scanner = scanner, .up = up});
}
