/*
 * Boxes: registered with a claim code, enrolled by it, renewed, revoked, released. See desk.h.
 */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "topic.h"

#define HOUR_MS INT64_C(3600000)

/* Letters and digits that nobody takes for each other; 32, so that five bits choose one. */
static const char code_letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
#define CODE_LETTERS 16 /* 80 bits */

static enum err random_bytes(uint8_t *out, size_t n, struct why *why)
{
	mbedtls_entropy_context entropy;
	mbedtls_ctr_drbg_context random;
	int rc;

	mbedtls_entropy_init(&entropy);
	mbedtls_ctr_drbg_init(&random);
	rc = mbedtls_ctr_drbg_seed(&random, mbedtls_entropy_func, &entropy, NULL, 0);
	if (!rc)
		rc = mbedtls_ctr_drbg_random(&random, out, n);
	mbedtls_ctr_drbg_free(&random);
	mbedtls_entropy_free(&entropy);
	return rc ? fail(why, ERR_IO, "there are no random numbers") : ERR_OK;
}

static enum err make_code(char out[DESK_CODE_MAX], struct why *why)
{
	uint8_t bytes[CODE_LETTERS] = {0};
	enum err e = random_bytes(bytes, sizeof(bytes), why);
	size_t n = 0;

	for (size_t i = 0; i < CODE_LETTERS && !e; i++) {
		if (i > 0 && i % 4 == 0)
			out[n++] = '-';
		out[n++] = code_letters[bytes[i] % 32];
	}
	out[n] = '\0';
	return e;
}

/* Of its letters and digits alone, in capitals: as people type it. */
static void digest_code(const char *code, struct digest *out)
{
	char plain[64];
	size_t n = 0;

	for (; *code && n < sizeof(plain); code++) {
		if (*code >= 'a' && *code <= 'z')
			plain[n++] = (char)(*code - 'a' + 'A');
		else if (*code != '-' && *code != ' ')
			plain[n++] = *code;
	}
	digest_of(plain, n, out);
}

static enum err append_box(struct desk *d, const struct topic_box *b, struct why *why)
{
	struct log_entry entry = {.topic = TOPIC_BOXES, .key = b->box};
	struct buf value;
	enum err e;

	buf_init(&value, 4096);
	e = topic_encode(TOPIC_BOXES, b, &value, why);
	entry.value = (struct bytes){buf_front(&value), buf_length(&value)};
	if (!e)
		e = desk_append(d, &entry, 1, why);
	buf_free(&value);
	return e;
}

/* Rises over restarts too, as long as the clock does not go back for longer than the hub was down. */
int64_t desk_next_serial(struct desk *d)
{
	int64_t serial = clock_utc_ms(d->clock) << 8;

	d->last_serial = serial > d->last_serial ? serial : d->last_serial + 1;
	return d->last_serial;
}

#define BOX_NAME_MAX 24 /* tilld.conf takes no longer one */

static enum err check_name(const char *what, const char *name, size_t most, struct why *why)
{
	if (wire_name_ok(name) && strlen(name) <= most)
		return ERR_OK;
	return fail(why, ERR_INVALID,
		    "%s '%s': 1 to %zu letters, digits, '-', '_' and '.', the first none of '-' and '.'",
		    what, name, most);
}

enum err desk_add_box(struct desk *d, const char *name, const char *store, int64_t hours, const char *who,
		      char code[DESK_CODE_MAX], struct why *why)
{
	struct topic_box b;
	struct digest hash;
	enum err e = check_name("box", name, BOX_NAME_MAX, why);

	if (!e)
		e = check_name("store", store, WIRE_NAME_MAX, why);
	if (!e)
		e = make_code(code, why);
	if (e)
		return e;
	digest_code(code, &hash);
	topic_init(TOPIC_BOXES, &b);
	b.change = BOX_ADDED;
	b.box = name;
	b.store = store;
	b.code = (struct bytes){hash.bytes, DIGEST_SIZE};
	b.expires_ms = clock_utc_ms(d->clock) + hours * HOUR_MS;
	b.who = who;
	return append_box(d, &b, why);
}

