#include "feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bell.h"
#include "hqtime.h"
#include "log.h"
#include "snapshot_load.h"

#define AGAIN_MS 5000
#define NOTE_MS	 60000 /* how often it is written down that the prices are still the newest */

struct feed {
	struct uplink *u;
	struct loop_timer *timer;
	bool going, asking, again;
	bool deaf;	    /* nobody rings: the doorbell is asked for again with the next poll */
	int64_t current_us; /* when the prices were last known to be the newest; 0: not since the start */
	uint64_t changes, passed_over;
	struct why problem; /* why they cannot be; "" */
};

static void due(void *arg);

enum err feed_new(struct uplink *u, struct feed **out, struct why *why)
{
	struct feed *f = calloc(1, sizeof(*f));
	enum err e = f ? loop_timer_new(u->loop, due, f, &f->timer) : ERR_MEMORY;

	if (e) {
		free(f);
		return fail(why, e, "out of memory");
	}
	f->u = u;
	*out = f;
	return ERR_OK;
}

void feed_free(struct feed *f)
{
	if (!f)
		return;
	loop_timer_free(f->timer);
	free(f);
}

/* Whether all of its members are known here: what is said beyond them may decide whether the rest holds. */
static bool is_known(const struct wire_change *from, struct arena *a)
{
	struct cborr r = cborr_over(from->record.at, from->record.length);
	union record_any again;
	bool known = true;
	struct why why;

	return record_from_cbor_known(record_schema((enum record_type)from->type), &r, a, &again, &known,
				      &why) != ERR_OK ||
	       known;
}

/* It is here, so that what refers to it stands, and does not apply. */
static void pause_rule(struct record *r, struct why *why)
{
	if (r->type == RECORD_PROMOTION) {
		r->as.promotion.status = PROMOTION_PAUSED;
		(void)fail(why, ERR_NEWER, "promotion '%s'", r->as.promotion.id);
	} else {
		r->as.price_rule.status = 1; /* paused */
		(void)fail(why, ERR_NEWER, "pricing rule '%s'", r->as.price_rule.id);
	}
}

static enum err take_record(const struct wire_change *from, struct arena *a, struct change *out,
			    bool *strange, struct why *why)
{
	enum err e = record_decode((enum record_type)from->type, from->record.at, from->record.length, a,
				   &out->record, why);

	if (e == ERR_NEWER) /* a book for semantics to come: its prices may not be had without it */
		return ERR_DENIED;
	if (e || (out->record.type != RECORD_PROMOTION && out->record.type != RECORD_PRICE_RULE))
		return e;
	*strange = !is_known(from, a);
	if (*strange)
		pause_rule(&out->record, why);
	return ERR_OK;
}

enum err feed_change(const struct wire_change *from, struct arena *a, struct change *out, bool *strange,
		     struct why *why)
{
	*strange = false;
	*out = (struct change){.removed = from->record.at == NULL};
	if (from->type < 0 || from->type >= RECORD_TYPES)
		return fail(why, ERR_NEWER, "a record of type %lld, which this version does not know",
			    (long long)from->type);
	if (!out->removed)
		return take_record(from, a, out, strange, why);
	if (!from->key)
		return fail(why, ERR_INVALID, "a removal of nothing");
	return record_of_key((enum record_type)from->type, from->key, a, &out->record, why);
}

/* What is tried again is told and counted once. */
struct left_out {
	uint64_t passed_over, inactive;
	bool again;
};

static void pass_over(struct left_out *l, const struct why *why)
{
	l->passed_over++;
	if (!l->again)
		log_warnx("the feed has %s; it is passed over: till-sync should be upgraded", why->text);
}

static void be_inactive(struct left_out *l, const struct why *why)
{
	l->inactive++;
	if (!l->again)
		log_warnx("%s says what this version does not know: it is inactive here until the box is "
			  "upgraded",
			  why->text);
}

static void count_left_out(struct feed *f, const struct left_out *l)
{
	if (l->passed_over + l->inactive == 0)
		return;
	f->passed_over += l->passed_over;
	f->u->marks.left_out += (int64_t)(l->passed_over + l->inactive);
	uplink_marks_changed(f->u);
}

