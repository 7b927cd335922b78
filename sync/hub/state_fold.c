/*
 * The fold: records of the log into rows. See state.h.
 *
 * Nothing here may depend on the order in which partitions are read, on clocks, or on where one step ends and
 * the next begins. A publication waits until the records that it speaks of have been folded.
 */
#include "state_parts.h"

#include <string.h>

#include "log.h"

/* Topics that the state is folded from, publications behind what they publish; the others are for others. */
static const enum log_topic folded[] = {
	TOPIC_SALES_EVENTS,	 TOPIC_BOXES,
	TOPIC_INVENTORY_EVENTS,	 TOPIC_VENDOR_COST_UPDATES,
	TOPIC_COMPETITOR_PRICES, TOPIC_PROMO_RULES,
	TOPIC_PRICE_UPDATES,	 TOPIC_PRODUCT_EVENTS,
	TOPIC_EXCHANGE_RATES,	 TOPIC_SUBSCRIPTION_EVENTS,
	TOPIC_PUBLICATIONS,	 TOPIC_LEASES,
};

/* Binds what the statements about an event's place have in common. */
static void bind_place(sqlite3_stmt *q, const char *box, int64_t incarnation, int64_t segment,
		       int64_t sequence)
{
	db_bind_text(q, 1, box);
	db_bind_int(q, 2, incarnation);
	db_bind_int(q, 3, segment);
	db_bind_int(q, 4, sequence);
}

struct old_head {
	int64_t incarnation, segment, sequence;
};

static enum err read_head(struct state *s, const char *box, struct old_head *out, struct why *why)
{
	sqlite3_stmt *q = db_statement(&s->db, STATE_SQL_HEAD);
	enum err e;

	*out = (struct old_head){.incarnation = 1};
	db_bind_text(q, 1, box);
	e = db_row(&s->db, q, why);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	out->incarnation = sqlite3_column_int64(q, 0);
	out->segment = sqlite3_column_int64(q, 1);
	out->sequence = sqlite3_column_int64(q, 2);
	sqlite3_reset(q);
	return ERR_OK;
}

static enum err park_strange(struct state *s, const struct topic_upload *u, struct why *why)
{
	struct cborr r = cborr_over(u->events.at, u->events.length);
	struct upload_event event;
	enum err e = ERR_OK;

	while (!e && r.at < r.end && !upload_next(&r, &event)) {
		sqlite3_stmt *q;

		if (upload_is_known(&event))
			continue;
		q = db_statement(&s->db, STATE_SQL_PARK);
		bind_place(q, u->box, u->incarnation, event.segment, event.sequence);
		db_bind_int(q, 5, event.kind);
		db_bind_bytes(q, 6, event.whole.at, event.whole.length);
		e = db_run(&s->db, q, why);
	}
	return e;
}

static enum err put_held(struct state *s, const struct topic_upload *u, const struct log_record *r,
			 struct why *why)
{
	sqlite3_stmt *q = db_statement(&s->db, STATE_SQL_PUT_HELD);

	bind_place(q, u->box, u->incarnation, u->segment, u->sequence);
	db_bind_int(q, 5, r->partition);
	db_bind_int(q, 6, r->offset);
	return db_run(&s->db, q, why);
}

/* A batch that was appended twice, by two hubs, is in the fold once. */
static enum err fold_events(struct state *s, const struct topic_upload *u, const struct log_record *r,
			    struct why *why)
{
	sqlite3_stmt *q;
	struct old_head old;
	enum err e = read_head(s, u->box, &old, why);

	if (e)
		return e;
	if (u->incarnation < old.incarnation ||
	    (u->incarnation == old.incarnation &&
	     upload_compare(u->segment, u->sequence, old.segment, old.sequence) <= 0))
		return ERR_OK;
	q = db_statement(&s->db, STATE_SQL_PUT_HEAD);
	bind_place(q, u->box, u->incarnation, u->segment, u->sequence);
	db_bind_bytes(q, 5, u->hash.at, u->hash.length);
	db_bind_int(q, 6, u->count);
	db_bind_int(q, 7, r->at_ms);
	e = db_run(&s->db, q, why);
	if (!e)
		e = put_held(s, u, r, why);
	return e || u->strange == 0 ? e : park_strange(s, u, why);
}

