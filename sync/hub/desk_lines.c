/*
 * Sale lines by SKU, made of sales, returns and voids in uploads; and parked events tried again. See desk.h.
 *
 * How far it came is noted with what it made, in one append. Each record carries the place of the upload that
 * it was made of, so that a reader who meets the same again knows it.
 */
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "event_return.h"
#include "log.h"
#include "topic.h"

#define UPLOADS_MAX 256 /* of one step */
#define BYTES_MAX   (16U << 20)

struct sold {
	const char *sku, *store, *currency;
	struct topic_sold line;
};

struct deriving {
	struct event_log *log;
	struct log_reader *reader;
	struct arena arena; /* of the upload at hand */
	struct sold *lines;
	size_t count, size;
	struct buf values; /* of all entries */
	struct log_entry *entries;
	size_t entry_count, entry_size;
	struct arena names; /* keys of the entries */
	size_t uploads;
};

static enum err no_memory(struct why *why)
{
	return fail(why, ERR_MEMORY, "out of memory");
}

static enum err add_sold(struct deriving *v, const struct sold *sold, struct why *why)
{
	if (v->count == v->size) {
		size_t size = v->size ? v->size * 2 : 256;
		struct sold *grown = realloc(v->lines, size * sizeof(*grown));

		if (!grown)
			return no_memory(why);
		v->lines = grown;
		v->size = size;
	}
	v->lines[v->count++] = *sold;
	return ERR_OK;
}

static enum err add_line(struct deriving *v, const struct event_sale *sale, const struct upload_event *event,
			 int64_t at_ms, size_t i, struct why *why)
{
	const struct sale_line *line = (const struct sale_line *)sale->lines.at + i;
	const struct sold sold = {
		.sku = line->sku,
		.store = sale->store,
		.currency = sale->currency,
		.line = {.order = sale->order,
			 .lane = sale->lane,
			 .segment = event->segment,
			 .sequence = event->sequence,
			 .line = (int64_t)i,
			 .at_ms = at_ms,
			 .quantity = line->quantity,
			 .unit_price = line->unit_price,
			 .net = line->net,
			 .discounted = line->discounts.count > 0},
	};

	return add_sold(v, &sold, why);
}

static enum err add_back(struct deriving *v, const struct event_return *r, const struct upload_event *event,
			 int64_t at_ms, const struct return_line *line, struct why *why)
{
	const struct sold sold = {
		.sku = line->sku,
		.store = r->store,
		.currency = r->currency,
		.line = {.order = r->order,
			 .lane = r->lane,
			 .segment = event->segment,
			 .sequence = event->sequence,
			 .line = line->line,
			 .at_ms = at_ms,
			 .quantity = {-line->quantity.micro},
			 .unit_price = MONEY_NONE,
			 .net = {-line->back.minor},
			 .back = r->id},
	};

	return add_sold(v, &sold, why);
}

static enum err take_sale(struct deriving *v, const struct event_envelope *envelope,
			  const struct upload_event *event, struct why *reason, struct why *why)
{
	struct event_sale sale;
	enum err e = event_sale_of(envelope, &v->arena, &sale, reason), added = ERR_OK;

	for (size_t i = 0; !e && i < sale.lines.count && !added; i++)
		added = add_line(v, &sale, event, envelope->at_ms, i, why);
	return added ? added : e;
}

static enum err take_return(struct deriving *v, const struct event_envelope *envelope,
			    const struct upload_event *event, struct why *reason, struct why *why)
{
	struct event_return r;
	const struct return_line *lines;
	enum err e = event_return_decode(envelope->body, &v->arena, &r, reason), added = ERR_OK;

	lines = e ? NULL : r.lines.at;
	for (size_t i = 0; !e && i < r.lines.count && !added; i++)
		if (lines[i].sku)
			added = add_back(v, &r, event, envelope->at_ms, &lines[i], why);
	return added ? added : e;
}

/* Of an exchange there are both events. */
static bool has_lines(int64_t kind)
{
	return kind == EVENT_SALE || kind == EVENT_RETURN || kind == EVENT_VOID;
}

/* An event that cannot be read is passed over, and told: it must not hold up what is behind it. */
static enum err add_event(struct deriving *v, const struct upload_event *event, struct why *why)
{
	struct event_envelope envelope;
	struct why reason = {""};
	enum err e = event_decode(event->whole.at, event->whole.length, &v->arena, &envelope, &reason);

