/*
 * Who may ask what: the table of resources, and the plain ones among them. See docs/protocol.md.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book_features.h"
#include "engine.h"
#include "format.h"
#include "hub_parts.h"
#include "log.h"

/* Who may ask. */
enum who {
	ANYBODY,  /* also without a certificate */
	ENROLLEE, /* only where no certificate is asked for */
	BOX,	  /* {name} is the box that asks */
	STORE,	  /* {name} is the store of the box that asks */
};

struct route {
	const char *before, *after; /* of {name}; before NULL: the whole path is `after` */
	bool rest;		    /* more may follow behind `after` */
	enum coaps_method method;
	enum who who;
	void (*handle)(const struct call *c);
};

static const struct route routes[] = {
	{"v1/boxes/", "/events", false, COAPS_POST, BOX, hub_events},
	{"v1/boxes/", "/hello", false, COAPS_POST, BOX, hub_hello},
	{"v1/boxes/", "/renew", false, COAPS_POST, BOX, hub_renew},
	{"v1/stores/", "/feed", false, COAPS_GET, STORE, hub_feed},
	{"v1/stores/", "/version", false, COAPS_GET, STORE, hub_version},
	{"v1/stores/", "/snapshot", false, COAPS_GET, STORE, hub_snapshot},
	{"v1/stores/", "/snapshot/", true, COAPS_GET, STORE, hub_page},
	{NULL, "v1/time", false, COAPS_GET, ANYBODY, hub_time},
	{NULL, "v1/authority", false, COAPS_GET, ENROLLEE, hub_show_authority},
	{NULL, "v1/enrol", false, COAPS_POST, ENROLLEE, hub_enrol},
};
#define ROUTES (sizeof(routes) / sizeof(routes[0]))

void call_answer(const struct call *c, unsigned code, const void *body, size_t n)
{
	if (code >> 5 == 4)
		c->h->refused++;
	c->answer(c->exchange, code, body, n);
}

void call_message(const struct call *c, unsigned code, const struct schema *s, const void *message)
{
	struct buf *out = &c->h->out;
	struct why why = {""};
	enum err e;

	buf_cut(out, 0);
	e = wire_encode(s, message, out, &why);
	if (e)
		call_failed(c, e, &why);
	else
		call_answer(c, code, buf_front(out), buf_length(out));
}

/* What a box does wrong it may do wrong without end. */
static bool may_log(struct hub *h)
{
	uint32_t skipped;

	if (!log_limit_pass(&h->refusals, clock_monotonic_us(&clock_system) / 1000, &skipped))
		return false;
	if (skipped > 0)
		log_info("%u more requests were refused meanwhile", skipped);
	return true;
}

void call_refuse(const struct call *c, unsigned code, const char *fmt, ...)
{
	char words[400];
	va_list args;

	va_start(args, fmt);
	format_words(words, sizeof(words), fmt, args);
	va_end(args);
	if (code >> 5 == 4 && code != COAPS_NOT_FOUND && may_log(c->h))
		log_info("%s: %s: %u.%02u: %s", c->r->peer[0] ? c->r->peer : "without certificate",
			 c->r->path, code >> 5, code & 31, words);
	call_answer(c, code, words, strlen(words));
}

void call_failed(const struct call *c, enum err e, const struct why *why)
{
	if (e == ERR_INVALID || e == ERR_NEWER) {
		call_refuse(c, COAPS_BAD_REQUEST, "%s", why->text);
	} else if (e == ERR_NOT_FOUND) {
		call_refuse(c, COAPS_NOT_FOUND, "%s", why->text);
	} else if (e == ERR_DENIED) {
		call_refuse(c, COAPS_UNAUTHORIZED, "%s", why->text);
	} else if (e == ERR_BUSY || e == ERR_LIMIT) {
		call_refuse(c, COAPS_UNAVAILABLE, "%s", why->text);
	} else {
		log_error("%s: %s", c->r->path, why->text);
		call_refuse(c, COAPS_INTERNAL, "the hub could not; its log says why");
	}
}

/* The {name} of the path, in the arena, and what is behind it. False: it is another route. */
static bool matches(const struct route *route, const char *path, struct arena *a, struct call *c)
{
	const char *name, *end;
	size_t after = strlen(route->after);

	if (!route->before)
		return strcmp(path, route->after) == 0;
	if (strncmp(path, route->before, strlen(route->before)) != 0)
		return false;
	name = path + strlen(route->before);
	end = strchr(name, '/');
	if (!end || strncmp(end, route->after, after) != 0 || (!route->rest && end[after] != '\0'))
		return false;
	c->name = arena_text(a, name, (size_t)(end - name));
	c->rest = end + after;
	return c->name && wire_name_ok(c->name);
}

