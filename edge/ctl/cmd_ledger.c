/*
 * tillctl ledger: looks into ledger.db, beside the daemon that writes it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "ledger.h"
#include "screen.h"
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
	const json_t *sale = json_object_get(event, "sale");
	char when[32], total[64], place[64];

	snprintf(total, sizeof(total), "%s %s", text_of(sale, "total"), text_of(sale, "currency"));
	snprintf(place, sizeof(place), "%lld/%lld", int_of(event, "segment"), int_of(event, "sequence"));
	table_cell(t, place);
	table_cell(t, view_time(text_of(event, "at"), when));
	table_cell(t, or_dash(text_of(event, "kind")));
	table_cell(t, or_dash(text_of(sale, "lane")));
	table_cell(t, or_dash(text_of(sale, "order")));
	table_cell(t, sale ? total : "-");
}

/* One event: a line of JSON, or a row. */
static enum err show_event(struct show *s, const struct ledger_event *event, struct why *why)
{
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

static enum err find_last(struct ledger_reader *r, int64_t *last, struct why *why)
{
	struct ledger_event event = {0};
	enum err e = ledger_reader_newest(r, &event, why);

	*last = event.id;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* Bodies are what sales refer to, articles and promotions: only shown when asked for. */
static bool is_wanted(const struct show *s, const struct ledger_event *event)
{
	struct event_envelope envelope = {0};
	struct arena a = ARENA_EMPTY;
	struct why why;
	bool body = event_decode(event->bytes, event->length, &a, &envelope, &why) == ERR_OK &&
		    envelope.kind == EVENT_BODY;

	arena_free(&a);
	return s->all || !body;
}

/* Walks the events after id, showing those that are wanted but the first `skip`; counts them. */
static enum err walk(struct show *s, struct ledger_reader *r, int64_t id, bool shown, int64_t skip,
		     int64_t *count, struct why *why)
{
	struct ledger_event event;
	enum err e = ERR_OK;

	*count = 0;
	while (e == ERR_OK && (e = ledger_reader_next(r, id, &event, why)) == ERR_OK) {
		id = event.id;
		if (is_wanted(s, &event) && ++*count > skip && shown)
			e = show_event(s, &event, why);
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* The newest `count`: how far back they begin is found by looking ever further. */
static enum err show_last(struct show *s, struct ledger_reader *r, int64_t count, struct why *why)
{
	int64_t last, found = 0, window = count;
	enum err e = find_last(r, &last, why);

	if (e == ERR_OK)
		e = walk(s, r, last > window ? last - window : 0, false, 0, &found, why);
	while (e == ERR_OK && found < count && window < last) {
		window = window > last / 4 ? last : window * 4;
		e = walk(s, r, last - window, false, 0, &found, why);
	}
	if (e != ERR_OK)
		return e;
	return walk(s, r, last > window ? last - window : 0, true, found > count ? found - count : 0, &found,
		    why);
}

static enum err show_order(struct show *s, struct ledger_reader *r, const char *order, struct why *why)
{
	struct ledger_event event;
	enum err e = ledger_reader_order(r, order, &event, why);

	if (e == ERR_OK)
		return show_event(s, &event, why);
	return e == ERR_NOT_FOUND ? fail(why, e, "not_found: there is no order '%.64s' in the ledger", order)
				  : e;
}

static enum ctl_exit show(struct ctl *ctl, struct ledger_reader *r)
{
	static const char *const headers[] = {">EVENT", "<TIME", "<KIND", "<LANE", "~ORDER", ">TOTAL"};
	const char *order = ctl_option(ctl, "order"), *last = ctl_option(ctl, "last");
	struct show s = {.ctl = ctl, .all = ctl_option(ctl, "all") != NULL};
	long long count = LAST_DEFAULT;
	struct why why = {0};
	enum err e;

	if (last && !ctl_line(last, &count))
		return CTL_USAGE;
	buf_init(&s.line, EVENT_JSON_MAX);
	s.table = table_new(headers, 6);
	e = order ? show_order(&s, r, order, &why) : show_last(&s, r, count, &why);
	buf_free(&s.line);
	if (e == ERR_OK && !ctl->json)
		table_print(s.table);
	else
		table_free(s.table);
	return e == ERR_OK ? CTL_DONE : failed(&why);
}

/* What holds may still not be all there was. */
static void print_losses(const struct ledger_verdict *v)
{
	if (v->losses)
		printf("Events are lost: %" PRId64
		       " of its segments began with a restored or cut off ledger, "
		       "the newest is %" PRId64 "\n",
		       v->losses, v->loss_segment);
	if (v->put_back)
		puts("It was put back from a backup; the next start of tilld notes what is lost");
}

static enum ctl_exit verify(struct ctl *ctl, struct ledger_reader *r)
{
	struct ledger_verdict v;
	struct why why = {0};

	if (ledger_verify(r, &v, &why) != ERR_OK)
		return ctl_fail(CTL_FAILED, "%s (%" PRId64 " events before it hold)", why.text, v.events);
	if (ctl->json) {
		printf("{\"ok\":true,\"events\":%" PRId64 ",\"segment\":%" PRId64 ",\"sequence\":%" PRId64
		       ",\"losses\":%" PRId64 ",\"put_back\":%s}\n",
		       v.events, v.at.segment, v.at.sequence, v.losses, v.put_back ? "true" : "false");
		return CTL_DONE;
	}
	printf("%" PRId64 " events, every one chained to the one before\n", v.events);
	print_losses(&v);
	return CTL_DONE;
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
	e = verifies ? verify(ctl, r) : show(ctl, r);
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
	.more = "show names an event by its segment (a start of tilld) and sequence; verify reads all of "
		"them.",
	.example = "tillctl ledger show --last 5\ntillctl ledger show --order A-1047 --json\ntillctl ledger "
		   "verify",
	.run = ledger,
};
