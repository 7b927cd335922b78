/*
 * Appending to the ledger: the next event of the chain, a sale with its bodies, and finding an order again.
 * See ledger.h.
 */
#include "ledger_parts.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define SALE_BYTES 2048 /* that hardly any sale's body is larger than */

/* Big endian. */
static uint64_t first_8(const uint8_t *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return be64toh(value);
}

uint64_t ledger_order_key(const char *order)
{
	struct digest d;

	digest_of(order, strlen(order), &d);
	return first_8(d.bytes);
}

uint64_t ledger_body_key(const uint8_t hash[BODY_HASH_SIZE])
{
	return first_8(hash);
}

int64_t ledger_body_number(const struct ledger *l, const uint8_t hash[BODY_HASH_SIZE])
{
	uint64_t key = ledger_body_key(hash);
	int64_t number;

	for (size_t i = 0; fold_find(&l->bodies, key, i, &number); i++)
		if (memcmp(l->hashes[number - 1], hash, BODY_HASH_SIZE) == 0)
			return number;
	return 0;
}

enum err ledger_learn_body(struct ledger *l, int64_t number, const uint8_t hash[BODY_HASH_SIZE])
{
	size_t size = l->hashes_size ? l->hashes_size : 64;
	void *p;

	if (fold_reserve(&l->bodies, 1))
		return ERR_MEMORY;
	while (size < (size_t)number)
		size *= 2;
	if (size > l->hashes_size) {
		p = realloc(l->hashes, size * BODY_HASH_SIZE);
		if (!p)
			return ERR_MEMORY;
		l->hashes = p;
		l->hashes_size = size;
	}
	memcpy(l->hashes[number - 1], hash, BODY_HASH_SIZE);
	fold_add(&l->bodies, ledger_body_key(hash), number);
	return ERR_OK;
}

static void empty(struct buf *b)
{
	buf_take(b, buf_length(b));
}

static enum err too_large(struct why *why)
{
	return fail(why, ERR_LIMIT, "an event is larger than %d bytes", LEDGER_EVENT_MAX);
}

enum err ledger_make_body(struct ledger *l, const struct schema *s, const void *record, struct why *why)
{
	struct cborw w;

	empty(&l->body);
	cborw_begin(&w, &l->body);
	record_to_cbor(s, record, &w);
	return cborw_end(&w) ? too_large(why) : ERR_OK;
}

struct bytes ledger_made_body(const struct ledger *l)
{
	return (struct bytes){buf_front(&l->body), buf_length(&l->body)};
}

/* The envelope around the content, behind the events that wait, and its hash. */
static enum err make_event(struct ledger *l, enum event_kind kind, const struct ledger_content *content,
			   struct digest *hash, struct why *why)
{
	static const uint8_t none[DIGEST_SIZE];
	struct event_envelope envelope = {
		.version = EVENT_VERSION,
		.box = l->box,
		.segment = l->head.at.segment,
		.sequence = l->head.at.sequence + 1,
		.kind = kind,
		.at_ms = clock_utc_ms(l->clock),
		.previous = {l->head.id ? l->head.at.hash.bytes : none, DIGEST_SIZE},
		.body = content->body,
		.bodies = content->bodies,
	};

	return event_make(&envelope, content->hash, ledger_batch_buf(l->batch), hash) ? too_large(why)
										      : ERR_OK;
}

enum err ledger_append(struct ledger *l, enum event_kind kind, const struct ledger_content *content,
		       struct why *why)
{
	struct digest hash;
	enum err e = ledger_batch_full(l->batch) ? ledger_flush(l, why) : ERR_OK;
	size_t from = buf_length(ledger_batch_buf(l->batch));

	if (!e)
		e = make_event(l, kind, content, &hash, why);
	if (e)
		return e;
	ledger_batch_event(l->batch, l->head.id + 1, from, event_check(&hash));
	l->head.id++;
	l->head.at.sequence++;
	l->head.at.hash = hash;
	return ERR_OK;
}

static enum err append_body(struct ledger *l, const struct body *b, const char *currency, struct why *why)
{
	int64_t number = l->head.bodies + 1;
	struct event_body record = {
		.number = number, .type = b->type, .cbor = {b->cbor, b->length}, .currency = currency};
	sqlite3_stmt *put = db_statement(&l->db, STMT_PUT_BODY);
	enum err e = ledger_make_body(l, &event_body_schema, &record, why);

	if (!e)
		e = ledger_append(l, EVENT_BODY, &(struct ledger_content){.body = ledger_made_body(l)}, why);
	if (e)
		return e;
	db_bind_int(put, 1, number);
	db_bind_int(put, 2, l->head.id);
	db_bind_bytes(put, 3, b->hash, BODY_HASH_SIZE);
	e = db_run(&l->db, put, why);
	if (!e && ledger_learn_body(l, number, b->hash))
		e = fail(why, ERR_MEMORY, "out of memory");
	if (!e)
		l->head.bodies = number;
	return e;
}

static enum err append_bodies(struct ledger *l, const struct ledger_sale *s, const int64_t *numbers,
			      struct why *why)
{
	for (size_t i = 0; i < s->body_count; i++) {
		enum err e;

		if (s->bodies[i].type == RECORD_PRICE || *numbers++ <= l->head.bodies)
			continue;
		e = append_body(l, &s->bodies[i], s->sale->currency, why);
		if (e)
			return e;
	}
	return ERR_OK;
}

/*
 * The event of an order, decoded into the arena, which also holds its bytes. Another order may share the key:
 * then the search goes on.
 */
static enum err find_order(struct ledger *l, uint64_t key, const char *order, struct arena *a,
			   struct event_sale *out, struct ledger_position *position, struct why *why)
{
	int64_t id;

