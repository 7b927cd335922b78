/*
 * till-sync's parts together: what happens when a connection comes and goes, and what is done now and then.
 */
#include "uplink.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "bell.h"
#include "book_features.h"
#include "engine.h"
#include "feed.h"
#include "format.h"
#include "hqtime.h"
#include "log.h"
#include "outbox.h"
#include "renewal.h"
#include "snapshot_load.h"
#include "sync_socket.h"

#define TEND_MS	  5000
#define EXIT_DISK 3
#define GREET_US  INT64_C(3600000000)

const char *uplink_box_path(const struct uplink *u, const char *what, char out[UPLINK_PATH_MAX])
{
	snprintf(out, UPLINK_PATH_MAX, "v1/boxes/%s/%s", u->papers.name, what);
	return out;
}

const char *uplink_store_path(const struct uplink *u, const char *what, char out[UPLINK_PATH_MAX])
{
	snprintf(out, UPLINK_PATH_MAX, "v1/stores/%s/%s", u->config->daemon.store, what);
	return out;
}

enum err uplink_send(struct uplink *u, const struct coaps_call *call)
{
	struct coaps_client *c = u->route ? route_client(u->route) : NULL;

	return c ? coaps_client_send(c, call) : ERR_STATE;
}

struct why uplink_answer_words(const struct coaps_answer *a)
{
	struct why why = a->why;

	if (a->code)
		(void)fail(&why, ERR_STATE, "%s: %.*s", coaps_code_show(a->code).text,
			   (int)(a->length < 240 ? a->length : 240), a->length ? (const char *)a->body : "");
	return why;
}

void uplink_die(struct uplink *u, const char *reason)
{
	log_error("%s: ending", reason);
	u->exit_code = EXIT_DISK;
	loop_stop(u->loop);
}

void uplink_marks_save(struct uplink *u)
{
	struct why why;
	enum err e;

	if (!u->save)
		return;
	loop_timer_stop(u->save);
	e = link_store_write(u->store, &u->marks, &why);
	if (e == ERR_LIMIT || e == ERR_BUSY) { /* they are comfort: headquarters knows how far it is */
		log_warnx("%s", why.text);
		loop_timer_set(u->save, TEND_MS);
	} else if (e) {
		uplink_die(u, why.text);
	}
}

static void save(void *arg)
{
	uplink_marks_save(arg);
}

void uplink_marks_changed(struct uplink *u)
{
	if (u->save)
		loop_timer_set(u->save, UPLINK_SAVE_MS);
}

static void refuse(struct uplink *u, const struct why *why)
{
	u->refused = *why;
	route_leave(u->route, why->text);
}

/* Kept, so that 'tillctl sync status' can say it while the link is down. */
static void keep_welcome(struct uplink *u, const struct wire_welcome *w)
{
	struct link_marks *m = &u->marks;
	const char *const *names = w->features.at;
	size_t used = 0;

	print_words(m->hq_program, sizeof(m->hq_program), "%s", w->program);
	m->hq_semantics = w->semantics;
	m->hq_features[0] = '\0';
	for (size_t i = 0; i < w->features.count; i++)
		if (wire_name_ok(names[i]) && used + strlen(names[i]) + 2 <= sizeof(m->hq_features))
			used += (size_t)snprintf(m->hq_features + used, sizeof(m->hq_features) - used, "%s%s",
						 used ? " " : "", names[i]);
	uplink_marks_changed(u);
}

/* This program by what it understands: another one may understand more. */
static void name_reader(char out[LINK_FEATURES_MAX])
{
	size_t used = (size_t)snprintf(out, LINK_FEATURES_MAX, TILL_VERSION "/%d", ENGINE_SEMANTICS);

	for (unsigned i = 0; i < BOOK_FEATURES && used < LINK_FEATURES_MAX; i++)
		used += (size_t)snprintf(out + used, LINK_FEATURES_MAX - used, " %s", book_features[i]);
}

/* What was left out by an earlier version comes anew. */
static void read_again(struct uplink *u)
{
	struct link_marks *m = &u->marks;
	char reader[LINK_FEATURES_MAX];

	name_reader(reader);
	if (strcmp(reader, m->reader) == 0)
		return;
	if (m->left_out > 0) {
		log_info("%lld records that an earlier version did not understand are taken anew",
			 (long long)m->left_out);
		m->cursor[0] = '\0';
		m->left_out = 0;
	}
	snprintf(m->reader, sizeof(m->reader), "%s", reader);
}

static enum err check_welcome(const struct uplink *u, const struct coaps_answer *a, struct arena *arena,
			      struct wire_welcome *w, struct why *why)
{
	enum err e;