	if (!e)
		e = event->kind == EVENT_SALE ? take_sale(v, &envelope, event, &reason, why)
					      : take_return(v, &envelope, event, &reason, why);
	if (e == ERR_MEMORY)
		return no_memory(why);
	if (e)
		log_warnx("event %lld.%lld of box %.*s: %s", (long long)event->segment,
			  (long long)event->sequence, (int)event->box_length, event->box, reason.text);
	return ERR_OK;
}

/* By SKU, and of one SKU in the order of the events. */
static int by_sku(const void *a, const void *b)
{
	const struct sold *x = a, *y = b;
	int order = strcmp(x->sku, y->sku);

	if (order == 0)
		order = upload_compare(x->line.segment, x->line.sequence, y->line.segment, y->line.sequence);
	return order ? order : x->line.line < y->line.line ? -1 : x->line.line > y->line.line;
}

static enum err add_entry(struct deriving *v, const struct topic_lines *lines, struct why *why)
{
	size_t at = buf_length(&v->values);
	struct log_entry *entry;
	enum err e;

	if (v->entry_count == v->entry_size) {
		size_t size = v->entry_size ? v->entry_size * 2 : 256;
		struct log_entry *grown = realloc(v->entries, size * sizeof(*grown));

		if (!grown)
			return no_memory(why);
		v->entries = grown;
		v->entry_size = size;
	}
	e = topic_encode(TOPIC_SALE_LINES, lines, &v->values, why);
	if (e)
		return e;
	entry = &v->entries[v->entry_count++];
	*entry = (struct log_entry){.topic = TOPIC_SALE_LINES,
				    .key = arena_text(&v->names, lines->sku, strlen(lines->sku)),
				    .value = {NULL, buf_length(&v->values) - at}};
	return entry->key ? ERR_OK : no_memory(why);
}

/* The lines of one SKU from first on, as one record; *first moves behind them. */
static enum err add_sku(struct deriving *v, struct topic_lines *lines, size_t *first, struct why *why)
{
	const struct sold *s = &v->lines[*first];
	struct topic_sold *list = arena_get(&v->arena, (v->count - *first) * sizeof(*list));
	size_t n = 0;

	if (!list)
		return no_memory(why);
	while (*first + n < v->count && strcmp(s[n].sku, s->sku) == 0 &&
	       strcmp(s[n].currency, s->currency) == 0) {
		list[n] = s[n].line;
		n++;
	}
	lines->sku = s->sku;
	lines->store = s->store && s->store[0] ? s->store : NULL;
	lines->currency = s->currency;
	lines->lines = (struct list){list, n};
	*first += n;
	return add_entry(v, lines, why);
}

static enum err add_upload(struct deriving *v, const struct topic_upload *u, unsigned partition,
			   int64_t offset, struct why *why)
{
	struct cborr r = cborr_over(u->events.at, u->events.length);
	struct topic_lines lines;
	struct upload_event event;
	enum err e = ERR_OK;

	v->count = 0;
	while (!e && r.at < r.end && !upload_next(&r, &event))
		if (has_lines(event.kind) && upload_is_known(&event))
			e = add_event(v, &event, why);
	if (v->count > 1)
		qsort(v->lines, v->count, sizeof(*v->lines), by_sku);
	topic_init(TOPIC_SALE_LINES, &lines);
	lines.partition = partition;
	lines.offset = offset;
	lines.box = u->box;
	for (size_t i = 0; i < v->count && !e;)
		e = add_sku(v, &lines, &i, why);
	return e;
}

static enum err take(const struct log_record *r, void *arg, struct why *why)
{
	struct deriving *v = arg;
	struct topic_upload u;
	enum err e;

	if (buf_length(&v->values) > BYTES_MAX)
		return ERR_CLOSED;
	arena_reset(&v->arena);
	e = topic_decode(r->topic, r->value, &v->arena, &u, why);
	v->uploads++;
	if (e == ERR_INVALID || e == ERR_NEWER)
		return ERR_OK; /* the fold has said so */
	return e || !u.events.at ? e : add_upload(v, &u, r->partition, r->offset, why);
}

static void place_values(struct deriving *v)
{
	const uint8_t *at = buf_front(&v->values);

	for (size_t i = 0; i < v->entry_count; i++) {
		v->entries[i].value.at = at;
		at += v->entries[i].value.length;
	}
}