static enum err encode_told(const struct desk_told *n, struct arena *a, struct log_entry *out,
			    struct buf *buf, struct why *why)
{
	struct topic_box b;
	const char **names = arena_get(a, sizeof(n->told.features) / 2 * sizeof(*names));
	char *features = arena_text(a, n->told.features, strlen(n->told.features)), *rest = NULL;
	size_t count = 0, from = buf_length(buf);
	enum err e;

	if (!names || !features)
		return fail(why, ERR_MEMORY, "out of memory");
	for (char *at = strtok_r(features, " ", &rest); at; at = strtok_r(NULL, " ", &rest))
		names[count++] = at;
	topic_init(TOPIC_BOXES, &b);
	b.change = BOX_TOLD;
	b.box = n->box;
	b.program = n->told.program;
	b.semantics = n->told.semantics;
	b.min_reader = n->told.min_reader;
	b.features = (struct list){names, count};
	b.seen_ms = n->seen_ms;
	if (n->told.trusts_length > 0)
		b.trusts = (struct bytes){n->told.trusts, n->told.trusts_length};
	out->topic = TOPIC_BOXES;
	out->key = n->box;
	e = topic_encode(TOPIC_BOXES, &b, buf, why);
	out->value.length = buf_length(buf) - from;
	return e;
}

enum err desk_note_told(struct desk *d, const struct desk_told *all, size_t count, struct why *why)
{
	struct log_entry *entries = calloc(count + 1, sizeof(*entries));
	struct arena arena = ARENA_EMPTY;
	const uint8_t *at;
	struct buf values;
	enum err e = ERR_OK;

	if (!entries)
		return fail(why, ERR_MEMORY, "out of memory");
	buf_init(&values, LOG_QUEUE_BYTES_MAX);
	for (size_t i = 0; i < count && !e; i++)
		e = encode_told(&all[i], &arena, &entries[i], &values, why);
	at = buf_front(&values);
	for (size_t i = 0; i < count && !e; i++) {
		entries[i].value.at = at;
		at += entries[i].value.length;
	}
	if (!e)
		e = desk_append(d, entries, count, why);
	buf_free(&values);
	arena_free(&arena);
	free(entries);
	return e;
}

static enum err keep_box(const struct state_box *b, void *arg, struct why *why)
{
	struct state_box *out = arg;

	(void)why;
	*out = *b;
	out->name = out->store = NULL;
	if (out->quarantine)
		out->quarantine = "";
	return ERR_OK;
}

enum err desk_revoke_box(struct desk *d, const char *name, const char *who, struct why *why)
{
	struct state_box box;
	struct topic_box b;
	enum err e = state_box(d->state, name, keep_box, &box, why);

	if (e)
		return e;
	if (d->last_serial < box.serial)
		d->last_serial = box.serial;
	topic_init(TOPIC_BOXES, &b);
	b.change = BOX_REVOKED;
	b.box = name;
	b.serial = desk_next_serial(d);
	b.who = who;
	return append_box(d, &b, why);
}

enum err desk_release_box(struct desk *d, const char *name, struct why *why)
{
	struct log_entry entry = {.topic = TOPIC_SALES_EVENTS, .key = name};
	struct topic_upload u;
	struct state_box box;
	struct buf value;
	enum err e = state_box(d->state, name, keep_box, &box, why);

	if (!e && !box.quarantine)
		e = fail(why, ERR_STATE, "box %s is in no quarantine", name);
	if (!e && box.attach.segment == 0)
		e = fail(why, ERR_STATE,
			 "box %s does not go on from anything that is held: its ledger is another one. Give "
			 "the "
			 "machine a new name and enrol it",
			 name);
	if (e)
		return e;
	topic_init(TOPIC_SALES_EVENTS, &u);
	u.kind = UPLOAD_RELEASE;
	u.box = name;
	u.incarnation = box.incarnation + 1;
	u.segment = box.attach.segment;
	u.sequence = box.attach.sequence;
	u.hash = (struct bytes){box.attach.hash.bytes, DIGEST_SIZE};
	buf_init(&value, 4096);
	e = topic_encode(TOPIC_SALES_EVENTS, &u, &value, why);
	entry.value = (struct bytes){buf_front(&value), buf_length(&value)};
	if (!e)
		e = desk_append(d, &entry, 1, why);
	buf_free(&value);
	return e;
}

