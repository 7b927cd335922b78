/*
 * From a batch to its acknowledgement. See ingest.h.
 */
#include "ingest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "topic.h"

struct ingest {
	struct event_log *log;
	struct log_reader *reader;
	struct state *state;
	struct ingest_counts counts;
};

/* A batch between judgement and disk. */
struct batch {
	struct ingest *in;
	struct hub_box *box;
	struct upload_head head; /* of the box, once this is durable */
	int64_t incarnation;
	enum ingest_code code;
	int64_t strange;
	ingest_done *done;
	void *arg;
	struct log_entry entries[2]; /* the upload, and an alert */
	struct log_job job;
	struct buf upload, alert;
};

enum err ingest_new(struct event_log *log, struct log_reader *reader, struct state *state,
		    struct ingest **out)
{
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return ERR_MEMORY;
	**out = (struct ingest){.log = log, .reader = reader, .state = state};
	return ERR_OK;
}

void ingest_free(struct ingest *in)
{
	free(in);
}

void ingest_counts(const struct ingest *in, struct ingest_counts *out)
{
	*out = in->counts;
}

/* Tells what is held of the box now. */
static void answer(const struct hub_box *box, enum ingest_code code, int64_t strange, const struct why *why,
		   ingest_done *done, void *arg)
{
	struct ingest_answer a = {.code = code};

	if (why)
		a.why = *why;
	wire_init(&wire_ack_schema, &a.ack);
	a.ack.verdict = code == INGEST_GAP	     ? WIRE_GAP
			: code == INGEST_QUARANTINED ? WIRE_QUARANTINED
						     : WIRE_ACCEPTED;
	a.ack.segment = box->held.segment;
	a.ack.sequence = box->held.sequence;
	a.ack.hash = (struct bytes){box->held.hash.bytes, DIGEST_SIZE};
	a.ack.parked = strange;
#ifdef TILL_NEXT
	a.ack.memo = 1;
#endif
	if (a.ack.verdict != WIRE_ACCEPTED)
		a.ack.reason = a.why.text[0] ? a.why.text : box->reason[0] ? box->reason : NULL;
	done(&a, arg);
}

static struct batch *batch_new(struct ingest *in, struct hub_box *box, ingest_done *done, void *arg)
{
	struct batch *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->in = in;
	b->box = box;
	b->done = done;
	b->arg = arg;
	b->head = box->pending;
	b->incarnation = box->incarnation;
	buf_init(&b->upload, WIRE_MESSAGE_MAX + 4096);
	buf_init(&b->alert, 4096);
	return b;
}

static void batch_free(struct batch *b)
{
	buf_free(&b->upload);
	buf_free(&b->alert);
	free(b);
}

static void remember(struct hub_box *box, const struct upload_head *head)
{
	box->recent[box->recent_next++ % REGISTRY_RECENT] = *head;
}

/*
 * The log could not write it. Answers come in the order of the log, so `held` is all that is durable: what
 * comes from now on is judged against that. Jobs of before this moment still fail, and change nothing any
 * more.
 */
static void take_back(struct batch *b)
{
	struct hub_box *box = b->box;

	if (b->job.fence != box->fence)
		return;
	box->pending = box->held;
	box->fence = event_log_epoch(b->in->log);
	if (b->code == INGEST_QUARANTINED)
		box->quarantined = false; /* it is found again */
}

static void written(struct log_job *job)
{
	struct batch *b = job->arg;
	struct hub_box *box = b->box;

	b->in->counts.waiting--;
	if (job->result) {
		take_back(b);
		answer(box, INGEST_BUSY, 0, &job->why, b->done, b->arg);
	} else {
		b->in->counts.written += b->job.count > 0;
		if (b->job.count > 0 && b->code == INGEST_ACCEPTED) {
			box->held = b->head;
			remember(box, &b->head);
		}
		answer(box, b->code, b->strange, NULL, b->done, b->arg);
	}
	batch_free(b);
}

static enum err add_entry(struct batch *b, enum log_topic topic, struct buf *value)
{
	b->entries[b->job.count++] = (struct log_entry){
		.topic = topic, .key = b->box->name, .value = {buf_front(value), buf_length(value)}};
	return ERR_OK;
}