	if (a->code != COAPS_CHANGED)
		return fail(why, ERR_DENIED, "%s", uplink_answer_words(a).text);
	e = wire_decode(&wire_welcome_schema, a->body, a->length, arena, w, why);
	if (!e && w->min_reader > WIRE_VERSION)
		e = fail(why, ERR_NEWER,
			 "%s wants messages of version %lld, this is version %d: the box has to be upgraded",
			 w->program, (long long)w->min_reader, WIRE_VERSION);
	if (e || strcmp(w->store, u->config->daemon.store) == 0)
		return e;
	return fail(why, ERR_DENIED, "headquarters has this box in store '%s', and tilld.conf in '%s'",
		    w->store, u->config->daemon.store);
}

/* The CA is being replaced: what is pinned follows, while the connection by what is pinned now stands. */
static void follow_authorities(struct uplink *u, const struct wire_welcome *w)
{
	bool others = false;
	struct why why;

	if (w->authorities.at && papers_pin(&u->papers, w->authorities, &others, &why) != ERR_OK)
		log_warnx("the pinned CAs stay as they are: %s", why.text);
	if (others) {
		log_info("headquarters' CAs are pinned anew");
		uplink_reload(u);
		u->greet_us = 0; /* it waits to hear of that */
	}
	if (w->renew)
		renewal_now(u);
}

static void welcomed(const struct coaps_answer *a, void *arg)
{
	struct uplink *u = arg;
	struct arena arena = ARENA_EMPTY;
	struct wire_welcome w = {0};
	bool first = !u->greeted; /* else it is the hello of every hour */
	struct why why;

	if (a->code == 0) {
		/* If the connection has ended, the route tells; else it was this message alone that was lost.
		 */
		const struct coaps_client *c = route_client(u->route);

		if (first && c && coaps_client_state(c) == COAPS_UP)
			route_leave(u->route, "no answer to hello");
		return;
	}
	if (check_welcome(u, a, &arena, &w, &why) != ERR_OK) {
		arena_free(&arena);
		refuse(u, &why);
		return;
	}
	u->greeted = true;
	u->refused.text[0] = '\0';
	print_words(u->program, sizeof(u->program), "%s", w.program);
	keep_welcome(u, &w);
	if (first) {
		log_info("up: %s at %s", u->program, route_address(u->route));
		route_good(u->route);
		outbox_begin(u->outbox, &w);
		feed_begin(u->feed);
	}
	follow_authorities(u, &w);
	arena_free(&arena);
	renewal_look(u);
}

static void say_hello(struct uplink *u)
{
	struct wire_hello hello;
	struct coaps_call call = {.method = COAPS_POST, .timeout_ms = ANSWER_MS, .done = welcomed, .arg = u};
	uint8_t trusts[PAPERS_CAS_MAX * DIGEST_SIZE];
	char path[UPLINK_PATH_MAX];
	struct buf message;
	struct why why;

	wire_init(&wire_hello_schema, &hello);
	hello.program = "till-sync " TILL_VERSION;
	hello.semantics = ENGINE_SEMANTICS;
#ifdef TILL_NEXT
	hello.memo = 1;
#endif
	hello.features = (struct list){book_features, BOOK_FEATURES};
	hello.version = u->marks.version;
	hello.trusts = (struct bytes){trusts, papers_pinned(&u->papers, trusts) * DIGEST_SIZE};
	u->greet_us = clock_monotonic_us(loop_clock(u->loop));
	outbox_newest(u->outbox, &hello.segment, &hello.sequence);
	buf_init(&message, 4096);
	if (wire_encode(&wire_hello_schema, &hello, &message, &why) == ERR_OK) {
		call.path = uplink_box_path(u, "hello", path);
		call.body = buf_front(&message);
		call.length = buf_length(&message);
		if (uplink_send(u, &call) != ERR_OK)
			log_debug("no hello: the connection has gone");
	} else {
		log_error("hello: %s", why.text);
	}
	buf_free(&message);
}

/* The clock was of no use to judge certificates: now it is judged by what headquarters says. */
static void time_known(enum err e, void *arg)
{
	struct uplink *u = arg;
	struct coaps_client *c = route_client(u->route);
	struct why why;

	if (!c)
		return;
	if (!e && coaps_client_valid_at(c, hqtime_floor_ms(u->time))) {
		say_hello(u);
		return;
	}
	(void)fail(&why, ERR_DENIED, "%s",
		   e ? "this box's clock is wrong, and headquarters did not tell the time"
		     : "headquarters' certificate is not valid at the time that headquarters tells");
	refuse(u, &why);
}