static bool is_revoked(const struct hub_box *box, const char *serial)
{
	unsigned long long number = 0;
	char *end = NULL;

	/* Ours have 8 bytes; a longer one is not ours, and none of a box's is 0. */
	if (strlen(serial) <= 16)
		number = strtoull(serial, &end, 16);
	return !end || *end != '\0' || number == 0 || number < (unsigned long long)box->least_serial;
}

/* The box of the certificate; NULL: it was answered. */
static struct hub_box *who_asks(const struct call *c)
{
	struct hub_box *box;

	if (c->r->peer[0] == '\0' || c->r->enrolment) {
		call_refuse(c, COAPS_UNAUTHORIZED, "a certificate is needed here: enrol first");
		return NULL;
	}
	box = registry_find(c->h->registry, c->r->peer);
	if (!box) {
		call_refuse(c, COAPS_FORBIDDEN, "box '%s' is not registered", c->r->peer);
		return NULL;
	}
	if (is_revoked(box, c->r->serial)) {
		call_refuse(c, COAPS_FORBIDDEN, "this certificate of box '%s' is revoked", c->r->peer);
		return NULL;
	}
	hub_saw(c->h, box);
	return box;
}

/* Whether it may; if not, it was answered. */
static bool may(struct call *c, enum who who)
{
	switch (who) {
	case ANYBODY:
		return true;
	case ENROLLEE:
		if (!c->r->enrolment)
			call_refuse(c, COAPS_NOT_FOUND, "this is where boxes enrol: the port for that");
		return c->r->enrolment;
	case BOX:
	case STORE:
		c->box = who_asks(c);
		if (!c->box)
			return false;
		if (c->name && strcmp(c->name, who == BOX ? c->box->name : c->box->store) == 0)
			return true;
		call_refuse(c, COAPS_FORBIDDEN, "box '%s' of store '%s' may not ask for that", c->box->name,
			    c->box->store);
		return false;
	}
	return false;
}

void hub_request(struct hub *h, const struct hub_request *r, hub_answer *answer, void *exchange)
{
	struct call c = {.h = h, .r = r, .answer = answer, .exchange = exchange};
	bool found = false;

	h->requests++;
	arena_reset(&h->arena);
	for (size_t i = 0; i < ROUTES; i++) {
		if (!matches(&routes[i], r->path, &h->arena, &c))
			continue;
		found = true;
		if (routes[i].method != r->method)
			continue;
		if (may(&c, routes[i].who))
			routes[i].handle(&c);
		return;
	}
	if (found)
		call_refuse(&c, COAPS_NOT_ALLOWED, "not with this method");
	else
		call_refuse(&c, COAPS_NOT_FOUND, "there is no such resource");
}

void hub_time(const struct call *c)
{
	struct wire_time t;
	struct buf payload, *out = &c->h->out;
	struct why why = {""};
	enum err e;

	wire_init(&wire_time_schema, &t);
	t.now_ms = clock_utc_ms(c->h->o.clock);
	buf_init(&payload, 256);
	buf_cut(out, 0);
	e = wire_encode(&wire_time_schema, &t, &payload, &why);
	if (!e)
		e = signer_sign(c->h->signer, WIRE_TIME,
				(struct bytes){buf_front(&payload), buf_length(&payload)}, out, &why);
	buf_free(&payload);
	if (e)
		call_failed(c, e, &why);
	else
		call_answer(c, COAPS_CONTENT, buf_front(out), buf_length(out));
}

void hub_show_authority(const struct call *c)
{
	struct wire_authority m;

	wire_init(&wire_authority_schema, &m);
	m.authority = authority_certificate(c->h->authority);
	call_message(c, COAPS_CONTENT, &wire_authority_schema, &m);
}

static enum err read_hello(const struct call *c, struct wire_hello *out, struct why *why)
{
	enum err e =
		wire_decode(&wire_hello_schema, c->r->body.at, c->r->body.length, &c->h->arena, out, why);

	if (e || out->min_reader <= WIRE_VERSION)
		return e;
	return fail(why, ERR_NEWER, "%s wants messages of version %lld, this is version %d: upgrade tillhub",
		    out->program, (long long)out->min_reader, WIRE_VERSION);
}

