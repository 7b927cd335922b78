/*
 * tillctl ledger: looks into ledger.db, beside the daemon that writes it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "newest.h"
#include "screen.h"
#include "verify.h"
#include "view.h"

#define EVENT_JSON_MAX 16777216
#define LAST_DEFAULT   20

struct show {
	const struct ctl *ctl;
	bool all;
	struct table *table;
	struct buf line;
};

static enum ctl_exit failed(const struct why *why)
{
	return ctl_fail(CTL_FAILED, "%s", why->text);
}

static const char *or_dash(const char *text)
{
	return text[0] ? text : "-";
}

static void add_row(struct table *t, const json_t *event)
{
	const json_t *sale = json_object_get(event, "sale"), *back = json_object_get(event, "return");
	char when[32], total[64], place[64];

	if (!back)
		back = json_object_get(event, "void");
	snprintf(total, sizeof(total), "%s %s", text_of(sale, "total"), text_of(sale, "currency"));
	if (back)
		snprintf(total, sizeof(total), "-%s %s", text_of(back, "refund"), text_of(back, "currency"));
	snprintf(place, sizeof(place), "%lld/%lld", int_of(event, "segment"), int_of(event, "sequence"));
	table_cell(t, place);
	table_cell(t, view_time(text_of(event, "at"), when));
	table_cell(t, or_dash(text_of(event, "kind")));
	table_cell(t, or_dash(text_of(back ? back : sale, "lane")));
	table_cell(t, or_dash(text_of(back ? back : sale, "order")));
	table_cell(t, sale || back ? total : "-");
}

/* One event: a line of JSON, or a row. */
static enum err show_event(const struct ledger_event *event, void *arg, struct why *why)
{
	struct show *s = arg;
	struct jsonw w;
	json_t *json;
	enum err e;

	buf_cut(&s->line, 0);
	jsonw_begin(&w, &s->line);
	e = event_to_json(event->bytes, event->length, &w, why);
	if (e == ERR_OK)
		e = jsonw_end(&w);
	if (e != ERR_OK)
		return e;
	if (s->ctl->json) {
		fwrite(buf_front(&s->line), 1, buf_length(&s->line), stdout);
		return ERR_OK;
	}
	json = json_loadb((const char *)buf_front(&s->line), buf_length(&s->line), 0, NULL);
	add_row(s->table, json);
	json_decref(json);
	return ERR_OK;
}

/* Bodies are what sales refer to, articles and promotions: only shown when asked for. */
static bool is_wanted(const struct ledger_event *event, void *arg)
{
	const struct show *s = arg;
	struct event_envelope envelope = {0};
	struct arena a = ARENA_EMPTY;
	struct why why;
	bool body = event_decode(event->bytes, event->length, &a, &envelope, &why) == ERR_OK &&
		    envelope.kind == EVENT_BODY;

	arena_free(&a);
	return s->all || !body;
}

static enum err show_order(struct show *s, struct ledger_reader *r, const char *order, struct why *why)
{
	struct ledger_event event;
	enum err e = ledger_reader_order(r, order, &event, why);

	if (e == ERR_OK)
		return show_event(&event, s, why);
	return e == ERR_NOT_FOUND ? fail(why, e, "not_found: there is no order '%.64s' in the ledger", order)
				  : e;
}

static enum ctl_exit show(struct ctl *ctl, struct ledger_reader *r)
{
	static const char *const headers[] = {">EVENT", "<TIME", "<KIND", "<LANE", "~ORDER", ">TOTAL"};
	const char *order = ctl_option(ctl, "order");
	struct show s = {.ctl = ctl, .all = ctl_option(ctl, "all") != NULL};
	const struct newest n = {.is_wanted = is_wanted, .show = show_event, .arg = &s};
	long long count = LAST_DEFAULT;
	struct why why = {0};
	enum err e;

	if (!ctl_count(ctl, "last", &count))
		return CTL_USAGE;
	buf_init(&s.line, EVENT_JSON_MAX);
	s.table = table_new(headers, 6);
	e = order ? show_order(&s, r, order, &why) : newest_show(r, &n, count, &why);
	buf_free(&s.line);
	if (e == ERR_OK && !ctl->json)
		table_print(s.table);
	else
		table_free(s.table);
	return e == ERR_OK ? CTL_DONE : failed(&why);
}

static enum ctl_exit ledger(struct ctl *ctl)
{
	bool verifies = strcmp(ctl->args[0], "verify") == 0;
	const char *path = ctl_database(ctl, "ledger.db");
	struct ledger_reader *r;
	struct why why = {0};
	enum ctl_exit e;

	if (path == NULL)
		return CTL_USAGE;
	if (!verifies && strcmp(ctl->args[0], "show") != 0)
		return ctl_fail(CTL_USAGE, "ledger: say 'show' or 'verify', not '%s'", ctl->args[0]);
	if (ledger_reader_open(path, &r, &why) != ERR_OK)
		return failed(&why);
	e = verifies ? verify_ledger(ctl, r, NULL) : show(ctl, r);
	ledger_reader_close(r);
	return e;
}

const struct ctl_command cmd_ledger = {
	.name = "ledger",
	.arguments = "show|verify",
	.least = 1,
	.most = 1,
	.options = {{"order", "ID", "show: the sale of that order"},
		    {"last", "N", "show: the newest N events; default 20"},
		    {"all", NULL, "show: also the articles and promotions that sales refer to"}},
	.text = "Shows what was sold, or checks the chain.",
	.more = "show names an event by its segment (a start of tilld) and sequence; verify is that of "
		"'tillctl audit'.",
	.example = "tillctl ledger show --last 5\ntillctl ledger show --order A-1047 --json\ntillctl ledger "
		   "verify",
	.run = ledger,
};