/* The last of the books among the changes; those before it are not looked at, nobody is to be at them. */
static size_t last_book(const struct wire_feed *feed)
{
	const struct wire_change *all = feed->changes.at;
	size_t i = feed->changes.count;

	while (i > 0 && all[i - 1].type != RECORD_BOOK)
		i--;
	return i > 0 ? i - 1 : 0;
}

static enum err take_changes(const struct wire_feed *feed, struct catalog_edit *edit, struct arena *a,
			     struct left_out *left, struct why *why)
{
	const struct wire_change *all = feed->changes.at;
	const size_t book = last_book(feed);
	struct change c;
	bool strange;
	enum err e = ERR_OK;

	for (size_t i = 0; i < feed->changes.count && !e; i++) {
		if (i < book && all[i].type == RECORD_BOOK)
			continue;
		e = feed_change(&all[i], a, &c, &strange, why);
		if (e == ERR_NEWER) {
			pass_over(left, why);
			e = ERR_OK;
			continue;
		}
		if (strange)
			be_inactive(left, why);
		if (!e)
			e = catalog_edit_take(edit, &c, why);
		if (e)
			why_prefix(why, "change %zu of version %lld: ", i, (long long)all[i].version);
	}
	return e;
}

/* All of it or nothing. */
static enum err apply(struct feed *f, const struct wire_feed *feed, struct arena *a, struct why *why)
{
	struct catalog_edit *edit;
	struct catalog_changed counts;
	struct left_out left = {.again = f->problem.text[0] != '\0'};
	uint64_t version;
	enum err e;

	if (feed->changes.count == 0)
		return ERR_OK;
	e = catalog_edit_begin(f->u->catalog, false, (uint64_t)feed->version, &edit, why);
	if (e)
		return e;
	e = take_changes(feed, edit, a, &left, why);
	if (e) {
		catalog_edit_cancel(edit);
		return e;
	}
	e = catalog_edit_commit(edit, &version, &counts, why);
	if (e)
		return e;
	f->changes += feed->changes.count;
	count_left_out(f, &left);
	return ERR_OK;
}

static enum err keep_grants(struct feed *f, const struct wire_feed *feed, struct why *why)
{
	const struct wire_grant *all = feed->grants.at;
	enum err e = ERR_OK;

	for (size_t i = 0; i < feed->grants.count && !e; i++) {
		struct link_grant g = {.promotion = all[i].promotion, .currency = all[i].currency};
		bool fresh;

		if (strcmp(all[i].box, f->u->papers.name) != 0)
			continue;
		g.incarnation = all[i].incarnation;
		g.number = all[i].number;
		g.uses = all[i].uses;
		g.amount = all[i].amount.minor;
		e = link_store_grant(f->u->store, &g, &fresh, why);
		if (!e && fresh)
			log_info("grant %lld of promotion '%s' is kept", (long long)g.number, g.promotion);
	}
	return e;
}

/* It has everything that headquarters has. */
static void is_current(struct feed *f)
{
	int64_t now = hqtime_now_ms(f->u);

	f->current_us = clock_monotonic_us(loop_clock(f->u->loop));
	f->problem.text[0] = '\0';
	if (now - f->u->marks.current_ms >= NOTE_MS || now < f->u->marks.current_ms) {
		f->u->marks.current_ms = now;
		uplink_marks_changed(f->u);
	}
}

static void complain(struct feed *f, const struct why *why)
{
	if (strcmp(why->text, f->problem.text) != 0)
		log_warnx("the catalog does not follow headquarters: %s", why->text);
	f->problem = *why;
}

static void take(struct feed *f, const struct wire_feed *feed, struct arena *a)
{
	struct link_marks *m = &f->u->marks;
	struct why why = {""};
	enum err e;

	if (feed->snapshot) {
		snapshot_load_begin(f->u->snapshot);
		return;
	}
	e = feed->version < m->version
		    ? fail(&why, ERR_DENIED, "version %lld is older than %lld, which is here",
			   (long long)feed->version, (long long)m->version)
		    : apply(f, feed, a, &why);
	if (e == ERR_NOT_FOUND) { /* there is no catalog yet */
		snapshot_load_begin(f->u->snapshot);
		return;
	}
	if (!e)
		e = keep_grants(f, feed, &why);
	if (e) {
		complain(f, &why);
		return;
	}
	if (strcmp(m->cursor, feed->cursor) != 0 || m->version != feed->version) {
		snprintf(m->cursor, sizeof(m->cursor), "%s", feed->cursor);
		m->version = feed->version;
		uplink_marks_changed(f->u);
	}
	if (feed->changes.count > 0)
		bell_ring(f->u->bell);
	f->again |= feed->more != 0;
	if (!feed->more)
		is_current(f);
}