static enum err add_alert(struct batch *b, int64_t kind, const struct upload_head *at, const char *text,
			  struct why *why)
{
	struct topic_alert alert;
	enum err e;

	topic_init(TOPIC_ALERTS, &alert);
	alert.kind = kind;
	alert.box = b->box->name;
	alert.text = text;
	alert.segment = at->segment;
	alert.sequence = at->sequence;
	e = topic_encode(TOPIC_ALERTS, &alert, &b->alert, why);
	return e ? e : add_entry(b, TOPIC_ALERTS, &b->alert);
}

/* Hands the batch to the log; on failure it is answered, and gone. */
static void submit(struct batch *b)
{
	struct ingest *in = b->in;
	struct why why = {"the log takes nothing now"};

	if (b->box->fence == 0)
		b->box->fence = event_log_epoch(in->log);
	b->job.entries = b->entries;
	b->job.fence = b->box->fence;
	b->job.done = written;
	b->job.arg = b;
	if (event_log_submit(in->log, &b->job)) {
		answer(b->box, INGEST_BUSY, 0, &why, b->done, b->arg);
		batch_free(b);
		return;
	}
	in->counts.waiting++;
	if (b->code == INGEST_ACCEPTED)
		b->box->pending = b->head;
	else
		b->box->quarantined = true;
}

static void refuse(struct batch *b, enum ingest_code code, const struct why *why)
{
	answer(b->box, code, 0, why, b->done, b->arg);
	batch_free(b);
}

static void append_fresh(struct batch *b, const struct upload *u)
{
	struct why why = {""};
	struct topic_upload record;
	char text[200];
	enum err e;

	topic_init(TOPIC_SALES_EVENTS, &record);
	record.box = b->box->name;
	record.incarnation = b->incarnation;
	record.first_segment = u->first_segment;
	record.first_sequence = u->first_sequence;
	record.segment = u->last.segment;
	record.sequence = u->last.sequence;
	record.hash = (struct bytes){u->last.hash.bytes, DIGEST_SIZE};
	record.count = u->count;
	record.events = u->fresh;
	record.strange = u->strange;
	b->head = u->last;
	b->strange = u->strange;
	b->in->counts.batches++;
	b->in->counts.events += (uint64_t)u->count;
	e = topic_encode(TOPIC_SALES_EVENTS, &record, &b->upload, &why);
	if (!e)
		e = add_entry(b, TOPIC_SALES_EVENTS, &b->upload);
	if (!e && u->strange > 0) {
		snprintf(text, sizeof(text),
			 "%lld events up to %lld.%lld are of a kind or version that this hub "
			 "does not know; they are parked",
			 (long long)u->strange, (long long)u->last.segment, (long long)u->last.sequence);
		log_warnx("box %s: %s", b->box->name, text);
		e = add_alert(b, ALERT_PARKED, &u->last, text, &why);
	}
	if (e)
		refuse(b, INGEST_BAD, &why);
	else
		submit(b);
}

/* Nothing more is taken of the box, and an operator is told: in the log, and by the hub's own. */
static void quarantine(struct batch *b, const struct upload *u, const struct why *reason)
{
	struct why why = {""};
	struct topic_upload record;
	enum err e;

	snprintf(b->box->reason, sizeof(b->box->reason), "%s", reason->text);
	log_error("box %s is in quarantine: %s", b->box->name, reason->text);
	topic_init(TOPIC_SALES_EVENTS, &record);
	record.kind = UPLOAD_QUARANTINE;
	record.box = b->box->name;
	record.incarnation = b->incarnation;
	record.segment = u->attach.segment;
	record.sequence = u->attach.sequence;
	if (u->attach.segment > 0)
		record.hash = (struct bytes){u->attach.hash.bytes, DIGEST_SIZE};
	record.reason = b->box->reason;
	b->code = INGEST_QUARANTINED;
	b->in->counts.quarantines++;
	e = topic_encode(TOPIC_SALES_EVENTS, &record, &b->upload, &why);
	if (!e)
		e = add_entry(b, TOPIC_SALES_EVENTS, &b->upload);
	if (!e)
		e = add_alert(b, ALERT_QUARANTINE, &b->box->pending, b->box->reason, &why);
	if (e)
		refuse(b, INGEST_BUSY, &why);
	else
		submit(b);
}