static enum err fold_quarantine(struct state *s, const struct topic_upload *u, struct why *why)
{
	sqlite3_stmt *q = db_statement(&s->db, STATE_SQL_QUARANTINE);

	s->step.boxes = true;
	db_bind_text(q, 1, u->box);
	db_bind_text(q, 2, u->reason ? u->reason : "");
	db_bind_int(q, 3, u->segment);
	db_bind_int(q, 4, u->sequence);
	db_bind_bytes(q, 5, u->hash.at ? (const void *)u->hash.at : "", u->hash.length);
	return db_run(&s->db, q, why);
}

static enum err fold_release(struct state *s, const struct topic_upload *u, struct why *why)
{
	sqlite3_stmt *q = db_statement(&s->db, STATE_SQL_RELEASE);

	s->step.boxes = true;
	bind_place(q, u->box, u->incarnation, u->segment, u->sequence);
	db_bind_bytes(q, 5, u->hash.at ? (const void *)u->hash.at : "", u->hash.length);
	return db_run(&s->db, q, why);
}

static enum err fold_upload(struct state *s, const struct log_record *r, struct why *why)
{
	struct topic_upload u;
	enum err e = topic_decode(r->topic, r->value, &s->arena, &u, why);

	if (e)
		return e;
	s->step.uploads = true;
	switch ((enum upload_kind)u.kind) {
	case UPLOAD_EVENTS:
		return u.hash.at ? fold_events(s, &u, r, why) : ERR_INVALID;
	case UPLOAD_QUARANTINE:
		return fold_quarantine(s, &u, why);
	case UPLOAD_RELEASE:
		return fold_release(s, &u, why);
	}
	return ERR_OK;
}

/* Codes that nobody has used yet: a newer one, and a revocation, ends them. */
static enum err drop_claims(struct state *s, const char *box, struct why *why)
{
	sqlite3_stmt *q = db_statement(&s->db, STATE_SQL_DROP_CLAIMS);

	db_bind_text(q, 1, box);
	return db_run(&s->db, q, why);
}

static enum err add_box(struct state *s, const struct topic_box *b, struct why *why)
{
	sqlite3_stmt *q = db_statement(&s->db, STATE_SQL_PUT_BOX);
	enum err e;

	db_bind_text(q, 1, b->box);
	db_bind_text(q, 2, b->store ? b->store : "");
	e = db_run(&s->db, q, why);
	if (e || !b->code.at)
		return e;
	e = drop_claims(s, b->box, why);
	if (e)
		return e;
	q = db_statement(&s->db, STATE_SQL_PUT_CLAIM);
	db_bind_bytes(q, 1, b->code.at, b->code.length);
	db_bind_text(q, 2, b->box);
	db_bind_int(q, 3, b->expires_ms);
	return db_run(&s->db, q, why);
}

static enum err set_serial(struct state *s, enum state_statement which, const struct topic_box *b,
			   int64_t least, struct why *why)
{
	sqlite3_stmt *q = db_statement(&s->db, (int)which);

	db_bind_text(q, 1, b->box);
	db_bind_int(q, 2, b->serial);
	if (which != STATE_SQL_REVOKE_BOX)
		db_bind_int(q, 3, b->expires_ms);
	if (which == STATE_SQL_ENROL_BOX)
		db_bind_int(q, 4, least);
	return db_run(&s->db, q, why);
}

/*
 * The first use of a code ends all certificates before it: what is enrolled anew replaces a machine. The same
 * request again is the same use; another one is none.
 */
static enum err enrol_box(struct state *s, const struct topic_box *b, struct why *why)
{
	struct state_claim claim;
	struct digest code;
	sqlite3_stmt *q;
	enum err e;

	if (!b->code.at || !b->request.at)
		return ERR_INVALID;
	memcpy(code.bytes, b->code.at, DIGEST_SIZE);
	e = state_claim(s, &code, &claim, why);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	if (strcmp(claim.box, b->box) != 0 ||
	    (claim.used && memcmp(claim.request.bytes, b->request.at, DIGEST_SIZE) != 0))
		return ERR_OK;
	e = set_serial(s, STATE_SQL_ENROL_BOX, b, claim.used ? 0 : b->serial, why);
	if (e || claim.used)
		return e;
	q = db_statement(&s->db, STATE_SQL_USE_CLAIM);
	db_bind_bytes(q, 1, b->code.at, b->code.length);
	db_bind_bytes(q, 2, b->request.at, b->request.length);
	return db_run(&s->db, q, why);
}

