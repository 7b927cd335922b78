/*
 * The till's screen: lines scanned with their discounts, what promotions are at work and how long they
 * last, what is nearly earned, the total in the lower right corner.
 */
#include "watch_view.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "civil.h"
#include "ctl.h"
#include "screen.h"

#define BOLD   "\033[1m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define DIM    "\033[2m"
#define PLAIN  "\033[0m"
#define HOME   "\033[H\033[J"

#define AMOUNT_WIDTH 10
#define LEFT_MAX     48

/* "12 min", of a time that is still to come; "" if there is no end or it is years away. */
static void time_left(const char *ends, int64_t now_s, char *out, size_t size)
{
	int64_t end, left;
	bool local;

	out[0] = '\0';
	if (*ends == '\0' || civil_parse(ends, strlen(ends), &end, &local) != ERR_OK)
		return;
	if (local) {
		time_t now = (time_t)now_s;
		struct tm tm;

		localtime_r(&now, &tm);
		now_s += tm.tm_gmtoff;
	}
	left = end - now_s;
	if (left < 0 || left > 366 * 86400LL)
		return;
	if (left < 120)
		snprintf(out, size, "ends in %d s", (int)left);
	else if (left < 7200)
		snprintf(out, size, "ends in %d min", (int)(left / 60));
	else if (left < 172800)
		snprintf(out, size, "ends in %d h", (int)(left / 3600));
	else
		snprintf(out, size, "ends in %d days", (int)(left / 86400));
}

static const json_t *total_of(const json_t *shown)
{
	return json_object_get(shown, "totals");
}

static bool is_zero(const char *amount)
{
	return amount[strspn(amount, "-0.")] == '\0';
}

/* Left text, cut to what the amount leaves of the line, and the amount. */
static void put_row(const struct watch *w, const char *colour, const char *left, const char *amount)
{
	fputs(colour, stdout);
	screen_put(left, w->columns - AMOUNT_WIDTH - 2, false);
	screen_put(amount, AMOUNT_WIDTH, true);
	fputs(*colour ? PLAIN "\n" : "\n", stdout);
}

static unsigned line_height(const json_t *line)
{
	return 1 + (unsigned)json_array_size(json_object_get(line, "discounts"));
}

static const char *promotion_text(const json_t *shown, const json_t *discount)
{
	const char *id = text_of(discount, "promotion");
	const json_t *applied;
	size_t i;

	if (*text_of(discount, "text"))
		return text_of(discount, "text");
	json_array_foreach (json_object_get(shown, "applied"), i, applied) {
		if (strcmp(text_of(applied, "promotion"), id) == 0)
			return text_of(applied, "text");
	}
	return id;
}

static void draw_line(const struct watch *w, const json_t *shown, const json_t *line)
{
	const json_t *discount;
	char left[256], off[32];
	size_t i;

	snprintf(left, sizeof(left), " %s x %s", text_of(line, "quantity"), text_of(line, "name"));
	put_row(w, "", left, text_of(line, "list"));
	json_array_foreach (json_object_get(line, "discounts"), i, discount) {
		snprintf(left, sizeof(left), "     %s", promotion_text(shown, discount));
		snprintf(off, sizeof(off), "-%s", text_of(discount, "amount"));
		put_row(w, GREEN, left, off);
	}
}

/* The last lines that fit; what is above them is counted. */
static void draw_lines(const struct watch *w, const json_t *shown, unsigned room)
{
	const json_t *lines = json_object_get(shown, "lines");
	size_t n = json_array_size(lines), first = n;
	unsigned used = 0;

	while (first > 0 && used + line_height(json_array_get(lines, first - 1)) <= room)
		used += line_height(json_array_get(lines, --first));
	if (first > 0)
		printf(DIM " ... %zu more above\n" PLAIN, first);
	for (size_t i = first; i < n; i++)
		draw_line(w, shown, json_array_get(lines, i));
}