static void changed(bool up, void *arg)
{
	struct uplink *u = arg;

	if (!up) {
		if (u->greeted)
			log_info("down");
		u->greeted = false;
		outbox_pause(u->outbox);
		feed_pause(u->feed);
		snapshot_load_pause(u->snapshot);
		return;
	}
	if (hqtime_clock_is_wrong(u->time)) {
		hqtime_ask(u->time, time_known, u);
		return;
	}
	say_hello(u);
	hqtime_ask(u->time, NULL, NULL);
}

static enum err open_catalog(struct uplink *u, struct why *why)
{
	char path[DB_PATH_MAX];

	snprintf(path, sizeof(path), "%s/catalog.db", u->config->daemon.state_dir);
	return u->catalog ? ERR_OK : catalog_store_open_writer(path, &u->catalog, why);
}

/* That there is a headquarters, and who we are to it. ERR_NOT_FOUND: not yet. */
static enum err identify(struct uplink *u, struct why *why)
{
	enum err e;

	if (u->config->hq.uri.count == 0)
		return fail(why, ERR_NOT_FOUND, "no headquarters is configured ([hq] uri)");
	e = papers_load(&u->papers, why);
	if (e)
		return e;
	if (strcmp(u->papers.name, u->config->daemon.box) == 0)
		return ERR_OK;
	return fail(why, ERR_INVALID, "the certificate %s is of box '%s', and tilld.conf says '%s'",
		    u->papers.cert, u->papers.name, u->config->daemon.box);
}

/* The CAs that are pinned, as they are now. */
static enum err renew_trust(struct uplink *u, struct why *why)
{
	struct trust *fresh;
	enum err e = trust_new(u->papers.ca_pem, strlen(u->papers.ca_pem) + 1, &fresh, why);

	if (e)
		return e;
	trust_free(u->trust);
	u->trust = fresh;
	return ERR_OK;
}

static enum err bring_up(struct uplink *u, struct why *why)
{
	const struct hq_section *hq = &u->config->hq;
	struct route_options o = {.addresses = hq->uri.at, .count = hq->uri.count, .name = hq->name};
	enum err e = identify(u, why);

	if (!e)
		e = open_catalog(u, why);
	if (!e)
		e = renew_trust(u, why);
	if (e)
		return e;
	o.identity = u->papers.identity;
	o.future_ok = hqtime_clock_is_wrong(u->time);
	o.changed = changed;
	o.arg = u;
	if (o.future_ok)
		log_warnx("this box's clock stands before what is known to have passed: until headquarters "
			  "has told the "
			  "time, its certificate may be one that is not valid yet");
	return route_new(u->loop, &o, &u->route, why);
}

static void try_to_bring_up(struct uplink *u)
{
	struct why why = {""};

	if (bring_up(u, &why) != ERR_OK && strcmp(why.text, u->idle.text) != 0)
		log_info("idle: %s", why.text);
	u->idle = why;
}

/* What either end says of itself may have changed: a new CA above all. */
static void greet_again(struct uplink *u)
{
	int64_t now = clock_monotonic_us(loop_clock(u->loop));

	if (u->greeted && (u->greet_us == 0 || now - u->greet_us > GREET_US))
		say_hello(u);
}

static void tend(void *arg)
{
	struct uplink *u = arg;

	loop_timer_set(u->tend, TEND_MS);
	if (!u->route) {
		try_to_bring_up(u);
		return;
	}
	renewal_tend(u);
	greet_again(u);
	snapshot_load_inbox(u->snapshot);
	hqtime_tend(u->time);
	if (notify_send(&u->notify, "STATUS=%s; %s", u->greeted ? "up" : "down",
			u->greeted ? route_address(u->route) : route_reason(u->route)) != ERR_OK)
		log_debug("the service manager does not hear that");
}

void uplink_reload(struct uplink *u)
{
	struct why why;

	if (!u->route) {
		try_to_bring_up(u);
	} else if (papers_load(&u->papers, &why) != ERR_OK || renew_trust(u, &why) != ERR_OK ||
		   route_reload(u->route, hqtime_clock_is_wrong(u->time), &why) != ERR_OK) {
		log_warnx("the certificates stay as they were: %s", why.text);
	} else {
		log_info("certificates read anew: used from the next connection on");
	}
}

void uplink_now(struct uplink *u)
{
	if (!u->route) {
		try_to_bring_up(u);
		return;
	}
	route_now(u->route);
	snapshot_load_inbox(u->snapshot);
	if (!u->greeted)
		return;
	outbox_now(u->outbox);
	feed_now(u->feed);
}

