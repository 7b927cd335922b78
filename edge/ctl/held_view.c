/*
 * What imports hold, for people. See held_view.h.
 */
#include "held_view.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "catalog_store.h"
#include "screen.h"
#include "view.h"

#define IMPORT_ROWS 20 /* that are shown behind an import */

struct reading {
	json_t *all;
	uint64_t version;
	struct buf line;
};

static enum err add(const struct held *h, uint64_t version, void *arg, struct why *why)
{
	struct reading *in = arg;
	struct held shown = *h;
	struct record_context context = {0};
	char text[HELD_WHY_MAX];
	struct jsonw w;
	json_t *one;

	if (in->version && version != in->version)
		return ERR_OK;
	if (currency_exponent(h->currency, &context.exponent))
		context.exponent = 0; /* of a rate there is no money */
	shown.record = (struct bytes){0};
	held_why(h, text);
	buf_cut(&in->line, 0);
	jsonw_begin(&w, &in->line);
	jsonw_object(&w, NULL);
	record_to_json(&held_schema, &shown, &context, &w);
	jsonw_text(&w, "why", text);
	if (h->state == HELD_WAITS && h->until.seconds < time(NULL))
		jsonw_bool(&w, "void", true);
	jsonw_close(&w);
	one = jsonw_end(&w) ? NULL
			    : json_loadb((const char *)buf_front(&in->line), buf_length(&in->line), 0, NULL);
	return one && json_array_append_new(in->all, one) == 0 ? ERR_OK
							       : fail(why, ERR_MEMORY, "out of memory");
}

json_t *held_read(const char *path, uint64_t version, struct why *why)
{
	struct reading in = {.all = json_array(), .version = version};
	struct catalog_store *store;
	enum err e = catalog_store_open_reader(path, &store, why);

	buf_init(&in.line, 65536);
	if (!e) {
		e = catalog_store_each_held(store, add, &in, why);
		catalog_store_close(store);
	}
	buf_free(&in.line);
	if (!e)
		return in.all;
	json_decref(in.all);
	return NULL;
}

static const char *state_of(const json_t *h)
{
	return json_is_true(json_object_get(h, "void")) ? "void" : text_of(h, "state");
}

static bool is_pending(const json_t *h)
{
	return strcmp(state_of(h), "pending") == 0;
}

static const char *or_else(const char *text, const char *otherwise)
{
	return *text ? text : otherwise;
}

/* Of a volume break it is that one's. */
static const char *value_of(const json_t *h, const char *money, const char *rate)
{
	return or_else(text_of(h, money), or_else(text_of(h, rate), "-"));
}

static const char *before_of(const json_t *h)
{
	return value_of(h, *text_of(h, "from") ? "approved" : "before", "rate_before");
}

void held_show_list(const json_t *held)
{
	static const char *const headers[] = {"<HELD",	 "<STATE",    "<WHAT",	"<ARTICLE",	"<LIST",
					      ">BEFORE", ">WOULD BE", "<NEEDS", "<IMPORTED BY", "~WHY"};
	const json_t *h;
	struct table *t;
	size_t i;

	if (json_array_size(held) == 0) {
		puts("Nothing of any import waits.");
		return;
	}
	t = table_new(headers, 10);
	json_array_foreach (held, i, h) {
		table_cell(t, text_of(h, "id"));
		table_cell(t, state_of(h));
		table_cell(t, text_of(h, "of"));
		table_cell(t, or_else(text_of(h, "sku"), text_of(h, "currency")));
		table_cell(t, or_else(text_of(h, "list"), "-"));
		table_cell(t, before_of(h));
		table_cell(t, value_of(h, "after", "rate_after"));
		table_cell(t, text_of(h, "needs"));
		table_cell(t, text_of(h, "by"));
		table_cell(t, text_of(h, "why"));
	}
	table_print(t);
}

static void line_of(const char *what, const char *text)
{
	if (!*text)
		return;
	printf("%-12s", what);
	screen_text(text);
	putchar('\n');
}

void held_show_one(const json_t *h)
{
	bool cfo = strcmp(text_of(h, "needs"), "cfo") == 0;
	char when[32];

	line_of("What", text_of(h, "of"));
	line_of("Article", text_of(h, "sku"));
	line_of("Currency", *text_of(h, "sku") ? "" : text_of(h, "currency"));
	line_of("List", text_of(h, "list"));
	line_of("Override", text_of(h, "override"));
	line_of("From", text_of(h, "from"));
	line_of("Before", before_of(h));
	line_of("Would be", value_of(h, "after", "rate_after"));
	line_of("Why", text_of(h, "why"));
	line_of("Imported by", text_of(h, "by"));
	line_of("For", text_of(h, "reason"));
	line_of("At", view_time(text_of(h, "asked"), when));
	line_of("State", state_of(h));
	if (is_pending(h)) {
		line_of("Needs", cfo ? "the cfo" : "a pricing manager or the cfo");
		line_of("Until", view_time(text_of(h, "until"), when));
	}
	line_of("Decided by", text_of(h, "decided_by"));
	line_of("Because", text_of(h, "decision"));
}

static void show_row(const json_t *h)
{
	fputs("  ", stdout);
	screen_text(text_of(h, "id"));
	printf("  %s ", text_of(h, "of"));
	screen_text(or_else(text_of(h, "sku"), text_of(h, "currency")));
	if (*text_of(h, "list")) {
		fputs(" in ", stdout);
		screen_text(text_of(h, "list"));
	}
	printf(": %s, would be %s: %s; for %s\n", before_of(h), value_of(h, "after", "rate_after"),
	       text_of(h, "why"),
	       strcmp(text_of(h, "needs"), "cfo") == 0 ? "the cfo" : "a pricing manager or the cfo");
}

void held_show_import(const json_t *held, size_t in_all)
{
	size_t pending = 0, rejected = 0, shown = 0, i;
	const json_t *h;

	json_array_foreach (held, i, h) {
		pending += is_pending(h);
		rejected += strcmp(text_of(h, "state"), "rejected") == 0;
	}
	if (rejected)
		printf("Rejected before, and not taken this time either: %zu ('tillctl held list')\n",
		       rejected);
	if (in_all > json_array_size(held))
		printf("Of earlier imports, waiting or rejected, so not in force: %zu ('tillctl held "
		       "list')\n",
		       in_all - json_array_size(held));
	if (pending == 0)
		return;
	printf("Kept aside until somebody else approves it, so not in force yet: %zu\n", pending);
	json_array_foreach (held, i, h)
		if (is_pending(h) && shown++ < IMPORT_ROWS)
			show_row(h);
	if (pending > IMPORT_ROWS)
		printf("  and %zu more: tillctl held list\n", pending - IMPORT_ROWS);
	puts("To decide: tillctl approve ID --reason TEXT, or tillctl reject ID --reason TEXT");
}