static void draw_applied(const json_t *shown, int64_t now_s)
{
	const json_t *applied;
	size_t i;

	json_array_foreach (json_object_get(shown, "applied"), i, applied) {
		char left[LEFT_MAX];

		time_left(text_of(applied, "ends"), now_s, left, sizeof(left));
		printf(GREEN " * ");
		screen_text(text_of(applied, "text"));
		printf(PLAIN "  -%s%s%s\n", text_of(applied, "amount"), *left ? DIM "  " : "", left);
		fputs(PLAIN, stdout);
	}
}

/* What is nearly earned: the rejected with something lacking. */
static void draw_hints(const json_t *shown)
{
	const json_t *one;
	unsigned shown_hints = 0;
	size_t i;

	json_array_foreach (json_object_get(shown, "rejected"), i, one) {
		const json_t *facts = json_object_get(one, "facts");

		if (*text_of(one, "lacking") == '\0' || shown_hints++ == 3)
			continue;
		printf(YELLOW " > %s more of ", text_of(facts, "lacking"));
		screen_text(text_of(facts, "articles"));
		fputs(": ", stdout);
		screen_text(text_of(one, "label"));
		fputs(PLAIN "\n", stdout);
	}
}

static void draw_total(const struct watch *w, const json_t *shown)
{
	const json_t *totals = total_of(shown);
	const char *saved = text_of(totals, "discount");
	char left[64];

	screen_rule(w->columns - 1);
	if (!is_zero(saved))
		put_row(w, GREEN, " you save", saved);
	snprintf(left, sizeof(left), " TOTAL %s", text_of(shown, "currency"));
	put_row(w, BOLD, left, text_of(totals, "total"));
}

static void draw_payment(const struct watch *w)
{
	put_row(w, "", " paid", text_of(w->receipt, "tendered"));
	put_row(w, BOLD, " CHANGE", text_of(w->receipt, "change"));
	printf(DIM " order %s, on the disk\n" PLAIN, text_of(w->receipt, "order"));
}