#define FEATURES_MAX 1024

/* Names that are none are left out. */
static void join_features(const struct list *features, char out[FEATURES_MAX])
{
	const char *const *at = features->at;
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < features->count; i++) {
		size_t n = strlen(at[i]);

		if (!wire_name_ok(at[i]) || used + n + 2 > FEATURES_MAX)
			continue;
		used += (size_t)snprintf(out + used, FEATURES_MAX - used, "%s%s", used ? " " : "", at[i]);
	}
}

static enum err tell_box(struct state *s, const struct topic_box *b, struct why *why)
{
	sqlite3_stmt *q = db_statement(&s->db, STATE_SQL_TELL_BOX);
	char features[FEATURES_MAX];

	join_features(&b->features, features);
	db_bind_text(q, 1, b->box);
	db_bind_text(q, 2, b->program ? b->program : "");
	db_bind_int(q, 3, b->semantics);
	db_bind_int(q, 4, b->min_reader);
	db_bind_text(q, 5, features);
	db_bind_int(q, 6, b->seen_ms);
	db_bind_bytes(q, 7, b->trusts.at ? (const void *)b->trusts.at : "", b->trusts.length);
	return db_run(&s->db, q, why);
}

static enum err fold_box(struct state *s, const struct log_record *r, struct why *why)
{
	struct topic_box b;
	enum err e = topic_decode(r->topic, r->value, &s->arena, &b, why);

	if (e)
		return e;
	s->step.boxes |= b.change != BOX_TOLD; /* the loop knows that already */
	switch ((enum box_change)b.change) {
	case BOX_ADDED:
		return add_box(s, &b, why);
	case BOX_ENROLLED:
		return enrol_box(s, &b, why);
	case BOX_RENEWED:
		return set_serial(s, STATE_SQL_RENEW_BOX, &b, 0, why);
	case BOX_REVOKED:
		e = drop_claims(s, b.box, why);
		return e ? e : set_serial(s, STATE_SQL_REVOKE_BOX, &b, 0, why);
	case BOX_TOLD:
		return tell_box(s, &b, why);
	}
	return ERR_OK;
}

/* A publication whose records are not all here yet: later. */
static bool is_complete(const struct state *s, const struct topic_publication *p)
{
	const struct topic_end *ends = p->ends.at;

	for (size_t i = 0; i < p->ends.count; i++)
		if (s->positions[ends[i].topic][ends[i].partition] < ends[i].next)
			return false;
	return true;
}

static enum err fold_publication(struct state *s, const struct log_record *r, struct why *why)
{
	struct topic_publication p;
	enum err e = topic_decode(r->topic, r->value, &s->arena, &p, why);

	if (e)
		return e;
	if (!is_complete(s, &p))
		return ERR_CLOSED;
	s->step.catalogs = true;
	return state_publish(s, &p, why);
}

/* A number or NULL. */
static void bind_amount(sqlite3_stmt *q, int at, int64_t value)
{
	if (value != AMOUNT_NONE)
		db_bind_int(q, at, value);
}

/* Of two hubs that grant at once, one has the next number, and the other's grant is none. */
static enum err fold_grant(struct state *s, const struct log_record *r, struct why *why)
{
	struct topic_grant g;
	int64_t last = 0;
	sqlite3_stmt *q;
	enum err e = topic_decode(r->topic, r->value, &s->arena, &g, why);

	if (!e)
		e = state_last_grant(s, g.promotion, g.box, g.incarnation, &last, why);
	if (e || g.number != last + 1)
		return e;
	s->step.leases = true;
	q = db_statement(&s->db, STATE_SQL_PUT_GRANT);
	db_bind_text(q, 1, g.promotion);
	db_bind_text(q, 2, g.box);
	db_bind_int(q, 3, g.incarnation);
	db_bind_int(q, 4, g.number);
	bind_amount(q, 5, g.uses);
	bind_amount(q, 6, g.amount.minor);
	if (g.currency)
		db_bind_text(q, 7, g.currency);
	db_bind_text(q, 8, g.store);
	db_bind_int(q, 9, r->offset);
	return db_run(&s->db, q, why);
}