/* Which CAs there are, and whether the box's certificate, that of the session, is of the one before. */
static enum err tell_authorities(const struct call *c, struct wire_welcome *w, struct buf *trusted)
{
	enum err e;

	buf_init(trusted, 8192);
	e = authority_trusted(c->h->authority, trusted);
	if (e) {
		buf_free(trusted);
		return e;
	}
	w->authorities = (struct bytes){buf_front(trusted), buf_length(trusted)};
	w->renew = (int64_t)strtoull(c->r->serial, NULL, 16) < authority_since(c->h->authority) &&
		   c->box->serial < authority_since(c->h->authority);
	return ERR_OK;
}

void hub_hello(const struct call *c)
{
	struct state_catalog catalog;
	struct wire_welcome w;
	struct buf trusted;
	struct wire_hello hello;
	struct why why = {""};
	enum err e = read_hello(c, &hello, &why);

	if (!e)
		e = state_catalog(c->h->state, c->box->store, &catalog, &why);
	if (e) {
		call_failed(c, e, &why);
		return;
	}
	hub_told(c->h, c->box, &hello);
	wire_init(&wire_welcome_schema, &w);
	w.program = "tillhub " TILL_VERSION;
	w.semantics = ENGINE_SEMANTICS;
	w.features = (struct list){book_features, BOOK_FEATURES};
	e = tell_authorities(c, &w, &trusted);
	if (e) {
		(void)fail(&why, e, "out of memory");
		call_failed(c, e, &why);
		return;
	}
	w.store = c->box->store;
	w.version = catalog.version;
	w.segment = c->box->held.segment;
	w.sequence = c->box->held.sequence;
	w.hash = (struct bytes){c->box->held.hash.bytes, DIGEST_SIZE};
	w.quarantined = c->box->quarantined;
	call_message(c, COAPS_CHANGED, &wire_welcome_schema, &w);
	buf_free(&trusted);
}

/* What an upload's answer needs when its request has gone. */
struct upload_call {
	struct hub *h;
	hub_answer *answer;
	void *exchange;
	char box[WIRE_NAME_MAX + 1];
};

static void uploaded(const struct ingest_answer *a, void *arg)
{
	static const unsigned codes[] = {
		[INGEST_ACCEPTED] = COAPS_CHANGED,	[INGEST_GAP] = COAPS_CONFLICT,
		[INGEST_QUARANTINED] = COAPS_FORBIDDEN, [INGEST_BAD] = COAPS_BAD_REQUEST,
		[INGEST_OTHER] = COAPS_FORBIDDEN,	[INGEST_BUSY] = COAPS_UNAVAILABLE,
	};
	struct upload_call *u = arg;
	const struct hub_request r = {.peer = u->box, .path = "events"};
	const struct call c = {.h = u->h, .r = &r, .answer = u->answer, .exchange = u->exchange};

	if (a->code == INGEST_BAD || a->code == INGEST_OTHER || a->code == INGEST_BUSY)
		call_refuse(&c, codes[a->code], "%s", a->why.text);
	else
		call_message(&c, codes[a->code], &wire_ack_schema, &a->ack);
	free(u);
}

void hub_events(const struct call *c)
{
	struct upload_call *u;
	struct wire_batch batch;
	struct why why = {""};
	enum err e =
		wire_decode(&wire_batch_schema, c->r->body.at, c->r->body.length, &c->h->arena, &batch, &why);

	if (e) {
		call_failed(c, e, &why);
		return;
	}
	u = malloc(sizeof(*u));
	if (!u) {
		call_refuse(c, COAPS_UNAVAILABLE, "out of memory");
		return;
	}
	*u = (struct upload_call){.h = c->h, .answer = c->answer, .exchange = c->exchange};
	snprintf(u->box, sizeof(u->box), "%s", c->box->name);
	ingest_upload(c->h->ingest, c->box, batch.events, uploaded, u);
}

void hub_version(const struct call *c)
{
	struct state_catalog catalog;
	struct wire_latest m;
	struct why why = {""};
	enum err e = state_catalog(c->h->state, c->name, &catalog, &why);

	if (e) {
		call_failed(c, e, &why);
		return;
	}
	wire_init(&wire_latest_schema, &m);
	m.version = catalog.version;
	call_message(c, COAPS_CONTENT, &wire_latest_schema, &m);
}