static void draw_head(const struct watch *w, int64_t now_s)
{
	const char *state = w->receipt ? "closed" : w->cart ? text_of(w->cart, "state") : "idle";
	time_t now = (time_t)now_s;
	struct tm tm;
	char left[96], clock[16];

	localtime_r(&now, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	snprintf(left, sizeof(left), " lane %s  %s", w->lane, state);
	printf(HOME);
	put_row(w, BOLD, left, clock);
	screen_rule(w->columns - 1);
}

void watch_draw(const struct watch *w, int64_t now_s)
{
	const json_t *shown = w->receipt ? w->receipt : w->cart;
	unsigned fixed = 10 + (unsigned)json_array_size(json_object_get(shown, "applied"));

	draw_head(w, now_s);
	if (shown && json_array_size(json_object_get(shown, "lines"))) {
		draw_lines(w, shown, w->rows > fixed + 3 ? w->rows - fixed : 3);
		draw_total(w, shown);
		if (w->receipt)
			draw_payment(w);
		draw_applied(shown, now_s);
		if (!w->receipt)
			draw_hints(shown);
	} else {
		printf("\n Next, please: scan an article.\n");
	}
	if (*w->notice) {
		printf(YELLOW "\n ! ");
		screen_text(w->notice);
		fputs(PLAIN "\n", stdout);
	}
	fflush(stdout);
}

static void replace(json_t **place, const json_t *with)
{
	json_decref(*place);
	*place = with ? json_deep_copy(with) : NULL;
}

/* A sentence about an event that changes no cart: a refusal, a scanner, a return. "" for others. */
static void tell(const json_t *event, char *out, size_t size)
{
	const char *kind = text_of(event, "event");

	out[0] = '\0';
	if (strcmp(kind, "refused") == 0)
		snprintf(out, size, "%s", text_of(json_object_get(event, "error"), "text"));
	else if (strcmp(kind, "scanner") == 0)
		snprintf(out, size, "scanner %s is %s%s%s", text_of(event, "scanner"),
			 text_of(event, "state"), *text_of(event, "reason") ? ": " : "",
			 text_of(event, "reason"));
	else if (strcmp(kind, "catalog") == 0)
		snprintf(out, size, "new prices are in force from the next cart on (version %lld)",
			 int_of(event, "version"));
	else if (strcmp(kind, "returned") == 0)
		snprintf(out, size, "of order %s: %s %s paid out (%s %s)", text_of(event, "order"),
			 text_of(event, "refund"), text_of(event, "currency"), text_of(event, "kind"),
			 text_of(event, "return_id"));
	else if (strcmp(kind, "clock") == 0)
		snprintf(out, size, "%s", text_of(event, "text"));
}

void watch_take(struct watch *w, const json_t *event)
{
	const char *kind = text_of(event, "event");

	tell(event, w->notice, sizeof(w->notice));
	if (strcmp(kind, "cart") == 0) {
		bool open = strcmp(text_of(event, "state"), "open") == 0;

		if (open)
			replace(&w->receipt, NULL);
		replace(&w->cart, open || strcmp(text_of(event, "state"), "tendering") == 0 ? event : NULL);
	} else if (strcmp(kind, "tendered") == 0) {
		replace(&w->receipt, event);
		replace(&w->cart, NULL);
	}
}

static void print_line(const json_t *event, int64_t now_s)
{
	const json_t *applied;
	size_t i;

	printf("%4s x ", text_of(event, "quantity"));
	screen_put(text_of(event, "name"), 36, false);
	printf(" %8s   total %8s", text_of(event, "net"), text_of(total_of(event), "total"));
	json_array_foreach (json_object_get(json_object_get(event, "changed"), "applied"), i, applied) {
		char left[LEFT_MAX];

		time_left(text_of(applied, "ends"), now_s, left, sizeof(left));
		printf("%s%s -%s%s%s%s", i ? ", " : "  [", text_of(applied, "text"),
		       text_of(applied, "amount"), *left ? " (" : "", left, *left ? ")" : "");
	}
	puts(i ? "]" : "");
}

static void print_tendered(const json_t *event)
{
	const json_t *totals = total_of(event);

	printf("     SOLD  total %s, saved %s, paid %s, change %s, order %s\n", text_of(totals, "total"),
	       text_of(totals, "discount"), text_of(event, "tendered"), text_of(event, "change"),
	       text_of(event, "order"));
}

static void print_cart(const json_t *event)
{
	const json_t *coupon;
	size_t i;

	if (!*text_of(event, "cart")) {
		puts("     no cart");
		return;
	}
	printf("     cart %s %s", text_of(event, "cart"), text_of(event, "state"));
	if (*text_of(event, "customer"))
		printf(", customer %s", text_of(event, "customer"));
	json_array_foreach (json_object_get(event, "coupons"), i, coupon) {
		printf(", coupon %s", json_string_value(coupon));
	}
	if (!is_zero(text_of(total_of(event), "discount")))
		printf(", saved %s", text_of(total_of(event), "discount"));
	printf(", total %s\n", *text_of(total_of(event), "total") ? text_of(total_of(event), "total") : "0");
}

void watch_print(const json_t *event, int64_t now_s)
{
	const char *kind = text_of(event, "event");
	char said[256];

	if (*text_of(event, "lane")) /* of the whole box otherwise */
		printf("lane %s ", text_of(event, "lane"));
	else
		printf("box    ");
	tell(event, said, sizeof(said));
	if (strcmp(kind, "line") == 0)
		print_line(event, now_s);
	else if (strcmp(kind, "tendered") == 0)
		print_tendered(event);
	else if (*said)
		printf("     %s: %s\n", kind, said);
	else
		print_cart(event);
	fflush(stdout);
}

void watch_forget(struct watch *w)
{
	replace(&w->cart, NULL);
	replace(&w->receipt, NULL);
}