static enum err derive_partition(struct deriving *v, unsigned partition, struct why *why)
{
	struct log_position at = {TOPIC_SALES_EVENTS, partition, 0};
	struct log_job job = {.group = DESK_LINES_GROUP, .positions = &at, .position_count = 1};
	int64_t next = 0;
	enum err e = log_committed(v->reader, DESK_LINES_GROUP, &at, why);

	if (!e)
		e = log_read(v->reader, at, UPLOADS_MAX, take, v, &next, why);
	if (e || next == at.next)
		return e;
	at.next = next;
	place_values(v);
	job.entries = v->entries;
	job.count = v->entry_count;
	return event_log_append(v->log, &job, why);
}

static void free_all(struct deriving *v)
{
	arena_free(&v->arena);
	arena_free(&v->names);
	buf_free(&v->values);
	free(v->lines);
	free(v->entries);
}

enum err desk_derive(struct event_log *log, struct log_reader *reader, size_t *done, struct why *why)
{
	enum err e = ERR_OK;

	*done = 0;
	for (unsigned p = 0; p < log_topics[TOPIC_SALES_EVENTS].partitions && !e; p++) {
		struct deriving v = {.log = log, .reader = reader};

		buf_init(&v.values, BYTES_MAX + (size_t)4 * WIRE_MESSAGE_MAX);
		e = derive_partition(&v, p, why);
		*done += v.uploads;
		free_all(&v);
	}
	return e;
}

/* A copy of what is parked, since its row goes. */
struct unparking {
	struct deriving v;
	struct state *state;
	struct state_parked *at;
	size_t count;
	struct arena arena;
};
#define UNPARK_MAX 1000 /* of one step */

static enum err take_parked(const struct state_parked *p, void *arg, struct why *why)
{
	struct unparking *u = arg;
	struct cborr r = cborr_over(p->event.at, p->event.length);
	struct state_parked *copy = &u->at[u->count];
	struct upload_event event;

	if (u->count == UNPARK_MAX)
		return ERR_CLOSED;
	if (upload_next(&r, &event) || !upload_is_known(&event))
		return ERR_OK;
	*copy = *p;
	copy->box = arena_text(&u->arena, p->box, strlen(p->box));
	copy->event.at = (const uint8_t *)arena_text(&u->arena, (const char *)p->event.at, p->event.length);
	if (!copy->box || !copy->event.at)
		return no_memory(why);
	u->count++;
	return ERR_OK;
}

/* As a batch of one event. */
static enum err derive_parked(struct unparking *u, const struct state_parked *p, struct why *why)
{
	struct topic_upload upload = {.box = p->box, .events = p->event};
	struct log_position at;
	enum err e = state_held(u->state, p->box, p->incarnation, p->segment, p->sequence, &at, why);

	arena_reset(&u->v.arena);
	return e ? e : add_upload(&u->v, &upload, at.partition, at.next, why);
}

static enum err unpark_all(struct unparking *u, struct why *why)
{
	struct log_job job = {0};
	enum err e = ERR_OK;

	for (size_t i = 0; i < u->count && !e; i++)
		e = derive_parked(u, &u->at[i], why);
	place_values(&u->v);
	job.entries = u->v.entries;
	job.count = u->v.entry_count;
	if (!e)
		e = event_log_append(u->v.log, &job, why);
	for (size_t i = 0; i < u->count && !e; i++) {
		log_info("event %lld.%lld of box %s, which was parked, is understood now",
			 (long long)u->at[i].segment, (long long)u->at[i].sequence, u->at[i].box);
		e = state_unpark(u->state, &u->at[i], why);
	}
	return e;
}

enum err desk_unpark(struct desk *d, size_t *done, struct why *why)
{
	struct unparking u = {.v = {.log = d->log}, .state = d->state};
	enum err e;

	buf_init(&u.v.values, BYTES_MAX + (size_t)4 * WIRE_MESSAGE_MAX);
	u.at = arena_get(&u.arena, UNPARK_MAX * sizeof(*u.at));
	e = u.at ? state_parked(d->state, take_parked, &u, why) : no_memory(why);
	if (!e && u.at && u.count > 0)
		e = unpark_all(&u, why);
	*done = e ? 0 : u.count;
	free_all(&u.v);
	arena_free(&u.arena);
	return e;
}
