#include "outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger.h"
#include "log.h"

#define IN_FLIGHT_MAX	48
#define IN_FLIGHT_TLS	32
#define IN_FLIGHT_LEAST 4     /* of datagrams */
#define BATCH_BYTES	15000 /* docs/protocol.md, "Sizes" */
#define AROUND		64    /* bytes of a batch around its events */
#define LOOK_MS		100   /* for new events, when there were none */
#define AGAIN_MS	2000  /* after an error that passes */

struct batch {
	struct outbox *outbox;
	bool used;
	unsigned round; /* of another one its answer counts no more, but for what it acknowledges */
	int64_t last, segment, sequence, events, bytes;
	struct digest hash; /* of the last event */
};

struct outbox {
	struct uplink *u;
	struct ledger_reader *ledger; /* NULL: there is none yet */
	struct loop_timer *timer;
	bool going;
	unsigned round;
	int64_t sent;	/* id of the last event that is on its way, or held */
	int64_t newest; /* id, as far as was looked */
	int64_t newest_segment, newest_sequence;
	unsigned in_flight;
	/* Datagrams may be lost and overtake each other: so many at once, one more for each that is
	 * acknowledged, half of them after a gap. */
	unsigned window;
	struct batch batches[IN_FLIGHT_MAX];
	struct buf events, message;
	uint64_t sent_events, sent_bytes, repeats, parked;
	struct why stopped; /* why nothing is sent until somebody has looked; "" */
};

static void fill(struct outbox *o);

static void look(void *arg)
{
	struct outbox *o = arg;

	fill(o);
}

enum err outbox_new(struct uplink *u, struct outbox **out, struct why *why)
{
	struct outbox *o = calloc(1, sizeof(*o));
	enum err e;

	if (!o)
		return fail(why, ERR_MEMORY, "out of memory");
	o->u = u;
	o->window = IN_FLIGHT_LEAST;
	buf_init(&o->events, WIRE_EVENTS_MAX);
	buf_init(&o->message, COAPS_BODY_MAX);
	e = loop_timer_new(u->loop, look, o, &o->timer);
	if (e) {
		outbox_free(o);
		return fail(why, e, "out of memory");
	}
	*out = o;
	return ERR_OK;
}

void outbox_free(struct outbox *o)
{
	if (!o)
		return;
	ledger_reader_close(o->ledger);
	loop_timer_free(o->timer);
	buf_free(&o->events);
	buf_free(&o->message);
	free(o);
}

static bool open_ledger(struct outbox *o)
{
	char path[DB_PATH_MAX];
	struct why why;
	enum err e;

	if (o->ledger)
		return true;
	snprintf(path, sizeof(path), "%s/ledger.db", o->u->config->daemon.state_dir);
	e = ledger_reader_open(path, &o->ledger, &why);
	if (e && e != ERR_NOT_FOUND && e != ERR_STATE)
		log_warnx("%s", why.text);
	return e == ERR_OK;
}

/* Nothing more until somebody has looked; the next hello tries again. */
static void stop(struct outbox *o, const char *reason)
{
	if (strcmp(o->stopped.text, reason) != 0)
		log_error("events are not uploaded any more: %s", reason);
	(void)fail(&o->stopped, ERR_STATE, "%s", reason);
	o->round++;
	loop_timer_stop(o->timer);
}

/* From what is held, all over again. */
static void again(struct outbox *o, int64_t wait_ms)
{
	o->round++;
	o->repeats++;
	o->window = o->window / 2 > IN_FLIGHT_LEAST ? o->window / 2 : IN_FLIGHT_LEAST;
	o->sent = o->u->marks.acked;
	loop_timer_set(o->timer, wait_ms);
}

static void hold(struct outbox *o, int64_t id, int64_t segment, int64_t sequence)
{
	struct link_marks *m = &o->u->marks;

	if (id == m->acked)
		return;
	m->acked = id;
	m->acked_segment = segment;
	m->acked_sequence = sequence;
	uplink_marks_changed(o->u);
}

/* Whether our event of that place is the one that headquarters has there. */
static enum err same_event(struct outbox *o, int64_t id, struct bytes hash, struct why *why)
{
	struct ledger_event event;
	struct digest ours;
	enum err e;

	if (id == 0)
		return ERR_OK;
	e = ledger_reader_next(o->ledger, id - 1, &event, why);
	if (e)
		return e;
	event_hash(event.bytes, event.length, &ours);
	if (hash.length == sizeof(ours.bytes) && memcmp(hash.at, ours.bytes, sizeof(ours.bytes)) == 0)
		return ERR_OK;
	return fail(why, ERR_CORRUPT,
		    "headquarters holds another event than this ledger's %lld: it was restored, cloned or "
		    "tampered with",
		    (long long)id);
}

