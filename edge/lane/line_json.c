/*
 * A line for programs, as it is told after each scan: the article, what it costs and why, the cart's totals,
 * and what else the scan changed. This is the end of the way of a scan: nothing here allocates, and nothing
 * is told that the scan did not touch.
 *
 * What changed is found beside the cart as it was before (cart.c keeps it for the next draft).
 */
#include "lane_parts.h"

#include "cart_json.h"
#include "lane_json.h"
#include "reason_facts.h"

#define HINTS_MAX 5 /* promotions within reach that are told with a line */

/* The cart of a line, and how it is written. */
struct pen {
	const struct lane *lane;
	const struct cart *cart;
	const struct engine_context *context;
	unsigned exponent;
	struct jsonw *out;
	bool opened; /* the object `changed` */
};

static void write_promotion(const struct pen *p, uint32_t promotion, struct money amount)
{
	json_promotion(p->out, p->cart->catalog, promotion, p->lane->language);
	json_money(p->out, "amount", amount, p->exponent);
}

static void write_discounts(const struct pen *p, const struct line_result *line)
{
	const struct discount *d = &p->cart->now.result.discounts[line->first_discount];

	jsonw_array(p->out, "discounts");
	for (uint32_t i = 0; i < line->discounts; i++) {
		jsonw_object(p->out, NULL);
		write_promotion(p, d[i].promotion, d[i].amount);
		jsonw_close(p->out);
	}
	jsonw_close(p->out);
}

/* The array of that name in `changed`, which begins with the first that there is. */
static void open_changes(struct pen *p, const char *name)
{
	if (!p->opened)
		jsonw_object(p->out, "changed");
	p->opened = true;
	jsonw_array(p->out, name);
}

static bool costs_the_same(const struct line_result *a, const struct line_result *b)
{
	return a->net.minor == b->net.minor && a->list.minor == b->list.minor &&
	       a->unit_price.minor == b->unit_price.minor;
}

static void write_changed_line(const struct pen *p, uint32_t i, const struct line_result *before)
{
	const struct line_result *now = &p->cart->now.result.lines[i];

	jsonw_object(p->out, NULL);
	jsonw_int(p->out, "line", (int64_t)i + 1);
	if (now->unit_price.minor != before->unit_price.minor)
		json_money(p->out, "unit_price", now->unit_price, p->exponent);
	if (now->list.minor != before->list.minor)
		json_money(p->out, "list", now->list, p->exponent);
	if (now->net.minor != before->net.minor)
		json_money(p->out, "net", now->net, p->exponent);
	jsonw_close(p->out);
}

/* Other lines that cost something else than before: their shares of a discount, a break by quantity. */
static void write_changed_lines(struct pen *p, uint32_t line)
{
	const struct engine_result *now = &p->cart->now.result, *before = &p->cart->next.result;
	uint32_t count = now->line_count < before->line_count ? now->line_count : before->line_count;
	bool any = false;

	for (uint32_t i = 0; i < count; i++) {
		if (i == line || costs_the_same(&now->lines[i], &before->lines[i]))
			continue;
		if (!any)
			open_changes(p, "lines");
		any = true;
		write_changed_line(p, i, &before->lines[i]);
	}
	if (any)
		jsonw_close(p->out);
}

/* The applied verdict on a promotion; NULL: there is none. It mostly stands where it is expected. */
static const struct verdict *find_applied(const struct engine_result *r, uint32_t promotion,
					  uint32_t expected)
{
	if (expected < r->applied_count && r->verdicts[expected].promotion == promotion)
		return &r->verdicts[expected];
	for (uint32_t i = 0; i < r->applied_count; i++)
		if (r->verdicts[i].promotion == promotion)
			return &r->verdicts[i];
	return NULL;
}