	for (size_t i = 0; fold_find(&l->orders, key, i, &id); i++) {
		enum err e = ledger_read_sale(l, id, a, out, position, why);

		if (e || strcmp(out->order, order) == 0)
			return e;
	}
	return ERR_NOT_FOUND;
}

enum err ledger_find_order(struct ledger *l, const char *order, struct arena *a, struct event_sale *out,
			   struct ledger_position *position, struct why *why)
{
	enum err e = find_order(l, ledger_order_key(order), order, a, out, position, why);

	return e == ERR_NOT_FOUND ? fail(why, e, "no order '%s' in the ledger", order) : e;
}

static enum err encode(const struct event_sale *sale, struct arena *a, struct bytes *out, struct why *why)
{
	struct buf buf;
	enum err e;

	buf_init(&buf, LEDGER_EVENT_MAX);
	(void)buf_room(&buf, SALE_BYTES); /* else it grows to that in steps */
	e = event_sale_encode(sale, a, &buf, why);
	*out = (struct bytes){.length = buf_length(&buf)};
	if (!e)
		out->at = (const uint8_t *)arena_text(a, (const char *)buf_front(&buf), out->length);
	buf_free(&buf);
	if (e)
		return e == ERR_LIMIT ? too_large(why) : e;
	return out->at ? ERR_OK : fail(why, ERR_MEMORY, "out of memory");
}

/* The worker's thread finds them in one place. Price rows stand in the sale itself. */
static enum err name_bodies(const struct ledger_sale *s, struct arena *a, struct ledger_encoded *out,
			    struct why *why)
{
	uint8_t(*names)[BODY_HASH_SIZE] = arena_get(a, s->body_count * sizeof(*names) + 1);
	size_t n = 0;

	if (!names)
		return fail(why, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < s->body_count; i++)
		if (s->bodies[i].type != RECORD_PRICE)
			memcpy(names[n++], s->bodies[i].hash, BODY_HASH_SIZE);
	out->names = names;
	out->name_count = n;
	return ERR_OK;
}

enum err ledger_encode_sale(const struct ledger_sale *s, struct arena *a, struct ledger_encoded *out,
			    struct why *why)
{
	struct event_sale sale = *s->sale;
	enum err e;

	if (s->body_count > RECORD_LIST_MAX)
		return too_large(why);
	e = ledger_pack_prices(s->bodies, s->body_count, a, &sale, why);
	if (!e)
		e = encode(&sale, a, &out->body, why);
	if (!e)
		e = name_bodies(s, a, out, why);
	if (e)
		return e;
	digest_of(out->body.at, out->body.length, &out->hash);
	out->order_key = ledger_order_key(sale.order);
	return ERR_OK;
}

/* The numbers that the bodies have, or will have once those without one (*fresh) are appended. */
static int64_t *number_bodies(struct ledger *l, const struct ledger_encoded *encoded, int64_t *fresh)
{
	int64_t *numbers = arena_get(&l->arena, encoded->name_count * sizeof(*numbers) + 1);

	*fresh = 0;
	for (size_t i = 0; i < encoded->name_count; i++) /* some thirty places, far apart: fetched together */
		fold_prefetch(&l->bodies, ledger_body_key(encoded->names[i]));
	for (size_t i = 0; numbers && i < encoded->name_count; i++) {
		numbers[i] = ledger_body_number(l, encoded->names[i]);
		if (!numbers[i])
			numbers[i] = l->head.bodies + ++*fresh;
	}
	return numbers;
}

static enum err write_sale(struct ledger *l, const struct ledger_encoded *encoded, const int64_t *numbers,
			   struct why *why)
{
	const struct ledger_content content = {
		.body = encoded->body, .hash = &encoded->hash, .bodies = {numbers, encoded->name_count}};
	enum err e = ledger_append(l, EVENT_SALE, &content, why);

	if (e)
		return e;
	ledger_batch_sale(l->batch, l->head.id, encoded->order_key);
	fold_add(&l->orders, encoded->order_key, l->head.id);
	return ERR_OK;
}

enum err ledger_spoil(struct ledger *l, enum err e, const struct why *why)
{
	l->spoiled = e;
	l->spoiled_why = (struct why){0};
	if (why)
		l->spoiled_why = *why;
	return e;
}

enum err ledger_flush(struct ledger *l, struct why *why)
{
	enum err e = ledger_batch_write(l->batch, why);

	return e ? ledger_spoil(l, e, why) : ERR_OK;
}

enum err ledger_append_sale(struct ledger *l, const struct ledger_sale *s, struct ledger_position *position,
			    struct why *why)
{
	struct ledger_encoded encoded = s->encoded;
	struct event_sale first;
	enum err e = ERR_OK;
	int64_t *numbers, fresh;

	arena_reset(&l->arena);
	if (!encoded.body.at)
		e = ledger_encode_sale(s, &l->arena, &encoded, why);
	if (e)
		return e;
	e = find_order(l, encoded.order_key, s->sale->order, &l->arena, &first, position, why);
	if (e != ERR_NOT_FOUND)
		return e == ERR_OK ? fail(why, ERR_EXISTS, "order '%s' is paid already", s->sale->order) : e;
	numbers = number_bodies(l, &encoded, &fresh);
	if (!numbers || fold_reserve(&l->orders, 1))
		return fail(why, ERR_MEMORY, "out of memory");
	e = fresh ? append_bodies(l, s, numbers, why) : ERR_OK;
	if (!e)
		e = write_sale(l, &encoded, numbers, why);
	if (e)
		return ledger_spoil(l, e, why);
	*position = l->head.at;
	return ERR_OK;
}