/* Headquarters says how far it is: there it goes on. */
static void go_on_behind(struct outbox *o, int64_t segment, int64_t sequence, struct bytes hash)
{
	struct why why;
	int64_t id;
	enum err e = ledger_reader_locate(o->ledger, segment, sequence, &id, &why);

	if (!e)
		e = same_event(o, id, hash, &why);
	if (e) {
		stop(o, why.text);
		return;
	}
	if (id < o->u->marks.acked)
		log_warnx("headquarters holds less than it had acknowledged: events from %lld on go again",
			  (long long)id + 1);
	hold(o, id, segment, sequence);
	again(o, 0);
}

void outbox_begin(struct outbox *o, const struct wire_welcome *w)
{
	o->stopped.text[0] = '\0';
	if (!open_ledger(o)) {
		o->going = true;
		loop_timer_set(o->timer, AGAIN_MS);
		return;
	}
	if (w->quarantined) {
		stop(o, "headquarters has this box in quarantine: 'tillhub box list' says why");
		return;
	}
	o->going = true;
	go_on_behind(o, w->segment, w->sequence, w->hash);
}

void outbox_pause(struct outbox *o)
{
	o->going = false;
	o->round++;
	loop_timer_stop(o->timer);
}

void outbox_now(struct outbox *o)
{
	if (!o->stopped.text[0])
		fill(o);
}

static struct batch *free_batch(struct outbox *o)
{
	bool tls = coaps_client_transport(route_client(o->u->route)) == COAPS_TLS;

	if (o->in_flight >= (tls ? IN_FLIGHT_TLS : o->window))
		return NULL;
	for (size_t i = 0; i < IN_FLIGHT_MAX; i++)
		if (!o->batches[i].used)
			return &o->batches[i];
	return NULL;
}

static enum err place_of(const uint8_t *bytes, size_t n, struct batch *b, struct why *why)
{
	struct event_envelope envelope;
	struct arena a = ARENA_EMPTY;
	enum err e = event_decode(bytes, n, &a, &envelope, why);

	if (!e) {
		b->segment = envelope.segment;
		b->sequence = envelope.sequence;
		event_hash(bytes, n, &b->hash);
	}
	arena_free(&a);
	return e;
}

/* Events that fit one message, or one that is larger than that. ERR_NOT_FOUND: there is none. */
static enum err gather(struct outbox *o, struct batch *b, struct why *why)
{
	size_t room = coaps_client_message_room(route_client(o->u->route)) - AROUND, last = 0;
	struct ledger_event event;
	enum err e;

	if (room > BATCH_BYTES)
		room = BATCH_BYTES;
	buf_take(&o->events, buf_length(&o->events));
	b->last = o->sent;
	b->events = 0;
	while ((e = ledger_reader_next(o->ledger, b->last, &event, why)) == ERR_OK) {
		if (b->events && buf_length(&o->events) + event.length > room)
			break;
		last = buf_length(&o->events);
		if (!buf_add(&o->events, event.bytes, event.length))
			return fail(why, ERR_LIMIT, "event %lld is too large", (long long)event.id);
		b->last = event.id;
		b->events++;
	}
	if (b->events == 0)
		return e;
	return place_of(buf_front(&o->events) + last, buf_length(&o->events) - last, b, why);
}

static void answered(const struct coaps_answer *a, void *arg);

static enum err send_batch(struct outbox *o, struct batch *b, struct why *why)
{
	struct wire_batch batch;
	char path[UPLINK_PATH_MAX];
	struct coaps_call call = {.method = COAPS_POST, .timeout_ms = ANSWER_MS, .done = answered, .arg = b};
	enum err e;

	wire_init(&wire_batch_schema, &batch);
	batch.events = (struct bytes){buf_front(&o->events), buf_length(&o->events)};
	buf_take(&o->message, buf_length(&o->message));
	e = wire_encode(&wire_batch_schema, &batch, &o->message, why);
	if (e)
		return e;
	call.path = uplink_box_path(o->u, "events", path);
	call.body = buf_front(&o->message);
	call.length = buf_length(&o->message);
	b->outbox = o;
	b->round = o->round;
	b->bytes = (int64_t)call.length;
	e = uplink_send(o->u, &call);
	return e ? fail(why, e, "the connection takes no more") : ERR_OK;
}

static void note_newest(struct outbox *o, const struct batch *b)
{
	if (b->last <= o->newest)
		return;
	o->newest = b->last;
	o->newest_segment = b->segment;
	o->newest_sequence = b->sequence;
}

static void fill(struct outbox *o)
{
	struct batch *b;
	struct why why;
	enum err e = ERR_OK;

	if (!o->going || o->stopped.text[0] || !route_client(o->u->route))
		return;
	if (!open_ledger(o)) {
		loop_timer_set(o->timer, AGAIN_MS);
		return;
	}
	while ((b = free_batch(o)) != NULL) {
		e = gather(o, b, &why);
		if (!e)
			e = send_batch(o, b, &why);
		if (e)
			break;
		note_newest(o, b);
		b->used = true;
		o->in_flight++;
		o->sent = b->last;
		o->sent_events += (uint64_t)b->events;
		o->sent_bytes += (uint64_t)b->bytes;
	}
	if (e && e != ERR_NOT_FOUND && e != ERR_LIMIT && e != ERR_STATE)
		log_warnx("reading the ledger: %s", why.text);
	loop_timer_set(o->timer, LOOK_MS);
}