static enum err start_store(struct uplink *u, struct why *why)
{
	char path[DB_PATH_MAX];
	enum err e;

	snprintf(path, sizeof(path), "%s/link.db", u->config->daemon.state_dir);
	e = link_store_open(path, true, &u->store, why);
	if (!e)
		e = link_store_read(u->store, &u->marks, why);
	if (!e)
		read_again(u);
	return e;
}

enum err uplink_start(struct uplink *u, struct why *why)
{
	enum err e = start_store(u, why);

	papers_place(u->config->daemon.state_dir, &u->papers);
	if (!e)
		e = loop_timer_new(u->loop, save, u, &u->save);
	if (!e)
		e = loop_timer_new(u->loop, tend, u, &u->tend);
	if (!e)
		e = hqtime_new(u, &u->time, why);
	if (!e)
		e = outbox_new(u, &u->outbox, why);
	if (!e)
		e = feed_new(u, &u->feed, why);
	if (!e)
		e = snapshot_load_new(u, &u->snapshot, why);
	if (!e)
		e = bell_new(u, &u->bell, why);
	if (!e)
		e = sync_socket_new(u, &u->socket, why);
	if (e)
		return e;
	try_to_bring_up(u);
	loop_timer_set(u->tend, TEND_MS);
	return ERR_OK;
}

void uplink_stop(struct uplink *u)
{
	sync_socket_free(u->socket);
	route_free(u->route);
	u->route = NULL;
	bell_free(u->bell);
	snapshot_load_free(u->snapshot);
	feed_free(u->feed);
	outbox_free(u->outbox);
	hqtime_free(u->time);
	if (u->store && u->exit_code != EXIT_DISK)
		uplink_marks_save(u);
	loop_timer_free(u->tend);
	loop_timer_free(u->save);
	trust_free(u->trust);
	catalog_store_close(u->catalog);
	link_store_close(u->store);
}

static const char *state_of(const struct uplink *u)
{
	if (!u->route)
		return "idle";
	if (u->greeted)
		return "up";
	if (route_client(u->route))
		return "greeting";
	return route_next_ms(u->route) > 0 ? "waiting" : "connecting";
}

static void certificate_status(const struct uplink *u, struct jsonw *w)
{
	if (!u->papers.to_ms) {
		jsonw_null(w, "certificate");
		return;
	}
	jsonw_object(w, "certificate");
	jsonw_text(w, "box", u->papers.name);
	jsonw_int(w, "days_left", (u->papers.to_ms - hqtime_now_ms(u)) / 86400000);
	jsonw_int(w, "to_ms", u->papers.to_ms);
	jsonw_close(w);
}

/* What it said of itself when it was there last. */
static void headquarters_status(const struct uplink *u, struct jsonw *w)
{
	char names[LINK_FEATURES_MAX], *rest = NULL;

	if (!u->marks.hq_program[0]) {
		jsonw_null(w, "headquarters");
		return;
	}
	snprintf(names, sizeof(names), "%s", u->marks.hq_features);
	jsonw_object(w, "headquarters");
	jsonw_text(w, "program", u->marks.hq_program);
	jsonw_int(w, "semantics", u->marks.hq_semantics);
	jsonw_array(w, "features");
	for (char *at = strtok_r(names, " ", &rest); at; at = strtok_r(NULL, " ", &rest))
		jsonw_text(w, NULL, at);
	jsonw_close(w);
	jsonw_close(w);
}

void uplink_status(struct uplink *u, struct jsonw *w)
{
	const struct coaps_client *c = u->route ? route_client(u->route) : NULL;
	const char *reason = u->route ? route_reason(u->route) : u->idle.text;
	int64_t grants = 0;
	struct why why;

	if (link_store_grants(u->store, &grants, &why) != ERR_OK)
		log_debug("%s", why.text);
	jsonw_text(w, "link", state_of(u));
	jsonw_text(w, "reason", reason[0] ? reason : NULL);
	jsonw_text(w, "address", u->route ? route_address(u->route) : NULL);
	jsonw_text(w, "transport", c ? coaps_scheme(coaps_client_transport(c)) : NULL);
	jsonw_bool(w, "resumed", c && coaps_client_resumed(c));
	jsonw_text(w, "peer", u->greeted ? u->program : NULL);
	jsonw_int(w, "next_try_ms", u->route ? route_next_ms(u->route) : 0);
	headquarters_status(u, w);
	certificate_status(u, w);
	outbox_status(u->outbox, w);
	feed_status(u->feed, w);
	snapshot_load_status(u->snapshot, w);
	hqtime_status(u->time, w);
	jsonw_int(w, "grants", grants);
}