static enum err write_enrolled(struct desk *d, const char *box, const char *store,
			       const struct buf *certificate, struct buf *out, struct why *why)
{
	struct wire_enrolled m;

	wire_init(&wire_enrolled_schema, &m);
	m.box = box;
	m.store = store;
	m.certificate = (struct bytes){buf_front(certificate), buf_length(certificate)};
	m.authority = authority_certificate(d->authority);
	return wire_encode(&wire_enrolled_schema, &m, out, why);
}

struct named_box {
	char store[WIRE_NAME_MAX + 1];
	int64_t serial;
};

static enum err keep_named(const struct state_box *b, void *arg, struct why *why)
{
	struct named_box *out = arg;

	(void)why;
	snprintf(out->store, sizeof(out->store), "%s", b->store);
	out->serial = b->serial;
	return ERR_OK;
}

/* Issues, says so in the log, and answers. The certificate comes first: what cannot be issued changes
 * nothing. */
static enum err issue(struct desk *d, struct topic_box *b, struct bytes request, struct buf *out,
		      struct why *why)
{
	struct authority_box subject = {.name = b->box, .now_ms = clock_utc_ms(d->clock)};
	struct named_box box;
	struct digest hash;
	struct buf certificate;
	enum err e = state_box(d->state, b->box, keep_named, &box, why);

	if (!e && !d->authority)
		e = fail(why, ERR_STATE, "there is no CA: tillhub ca init");
	if (e)
		return e;
	if (d->last_serial < box.serial)
		d->last_serial = box.serial;
	subject.serial = b->serial = desk_next_serial(d);
	subject.until_ms = b->expires_ms = subject.now_ms + d->box_ms;
	digest_of(request.at, request.length, &hash);
	b->request = (struct bytes){hash.bytes, DIGEST_SIZE};
	buf_init(&certificate, 8192);
	e = authority_issue(d->authority, &subject, request, &certificate, why);
	if (!e)
		e = append_box(d, b, why);
	if (!e)
		e = write_enrolled(d, b->box, box.store, &certificate, out, why);
	b->request = (struct bytes){NULL, 0};
	buf_free(&certificate);
	return e;
}

/* The code is still to be had, or was used with this very request. */
static enum err check_claim(struct desk *d, const struct digest *code, struct bytes request,
			    struct state_claim *claim, struct why *why)
{
	struct digest hash;
	enum err e = state_claim(d->state, code, claim, why);

	if (e == ERR_NOT_FOUND)
		return fail(why, ERR_DENIED, "this claim code is unknown, or another was made since");
	if (e)
		return e;
	digest_of(request.at, request.length, &hash);
	if (claim->used && memcmp(claim->request.bytes, hash.bytes, DIGEST_SIZE) != 0)
		return fail(why, ERR_DENIED, "this claim code has been used");
	if (clock_utc_ms(d->clock) > claim->expires_ms)
		return fail(why, ERR_DENIED,
			    "this claim code has expired: tillhub box add gives another one");
	return ERR_OK;
}

enum err desk_enrol(struct desk *d, const char *code, struct bytes request, struct buf *out, struct why *why)
{
	size_t before = buf_length(out);
	struct state_claim claim;
	struct digest hash;
	struct topic_box b;
	enum err e;

	digest_code(code, &hash);
	e = check_claim(d, &hash, request, &claim, why);
	if (e)
		return e;
	topic_init(TOPIC_BOXES, &b);
	b.change = BOX_ENROLLED;
	b.box = claim.box;
	b.code = (struct bytes){hash.bytes, DIGEST_SIZE};
	e = issue(d, &b, request, out, why);
	if (!e)
		e = check_claim(d, &hash, request, &claim, why); /* another hub may have been first */
	if (e)
		buf_cut(out, before);
	return e;
}

enum err desk_renew(struct desk *d, const char *box, struct bytes request, struct buf *out, struct why *why)
{
	struct topic_box b;

	topic_init(TOPIC_BOXES, &b);
	b.change = BOX_RENEWED;
	b.box = box;
	return issue(d, &b, request, out, why);
}