struct look {
	const struct upload_head *last;
	struct digest hash;
	bool found;
};

static enum err look_into(const struct log_record *r, void *arg, struct why *why)
{
	struct look *l = arg;
	struct arena a = ARENA_EMPTY;
	struct topic_upload u;
	enum err e = topic_decode(r->topic, r->value, &a, &u, why);

	if (!e && u.events.at)
		l->found = !upload_find(u.events, l->last->segment, l->last->sequence, &l->hash);
	arena_free(&a);
	return e;
}

/*
 * Whether the event at that position, before the head, is the one that is held there. Recent ends of batches
 * are at hand; the others are looked up. ERR_BUSY: the fold has not come so far.
 */
static enum err is_held(struct ingest *in, const struct hub_box *box, const struct upload_head *last,
			bool *same, struct why *why)
{
	struct look look = {.last = last};
	struct log_position at;
	int64_t next;
	enum err e;

	for (size_t i = 0; i < REGISTRY_RECENT; i++) {
		const struct upload_head *r = &box->recent[i];

		if (r->segment == last->segment && r->sequence == last->sequence) {
			*same = memcmp(r->hash.bytes, last->hash.bytes, DIGEST_SIZE) == 0;
			return ERR_OK;
		}
	}
	e = state_held(in->state, box->name, box->incarnation, last->segment, last->sequence, &at, why);
	if (e == ERR_NOT_FOUND)
		return fail(why, ERR_BUSY, "what the hub holds is not sorted yet");
	if (!e)
		e = log_read(in->reader, at, 1, look_into, &look, &next, why);
	*same = look.found && memcmp(look.hash.bytes, last->hash.bytes, DIGEST_SIZE) == 0;
	return e;
}

/* An event that is held came again; with another hash it is no repeat. */
static void repeat(struct batch *b, struct upload *u)
{
	struct hub_box *box = b->box;
	struct why why = {""};
	bool same = true;
	enum err e = ERR_OK;

	if (upload_compare(u->last.segment, u->last.sequence, box->pending.segment, box->pending.sequence) <
	    0)
		e = is_held(b->in, box, &u->last, &same, &why);
	if (e) {
		log_debug("box %s: %s", box->name, why.text);
		refuse(b, INGEST_BUSY, &why);
	} else if (!same) {
		(void)fail(&why, ERR_STATE, "event %lld.%lld came again as another one",
			   (long long)u->last.segment, (long long)u->last.sequence);
		quarantine(b, u, &why);
	} else if (upload_compare(u->last.segment, u->last.sequence, box->held.segment, box->held.sequence) <=
		   0) {
		refuse(b, INGEST_ACCEPTED, NULL);
	} else {
		b->head = box->pending;
		submit(b); /* an empty job: answered when what it repeats is durable */
	}
}

static void act_on(struct batch *b, struct upload *u, const struct why *why)
{
	b->in->counts.repeated += (uint64_t)u->repeated;
	switch (u->verdict) {
	case UPLOAD_NEW:
		append_fresh(b, u);
		return;
	case UPLOAD_REPEAT:
		repeat(b, u);
		return;
	case UPLOAD_GAP:
		b->in->counts.gaps++;
		refuse(b, INGEST_GAP, why);
		return;
	case UPLOAD_FORK:
		quarantine(b, u, why);
		return;
	}
}

void ingest_upload(struct ingest *in, struct hub_box *box, struct bytes events, ingest_done *done, void *arg)
{
	struct batch *b = batch_new(in, box, done, arg);
	struct why why = {""};
	struct upload u;
	enum err e;

	if (!b) {
		answer(box, INGEST_BUSY, 0, NULL, done, arg);
		return;
	}
	if (box->quarantined) {
		in->counts.refused++;
		refuse(b, INGEST_QUARANTINED, NULL);
		return;
	}
	e = upload_judge(&box->pending, box->name, events, &u, &why);
	if (e) {
		in->counts.refused++;
		refuse(b, e == ERR_DENIED ? INGEST_OTHER : INGEST_BAD, &why);
		return;
	}
	act_on(b, &u, &why);
}