static enum err read_ack(const struct coaps_answer *a, struct arena *arena, struct wire_ack *ack,
			 struct why *why)
{
	if (a->code != COAPS_CHANGED && a->code != COAPS_CONFLICT && a->code != COAPS_FORBIDDEN)
		return fail(why, ERR_STATE, "%s", uplink_answer_words(a).text);
	return wire_decode(&wire_ack_schema, a->body, a->length, arena, ack, why);
}

static void accepted(struct outbox *o, const struct batch *b, const struct wire_ack *ack)
{
	struct why why;

	if (ack->segment == b->segment && ack->sequence == b->sequence &&
	    (ack->hash.length != sizeof(b->hash.bytes) ||
	     memcmp(ack->hash.at, b->hash.bytes, sizeof(b->hash.bytes)) != 0)) {
		(void)fail(&why, ERR_CORRUPT,
			   "headquarters acknowledges another event than this ledger's %lld",
			   (long long)b->last);
		stop(o, why.text);
		return;
	}
	if (ack->parked > 0) {
		o->parked += (uint64_t)ack->parked;
		log_warnx("headquarters holds %lld events that it does not understand yet",
			  (long long)ack->parked);
	}
	route_good(o->u->route);
	if (o->window < IN_FLIGHT_MAX)
		o->window++;
	if (b->last > o->u->marks.acked)
		hold(o, b->last, b->segment, b->sequence);
	fill(o);
}

static void answered(const struct coaps_answer *a, void *arg)
{
	struct batch *b = arg;
	struct outbox *o = b->outbox;
	struct arena arena = ARENA_EMPTY;
	struct wire_ack ack = {0};
	struct why why;
	enum err e;

	b->used = false;
	o->in_flight--;
	e = a->code ? read_ack(a, &arena, &ack, &why) : ERR_CLOSED;
	if (e == ERR_OK && ack.verdict == WIRE_ACCEPTED) {
		accepted(o, b, &ack);
	} else if (b->round != o->round || !o->going) {
		/* the rest was seen to already */
	} else if (e == ERR_OK && ack.verdict == WIRE_GAP) {
		go_on_behind(o, ack.segment, ack.sequence, ack.hash);
	} else if (e == ERR_OK) {
		stop(o, ack.reason ? ack.reason : "headquarters has this box in quarantine");
	} else if (a->code == COAPS_BAD_REQUEST) {
		stop(o, why.text);
	} else {
		if (a->code)
			log_warnx("headquarters does not take events now: %s", why.text);
		again(o, AGAIN_MS);
	}
	arena_free(&arena);
}

/* When the first event that is not held happened. */
static int64_t oldest_ms(struct outbox *o, int64_t *waiting)
{
	struct ledger_event event;
	struct event_envelope envelope;
	struct arena a = ARENA_EMPTY;
	struct why why;
	int64_t at = 0, newest = o->u->marks.acked;

	if (ledger_reader_newest(o->ledger, &event, &why) == ERR_OK)
		newest = event.id;
	*waiting = newest - o->u->marks.acked;
	if (*waiting > 0 && ledger_reader_next(o->ledger, o->u->marks.acked, &event, &why) == ERR_OK &&
	    event_decode(event.bytes, event.length, &a, &envelope, &why) == ERR_OK)
		at = envelope.at_ms;
	arena_free(&a);
	return at;
}

void outbox_newest(struct outbox *o, int64_t *segment, int64_t *sequence)
{
	struct ledger_event event;
	struct batch b = {0};
	struct why why;

	if (open_ledger(o) && ledger_reader_newest(o->ledger, &event, &why) == ERR_OK &&
	    place_of(event.bytes, event.length, &b, &why) == ERR_OK) {
		b.last = event.id;
		note_newest(o, &b);
	}
	*segment = o->newest_segment;
	*sequence = o->newest_sequence;
}

void outbox_status(struct outbox *o, struct jsonw *w)
{
	int64_t waiting = 0, since = open_ledger(o) ? oldest_ms(o, &waiting) : 0;
	int64_t now = clock_utc_ms(loop_clock(o->u->loop));

	jsonw_object(w, "outbox");
	jsonw_int(w, "waiting", waiting);
	jsonw_int(w, "waiting_s", since && now > since ? (now - since) / 1000 : 0);
	jsonw_int(w, "segment", o->u->marks.acked_segment);
	jsonw_int(w, "sequence", o->u->marks.acked_sequence);
	jsonw_int(w, "sent", (int64_t)o->sent_events);
	jsonw_int(w, "repeats", (int64_t)o->repeats);
	jsonw_int(w, "parked", (int64_t)o->parked);
	jsonw_text(w, "stopped", o->stopped.text[0] ? o->stopped.text : NULL);
	jsonw_close(w);
}