/* Promotions that came, or give another amount. Returns how many apply that did before. */
static uint32_t write_changed_promotions(struct pen *p)
{
	const struct engine_result *now = &p->cart->now.result, *before = &p->cart->next.result;
	uint32_t stayed = 0;
	bool any = false;

	for (uint32_t i = 0; i < now->applied_count; i++) {
		const struct verdict *v = &now->verdicts[i];
		const struct verdict *was = find_applied(before, v->promotion, stayed);

		stayed += was != NULL;
		if (was && was->amount.minor == v->amount.minor)
			continue;
		if (!any)
			open_changes(p, "applied");
		any = true;
		jsonw_object(p->out, NULL);
		write_promotion(p, v->promotion, v->amount);
		json_ends(p->out, p->cart->catalog, v->promotion, p->context);
		jsonw_close(p->out);
	}
	if (any)
		jsonw_close(p->out);
	return stayed;
}

static void write_dropped_promotions(struct pen *p)
{
	const struct engine_result *now = &p->cart->now.result, *before = &p->cart->next.result;

	open_changes(p, "dropped");
	for (uint32_t i = 0; i < before->applied_count; i++) {
		uint32_t promotion = before->verdicts[i].promotion;

		if (!find_applied(now, promotion, i))
			jsonw_text(p->out, NULL, p->cart->catalog->promotions[promotion].id);
	}
	jsonw_close(p->out);
}

static void write_changes(struct pen *p, uint32_t line)
{
	uint32_t stayed;

	write_changed_lines(p, line);
	stayed = write_changed_promotions(p);
	if (stayed < p->cart->next.result.applied_count)
		write_dropped_promotions(p);
	if (p->opened)
		jsonw_close(p->out);
}

static void write_line(const struct pen *p, uint32_t i)
{
	const struct cart *c = p->cart;
	const struct engine_line *line = &c->now.lines[i];
	const struct line_result *r = &c->now.result.lines[i];
	struct jsonw *w = p->out;

	jsonw_text(w, "lane", p->lane->name);
	jsonw_text(w, "cart", c->id);
	jsonw_int(w, "line", (int64_t)i + 1);
	json_article(w, c->catalog, line->item);
	jsonw_decimal(w, "quantity", line->quantity.micro, QTY_EXPONENT, 0);
	json_money(w, "unit_price", r->unit_price, p->exponent);
	price_origin_to_json(c->catalog, &c->now.result, r, w);
	json_money(w, "list", r->list, p->exponent);
	json_money(w, "net", r->net, p->exponent);
	write_discounts(p, r);
	json_totals(w, &c->now.result.totals, p->exponent);
}

void lane_line_json(struct lane *l, uint32_t line, struct jsonw *w)
{
	const struct cart *c = l->cart;
	struct engine_cart view;

	if (!c || line >= c->now.count)
		return;
	view = cart_view(c, &c->now);
	struct pen p = {.lane = l,
			.cart = c,
			.context = &view.context,
			.exponent = c->catalog->settings.exponent,
			.out = w};
	write_line(&p, line);
	write_changes(&p, line);
}

static void write_hint(const struct lane *l, const struct engine_context *x, const struct verdict *v,
		       struct jsonw *w)
{
	const struct catalog *c = l->cart->catalog;

	jsonw_object(w, NULL);
	json_promotion(w, c, v->promotion, l->language);
	reason_to_json(&(struct judged){c, x, v}, "why", w);
	lacking_to_json(c, v, w);
	jsonw_close(w);
}

void lane_hints_json(struct lane *l, struct jsonw *w)
{
	const struct cart *c = l->cart;
	const struct engine_result *r = c ? &c->now.result : NULL;
	struct engine_cart view;
	unsigned written = 0;

	if (!c)
		return;
	view = cart_view(c, &c->now);
	jsonw_array(w, "hints");
	for (uint32_t i = r->applied_count; i < r->verdict_count && written < HINTS_MAX; i++)
		if (r->verdicts[i].lacking > 0) {
			write_hint(l, &view.context, &r->verdicts[i], w);
			written++;
		}
	jsonw_close(w);
}
