/*
 * tillctl audit: who did what at this box and why, and the proof that nobody changed it since.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "civil.h"
#include "deed.h"
#include "newest.h"
#include "screen.h"
#include "verify.h"
#include "view.h"

#define LAST_DEFAULT 20
struct show {
	const struct ctl *ctl;
	const char *who, *order;
	struct table *table;
	struct arena arena; /* of the event at hand */
	bool any;
};

static enum err tell(struct show *s, const struct ledger_event *event, struct event_envelope *envelope,
		     struct deed *out, struct why *why)
{
	enum err e;

	arena_reset(&s->arena);
	e = event_decode(event->bytes, event->length, &s->arena, envelope, why);
	return e ? e : deed_tell(envelope, &s->arena, out, why);
}

/* Articles and promotions that sales refer to are nobody's deeds. What cannot be read is told when shown. */
static bool is_wanted(const struct ledger_event *event, void *arg)
{
	struct show *s = arg;
	struct event_envelope envelope;
	struct deed deed;
	struct why why;

	if (tell(s, event, &envelope, &deed, &why))
		return true;
	return envelope.kind != EVENT_BODY && (!s->who || strcmp(s->who, deed.who) == 0) &&
	       (!s->order || strcmp(s->order, deed.order) == 0);
}

static void print_json(const struct event_envelope *event, int64_t id, const struct deed *d,
		       const struct digest *hash)
{
	const char *kind = event_kind_name(event->kind);
	char hex[DIGEST_HEX_SIZE], at[CIVIL_TEXT_MAX];
	json_t *json;

	digest_hex(hash, hex);
	civil_format(event->at_ms / 1000, true, at);
	json = json_pack("{s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "id", (json_int_t)id, "segment",
			 (json_int_t)event->segment, "sequence", (json_int_t)event->sequence, "at", at,
			 "kind", kind ? kind : "", "who", d->who, "order", d->order, "what", d->what, "hash",
			 hex);
	ctl_print(json);
}

static void add_row(struct table *t, const struct event_envelope *event, const struct deed *d,
		    const struct digest *hash)
{
	char hex[DIGEST_HEX_SIZE], at[CIVIL_TEXT_MAX], when[32], place[64];

	digest_hex(hash, hex);
	hex[8] = '\0'; /* to find it by; --json has all of it */
	civil_format(event->at_ms / 1000, true, at);
	snprintf(place, sizeof(place), "%" PRId64 "/%" PRId64, event->segment, event->sequence);
	table_cell(t, place);
	table_cell(t, view_time(at, when));
	table_cell(t, d->who[0] ? d->who : "-");
	table_cell(t, hex);
	table_cell(t, d->what);
}

static enum err show_event(const struct ledger_event *event, void *arg, struct why *why)
{
	struct show *s = arg;
	struct event_envelope envelope;
	struct digest hash;
	struct deed deed;
	enum err e = tell(s, event, &envelope, &deed, why);

	if (e) {
		why_prefix(why, "event %" PRId64 ": ", event->id);
		return e;
	}
	event_hash(event->bytes, event->length, &hash);
	s->any = true;
	if (s->ctl->json)
		print_json(&envelope, event->id, &deed, &hash);
	else
		add_row(s->table, &envelope, &deed, &hash);
	return ERR_OK;
}

static enum ctl_exit show(struct ctl *ctl, struct ledger_reader *r)
{
	static const char *const headers[] = {">EVENT", "<TIME", "<WHO", "<HASH", "+WHAT"};
	struct show s = {.ctl = ctl, .who = ctl_option(ctl, "who"), .order = ctl_option(ctl, "order")};
	const struct newest n = {.is_wanted = is_wanted, .show = show_event, .arg = &s};
	long long count = LAST_DEFAULT;
	struct why why = {0};
	enum err e;

	if (!ctl_count(ctl, "last", &count))
		return CTL_USAGE;
	s.table = table_new(headers, 5);
	e = newest_show(r, &n, count, &why);
	arena_free(&s.arena);
	if (e == ERR_OK && s.any && !ctl->json)
		table_print(s.table);
	else
		table_free(s.table);
	if (e == ERR_OK && !s.any && !ctl->json)
		puts("Nothing like that is in the ledger.");
	return e == ERR_OK ? CTL_DONE : ctl_fail(CTL_FAILED, "%s", why.text);
}

static enum ctl_exit verify(struct ctl *ctl, struct ledger_reader *r)
{
	const char *text = ctl_option(ctl, "anchor");
	struct ledger_position anchor;

	if (text && !verify_read_anchor(text, &anchor))
		return ctl_fail(CTL_USAGE,
				"--anchor: '%s' is not SEGMENT/SEQUENCE:HASH, as 'audit verify' prints it",
				text);
	return verify_ledger(ctl, r, text ? &anchor : NULL);
}

static enum ctl_exit audit(struct ctl *ctl)
{
	bool verifies = strcmp(ctl->args[0], "verify") == 0;
	const char *path = ctl_database(ctl, "ledger.db");
	struct ledger_reader *r;
	struct why why = {0};
	enum ctl_exit e;

	if (path == NULL)
		return CTL_USAGE;
	if (!verifies && strcmp(ctl->args[0], "show") != 0)
		return ctl_fail(CTL_USAGE, "audit: say 'show' or 'verify', not '%s'", ctl->args[0]);
	if (ledger_reader_open(path, &r, &why) != ERR_OK)
		return ctl_fail(CTL_FAILED, "%s", why.text);
	e = verifies ? verify(ctl, r) : show(ctl, r);
	ledger_reader_close(r);
	return e;
}

const struct ctl_command cmd_audit = {
	.name = "audit",
	.arguments = "show|verify",
	.least = 1,
	.most = 1,
	.options = {{"last", "N", "show: the newest N events; default 20"},
		    {"who", "NAME", "show: of that cashier alone"},
		    {"order", "ID", "show: of that order alone"},
		    {"anchor", "TEXT", "verify: an event that has to be there as it was"}},
	.text = "Shows who did what, or proves it unchanged.",
	.more = "verify reads the whole ledger and names the first event that was flipped, rewritten, "
		"removed,\n"
		"reordered, repeated or cut off. It prints the newest event with its hash: kept outside of "
		"the box,\n"
		"that anchor also proves a ledger that somebody wrote anew from end to end to be false.",
	.example =
		"tillctl audit show --who ann --last 50\ntillctl audit verify\ntillctl audit verify --json",
	.run = audit,
};