static void answered(const struct coaps_answer *a, void *arg)
{
	struct feed *f = arg;
	struct arena arena = ARENA_EMPTY;
	struct wire_feed feed;
	struct why why;

	f->asking = false;
	if (!f->going)
		return;
	if (snapshot_load_applying(f->u->snapshot))
		return; /* one of the inbox: its end asks again */
	if (a->code != COAPS_CONTENT) {
		why = uplink_answer_words(a);
		complain(f, &why);
		loop_timer_set(f->timer, AGAIN_MS);
		return;
	}
	if (wire_decode(&wire_feed_schema, a->body, a->length, &arena, &feed, &why) != ERR_OK)
		complain(f, &why);
	else
		take(f, &feed, &arena);
	arena_free(&arena);
	loop_timer_set(f->timer, f->again ? 0 : f->u->config->hq.poll_ms);
}

static void ask(struct feed *f)
{
	char path[UPLINK_PATH_MAX], query[LINK_CURSOR_MAX + 16] = "";
	struct coaps_call call = {.method = COAPS_GET, .timeout_ms = ANSWER_MS, .done = answered, .arg = f};

	if (!f->going || snapshot_load_busy(f->u->snapshot))
		return;
	if (f->asking) { /* something changed while the answer is on its way */
		f->again = true;
		return;
	}
	f->again = false;
	if (f->u->marks.cursor[0])
		snprintf(query, sizeof(query), "after=%s", f->u->marks.cursor);
	call.path = uplink_store_path(f->u, "feed", path);
	call.query = query;
	f->asking = uplink_send(f->u, &call) == ERR_OK;
	if (!f->asking)
		loop_timer_set(f->timer, AGAIN_MS);
}

/* What the doorbell says is not looked at: the feed says what there is. */
static void rung(const struct coaps_answer *a, void *arg)
{
	struct feed *f = arg;

	if (a->code == COAPS_CONTENT)
		ask(f);
	else
		f->deaf = true;
}

static void ask_for_bell(struct feed *f)
{
	char path[UPLINK_PATH_MAX];
	struct coaps_call bell = {
		.method = COAPS_GET, .observe = true, .timeout_ms = ANSWER_MS, .done = rung, .arg = f};

	bell.path = uplink_store_path(f->u, "version", path);
	f->deaf = uplink_send(f->u, &bell) != ERR_OK;
	if (f->deaf)
		log_debug("no doorbell: changes are asked for every %lld ms",
			  (long long)f->u->config->hq.poll_ms);
}

static void due(void *arg)
{
	struct feed *f = arg;

	if (f->going && f->deaf)
		ask_for_bell(f);
	ask(f);
}

void feed_begin(struct feed *f)
{
	f->going = true;
	f->asking = false;
	ask_for_bell(f);
	ask(f);
}

void feed_pause(struct feed *f)
{
	f->going = false;
	loop_timer_stop(f->timer);
}

void feed_now(struct feed *f)
{
	ask(f);
}

void feed_status(const struct feed *f, struct jsonw *w)
{
	int64_t now_us = clock_monotonic_us(loop_clock(f->u->loop));
	int64_t age_s = -1;

	if (f->current_us)
		age_s = (now_us - f->current_us) / 1000000;
	else if (f->u->marks.current_ms)
		age_s = (hqtime_now_ms(f->u) - f->u->marks.current_ms) / 1000;
	jsonw_object(w, "catalog");
	jsonw_int(w, "version", f->u->marks.version);
	jsonw_text(w, "cursor", f->u->marks.cursor);
	if (age_s >= 0)
		jsonw_int(w, "price_age_s", age_s);
	else
		jsonw_null(w, "price_age_s");
	jsonw_int(w, "changes", (int64_t)f->changes);
	jsonw_int(w, "passed_over", (int64_t)f->passed_over);
	jsonw_int(w, "left_out", f->u->marks.left_out);
	jsonw_text(w, "problem", f->problem.text[0] ? f->problem.text : NULL);
	jsonw_close(w);
}