static enum err apply(struct state *s, const struct log_record *r, struct why *why)
{
	if (r->topic == TOPIC_SALES_EVENTS)
		return fold_upload(s, r, why);
	if (r->topic == TOPIC_BOXES)
		return fold_box(s, r, why);
	if (r->topic == TOPIC_PUBLICATIONS)
		return fold_publication(s, r, why);
	if (r->topic == TOPIC_LEASES)
		return fold_grant(s, r, why);
	return state_stage(s, r, why);
}

/* A record that this program cannot read is passed over, and said so: it must not hold up what is behind it.
 */
static enum err fold_record(const struct log_record *r, void *arg, struct why *why)
{
	struct state *s = arg;
	struct why reason = {""};
	enum err e;

	arena_reset(&s->arena);
	e = apply(s, r, &reason);
	if (e == ERR_INVALID || e == ERR_NEWER) {
		log_warnx("%s %u.%lld of the log: %s", log_topics[r->topic].name, r->partition,
			  (long long)r->offset, reason.text);
		e = ERR_OK;
	}
	if (e)
		return e == ERR_CLOSED ? e : fail(why, e, "%s", reason.text);
	s->positions[r->topic][r->partition] = r->offset + 1;
	s->moved[r->topic][r->partition] = true;
	s->step.records++;
	return ERR_OK;
}

static enum err fold_topic(struct state *s, struct log_reader *log, enum log_topic t, size_t most,
			   struct why *why)
{
	enum err e = ERR_OK;

	for (unsigned p = 0; p < log_topics[t].partitions && !e; p++) {
		struct log_position from = {t, p, s->positions[t][p]};
		int64_t next;

		if (s->step.records >= most)
			break;
		e = log_read(log, from, most - s->step.records, fold_record, s, &next, why);
	}
	return e;
}

static enum err keep_positions(struct state *s, struct why *why)
{
	enum err e = ERR_OK;

	for (int t = 0; t < LOG_TOPICS; t++) {
		for (unsigned p = 0; p < LOG_PARTITIONS_MAX && !e; p++) {
			sqlite3_stmt *q;

			if (!s->moved[t][p])
				continue;
			q = db_statement(&s->db, STATE_SQL_SET_POSITION);
			db_bind_int(q, 1, t);
			db_bind_int(q, 2, p);
			db_bind_int(q, 3, s->positions[t][p]);
			e = db_run(&s->db, q, why);
		}
	}
	memset(s->moved, 0, sizeof(s->moved));
	return e;
}

static enum err fold_all(struct state *s, struct log_reader *log, size_t most, struct why *why)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < sizeof(folded) / sizeof(folded[0]) && !e; i++)
		e = fold_topic(s, log, folded[i], most, why);
	return e ? e : keep_positions(s, why);
}

enum err state_fold(struct state *s, struct log_reader *log, size_t most, struct state_step *out,
		    struct why *why)
{
	int64_t before[LOG_TOPICS][LOG_PARTITIONS_MAX];
	enum err e = db_begin(&s->db, why);

	*out = s->step = (struct state_step){0};
	if (e)
		return e;
	memcpy(before, s->positions, sizeof(before));
	e = fold_all(s, log, most, why);
	if (!e && s->step.records > 0)
		e = db_commit(&s->db, why);
	else
		db_rollback(&s->db);
	if (e) {
		memcpy(s->positions, before, sizeof(before));
		memset(s->moved, 0, sizeof(s->moved));
		return e;
	}
	*out = s->step;
	return ERR_OK;
}

void state_step_add(struct state_step *to, const struct state_step *more)
{
	to->records += more->records;
	to->boxes |= more->boxes;
	to->catalogs |= more->catalogs;
	to->leases |= more->leases;
	to->uploads |= more->uploads;
	to->authority |= more->authority;
}

enum err state_catch_up(struct state *s, struct log_reader *log, struct state_step *out, struct why *why)
{
	struct state_step step;
	enum err e;

	*out = (struct state_step){0};
	do {
		e = state_fold(s, log, 20000, &step, why);
		state_step_add(out, &step);
	} while (!e && step.records > 0);
	return e;
}
