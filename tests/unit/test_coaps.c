/*
 * CoAP between a real server and a real client over loopback, TLS and DTLS: requests, blocks both ways,
 * answers that come later, observations, certificates of every wrong kind.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "certs.h"
#include "coaps_client.h"
#include "coaps_server.h"
#include "digest.h"
#include "log.h"
#include "scratch.h"

#define LIMIT_MS  INT64_C(20000)
#define LATER_MAX 80

struct world {
	struct scratch scratch;
	char files[16][SCRATCH_PATH_MAX];
	size_t file_count;
	struct loop *loop;
	struct coaps_server *server;
	struct coaps_client *client;
	struct coaps_exchange *later[LATER_MAX];
	size_t later_count, requests;
	char peer[COAPS_NAME_MAX + 1], serial[41], query[256];
	enum coaps_state state;
	char reason[200];
	unsigned answers, notified;
	struct coaps_answer last;
	uint8_t *body;
};

static uint8_t *pattern(size_t n)
{
	uint8_t *bytes = malloc(n);

	assert_non_null(bytes);
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 1024);
	return bytes;
}

static void serve(struct coaps_exchange *x, const struct coaps_request *r, void *arg)
{
	struct world *w = arg;
	struct digest d;
	uint8_t *big;

	w->requests++;
	snprintf(w->peer, sizeof(w->peer), "%s", r->peer);
	snprintf(w->serial, sizeof(w->serial), "%s", r->serial);
	snprintf(w->query, sizeof(w->query), "%s", r->query);
	if (strcmp(r->path, "v1/echo") == 0) {
		coaps_respond(x, COAPS_CHANGED, r->body, r->length);
	} else if (strcmp(r->path, "v1/digest") == 0) {
		digest_of(r->body, r->length, &d);
		coaps_respond(x, COAPS_CHANGED, d.bytes, sizeof(d.bytes));
	} else if (strncmp(r->path, "v1/big/", 7) == 0) {
		size_t n = strtoul(r->path + 7, NULL, 10);

		big = pattern(n);
		coaps_respond(x, COAPS_CONTENT, big, n);
		free(big);
	} else if (strcmp(r->path, "v1/later") == 0) {
		assert_true(w->later_count < LATER_MAX);
		w->later[w->later_count++] = x;
	} else if (strcmp(r->path, "v1/version") == 0) {
		coaps_respond(x, COAPS_CONTENT, "1", 1);
	} else {
		coaps_refuse(x, COAPS_NOT_FOUND, "there is no %s", r->path);
	}
}

static void changed(enum coaps_state state, const char *reason, void *arg)
{
	struct world *w = arg;

	w->state = state;
	snprintf(w->reason, sizeof(w->reason), "%s", reason);
}

static void answered(const struct coaps_answer *a, void *arg)
{
	struct world *w = arg;

	w->answers++;
	w->notified += a->notified;
	w->last = *a;
	free(w->body);
	w->body = malloc(a->length + 1);
	assert_non_null(w->body);
	if (a->length)
		memcpy(w->body, a->body, a->length);
	w->body[a->length] = '\0';
	w->last.body = w->body;
}

/* Turns the loop while the condition does not hold; the limit is for a test that has failed. */
#define TURN_UNTIL(w, condition)                                                                \
	do {                                                                                    \
		int64_t end_us = clock_monotonic_us(&clock_system) + LIMIT_MS * 1000;           \
		while (!(condition)) {                                                          \
			if (clock_monotonic_us(&clock_system) > end_us)                         \
				fail_msg("%s did not come true (%s)", #condition, (w)->reason); \
			loop_turn((w)->loop, 100);                                              \
		}                                                                               \
	} while (0)

static const char *file(struct world *w, const char *name)
{
	char *path = w->files[w->file_count++ % COUNT(w->files)];

	/* scratch_path keeps four of them only. */
	snprintf(path, sizeof(w->files[0]), "%s", scratch_path(&w->scratch, name));
	return path;
}

static struct coaps_identity identity(struct world *w, const char *name, const char *ca)
{
	char cert[64], key[64], pinned[64];
	struct coaps_identity id = {0};

	snprintf(cert, sizeof(cert), "%s.pem", name ? name : "");
	snprintf(key, sizeof(key), "%s.key", name ? name : "");
	snprintf(pinned, sizeof(pinned), "%s.pem", ca ? ca : "");
	if (ca)
		id.ca = file(w, pinned);
	if (name) {
		id.cert = file(w, cert);
		id.key = file(w, key);
	}
	return id;
}

static const char *const listen_on[] = {"coaps+tcp://127.0.0.1:0", "coaps://127.0.0.1:0"};

static void start_server(struct world *w, const char *certificate, bool anonymous)
{
	struct coaps_server_options o = {
		.identity = identity(w, certificate, "ca"), .handler = serve, .arg = w};
	struct why why;

	o.listen = listen_on;
	o.listen_count = COUNT(listen_on);
	o.anonymous = anonymous;
	if (coaps_server_new(w->loop, &o, &w->server, &why) != ERR_OK)
		fail_msg("%s", why.text);
}

static void start_client(struct world *w, const char *certificate, const char *ca, bool future_ok)
{
	struct coaps_client_options o = {.identity = identity(w, certificate, ca), .name = "hq.example"};
	struct why why;

	o.future_ok = future_ok;
	o.changed = changed;
	o.arg = w;
	if (coaps_client_new(w->loop, &o, &w->client, &why) != ERR_OK)
		fail_msg("%s", why.text);
}

static void open_to(struct world *w, enum coaps_transport t)
{
	struct coaps_uri to = {.transport = t, .host = "127.0.0.1", .port = coaps_server_port(w->server, t)};
	struct why why;

	w->state = COAPS_CONNECTING;
	w->reason[0] = '\0';
	if (coaps_client_open(w->client, &to, &why) != ERR_OK)
		fail_msg("%s", why.text);
	TURN_UNTIL(w, w->state != COAPS_CONNECTING);
}

static void send(struct world *w, enum coaps_method m, const char *path, const void *body, size_t n)
{
	struct coaps_call call = {
		.method = m, .path = path, .body = body, .length = n, .timeout_ms = LIMIT_MS};

	call.done = answered;
	call.arg = w;
	assert_int_equal(coaps_client_send(w->client, &call), ERR_OK);
}

static void ask(struct world *w, enum coaps_method m, const char *path, const void *body, size_t n)
{
	unsigned before = w->answers;

	send(w, m, path, body, n);
	TURN_UNTIL(w, w->answers > before);
}

static const struct cert_wish certificates[] = {
	{"ca", "tilld CA", NULL, CERT_CA, NULL, NULL, NULL},
	{"hub", "hq.example", "ca", CERT_SERVER, NULL, NULL, NULL},
	{"hub2", "other.example", "ca", CERT_SERVER, NULL, NULL, NULL},
	{"box", "box-7", "ca", CERT_CLIENT, NULL, NULL, NULL},
	{"box-as-hub", "hq.example", "ca", CERT_CLIENT, NULL, NULL, NULL},
	{"hub-as-box", "box-7", "ca", CERT_SERVER, NULL, NULL, NULL},
	{"both", "hq.example", "ca", CERT_SERVER | CERT_CLIENT, NULL, NULL, NULL},
	{"plain", "box-7", "ca", 0, NULL, NULL, NULL},
	{"old", "box-7", "ca", CERT_CLIENT, "20100101000000", "20110101000000", NULL},
	{"old-hub", "hq.example", "ca", CERT_SERVER, "20100101000000", "20110101000000", NULL},
	{"new-hub", "hq.example", "ca", CERT_SERVER, "20480101000000", "20491231235959", NULL},
	{"new", "box-7", "ca", CERT_CLIENT, "20480101000000", "20491231235959", NULL},
	{"self", "box-7", NULL, CERT_CLIENT, NULL, NULL, NULL},
	{"self-hub", "hq.example", NULL, CERT_SERVER, NULL, NULL, NULL},
	{"ca2", "tilld CA", NULL, CERT_CA, NULL, NULL, NULL},
	{"foreign", "box-7", "ca2", CERT_CLIENT, NULL, NULL, NULL},
	{"foreign-hub", "hq.example", "ca2", CERT_SERVER, NULL, NULL, NULL},
	{"p384", "box-7", "ca", CERT_CLIENT | CERT_P384, NULL, NULL, NULL},
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	log_open("test", LOG_ERROR);
	scratch_new(&w->scratch);
	for (size_t i = 0; i < COUNT(certificates); i++)
		cert_make(w->scratch.dir, &certificates[i]);
	assert_int_equal(loop_new(&clock_system, &w->loop), ERR_OK);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	coaps_client_free(w->client);
	coaps_server_free(w->server);
	loop_free(w->loop);
	scratch_free(&w->scratch);
	free(w->body);
	free(w);
	return 0;
}

static void requests_and_answers(void **state)
{
	struct world *w = *state;
	struct coaps_call q = {COAPS_GET, "v1/version", "after=9&n=2", NULL, 0, false, LIMIT_MS, answered, w};

	start_server(w, "hub", false);
	start_client(w, "box", "ca", false);
	for (int t = COAPS_TLS; t <= COAPS_DTLS; t++) {
		open_to(w, (enum coaps_transport)t);
		assert_int_equal(w->state, COAPS_UP);
		ask(w, COAPS_POST, "v1/echo", "hello", 5);
		assert_int_equal(w->last.code, COAPS_CHANGED);
		assert_string_equal((const char *)w->body, "hello");
		assert_string_equal(w->peer, "box-7");
		assert_int_equal(strlen(w->serial) % 2, 0);
		assert_true(strlen(w->serial) > 0);
		ask(w, COAPS_PUT, "v1/none", NULL, 0);
		assert_int_equal(w->last.code, COAPS_NOT_FOUND);
		assert_string_equal((const char *)w->body, "there is no v1/none");
		w->answers = 0;
		assert_int_equal(coaps_client_send(w->client, &q), ERR_OK);
		TURN_UNTIL(w, w->answers);
		assert_string_equal(w->query, "after=9&n=2");
		coaps_client_close(w->client);
	}
}

/* Sizes around a message, a record of TLS (16,384) and a body's bound; both ways; each comes once and whole.
 */
static void large_and_many(void **state)
{
	static const size_t sizes[] = {1,     1000,  1024,  1025,  1153,  15000,  15359,	 15360,
				       15361, 16000, 16384, 16385, 65536, 262144, COAPS_BODY_MAX};
	struct world *w = *state;
	uint8_t *bytes = pattern(COAPS_BODY_MAX + 1);
	struct coaps_call over = {COAPS_POST, "v1/digest", NULL,     bytes, COAPS_BODY_MAX + 1,
				  false,      1,	   answered, w};
	struct digest d;
	char path[64];

	start_server(w, "hub", false);
	start_client(w, "box", "ca", false);
	for (int t = COAPS_TLS; t <= COAPS_DTLS; t++) {
		open_to(w, (enum coaps_transport)t);
		for (size_t i = 0; i < COUNT(sizes); i++) {
			size_t before = w->requests;

			ask(w, COAPS_POST, "v1/digest", bytes, sizes[i]);
			digest_of(bytes, sizes[i], &d);
			assert_int_equal(w->last.code, COAPS_CHANGED);
			assert_memory_equal(w->body, d.bytes, sizeof(d.bytes));
			assert_int_equal(w->requests, before + 1);
			snprintf(path, sizeof(path), "v1/big/%zu", sizes[i]);
			before = w->requests;
			ask(w, COAPS_GET, path, NULL, 0);
			assert_int_equal(w->requests, before + 1); /* blocks do not ask the handler again */
			assert_int_equal(w->last.code, COAPS_CONTENT);
			assert_int_equal(w->last.length, sizes[i]);
			assert_memory_equal(w->body, bytes, sizes[i]);
		}
		assert_int_equal(coaps_client_send(w->client, &over), ERR_LIMIT);
		coaps_client_close(w->client);
	}
	free(bytes);
}

/* What fits a message over TLS goes in one: 16 of 15 KB at once, without a block. */
static void many_at_once(void **state)
{
	struct world *w = *state;
	uint8_t *bytes = pattern(15000);

	start_server(w, "hub", false);
	start_client(w, "box", "ca", false);
	for (int t = COAPS_TLS; t <= COAPS_DTLS; t++) {
		size_t n = t == COAPS_TLS ? 15000 : 1000;

		open_to(w, (enum coaps_transport)t);
		assert_true(coaps_client_message_room(w->client) >= n);
		w->answers = 0;
		w->requests = 0;
		for (int i = 0; i < COAPS_CALLS_MAX; i++)
			send(w, COAPS_POST, "v1/digest", bytes, n);
		TURN_UNTIL(w, w->answers == COAPS_CALLS_MAX);
		assert_int_equal(w->requests, COAPS_CALLS_MAX);
		coaps_client_close(w->client);
	}
	free(bytes);
}

static void answers_that_come_later(void **state)
{
	struct world *w = *state;

	start_server(w, "hub", false);
	start_client(w, "box", "ca", false);
	for (int t = COAPS_TLS; t <= COAPS_DTLS; t++) {
		open_to(w, (enum coaps_transport)t);
		w->later_count = 0;
		w->answers = 0;
		for (int i = 0; i < 5; i++)
			send(w, COAPS_POST, "v1/later", "x", 1);
		TURN_UNTIL(w, w->later_count == 5);
		ask(w, COAPS_POST, "v1/echo", "between", 7); /* goes past them */
		assert_int_equal(w->answers, 1);
		for (size_t i = 5; i-- > 0;)
			coaps_respond(w->later[i], COAPS_CHANGED, "done", 4);
		TURN_UNTIL(w, w->answers == 6);
		assert_string_equal((const char *)w->body, "done");

		/* One whose asker has gone is answered all the same, and nothing happens. */
		w->later_count = 0;
		send(w, COAPS_POST, "v1/later", "x", 1);
		TURN_UNTIL(w, w->later_count == 1);
		coaps_client_close(w->client);
		assert_int_equal(w->last.code, 0);
		assert_string_equal(w->last.why.text, "the connection was closed");
		coaps_respond(w->later[0], COAPS_CHANGED, "late", 4);
	}
}

static void an_answer_that_never_comes(void **state)
{
	struct world *w = *state;
	struct coaps_call call = {COAPS_GET, "v1/later", NULL, NULL, 0, false, 30, answered, w};

	start_server(w, "hub", false);
	start_client(w, "box", "ca", false);
	open_to(w, COAPS_TLS);
	assert_int_equal(coaps_client_send(w->client, &call), ERR_OK);
	TURN_UNTIL(w, w->answers);
	assert_int_equal(w->last.code, 0);
	assert_string_equal(w->last.why.text, "no answer in time");
	ask(w, COAPS_POST, "v1/echo", "still here", 10);
	assert_int_equal(w->last.code, COAPS_CHANGED);
}

static void doorbells(void **state)
{
	struct world *w = *state;
	struct coaps_call call = {COAPS_GET, "v1/version", NULL, NULL, 0, true, LIMIT_MS, answered, w};
	struct coaps_server_counts counts;

	start_server(w, "hub", false);
	start_client(w, "box", "ca", false);
	for (int t = COAPS_TLS; t <= COAPS_DTLS; t++) {
		open_to(w, (enum coaps_transport)t);
		w->answers = w->notified = 0;
		assert_int_equal(coaps_client_send(w->client, &call), ERR_OK);
		TURN_UNTIL(w, w->answers == 1);
		assert_int_equal(w->notified, 0);
		coaps_server_notify(w->server, "v1/other", "9", 1); /* nobody's */
		coaps_server_notify(w->server, "v1/version", "2", 1);
		TURN_UNTIL(w, w->answers == 2);
		assert_int_equal(w->notified, 1);
		assert_string_equal((const char *)w->body, "2");
		coaps_client_close(w->client);
		assert_int_equal(w->last.code, 0);
		TURN_UNTIL(w, (coaps_server_counts(w->server, &counts), counts.observed == 0));
	}
}

struct refusal {
	const char *server, *client, *ca;
	bool future_ok;
	const char *reason; /* a part of what the client is told; NULL: it comes up */
	unsigned code;	    /* and if it comes up: of the answer */
};

static void certificates_of_every_wrong_kind(void **state)
{
	static const struct refusal rows[] = {
		{"hub", "box", "ca", false, NULL, COAPS_CHANGED},
		{"box-as-hub", "box", "ca", false, "", 0}, /* mbedTLS itself says no: its use is another */
		{"hub2", "box", "ca", false, "is of 'other.example', not of 'hq.example'", 0},
		{"both", "box", "ca", false, "not one for servers alone", 0},
		{"plain", "box", "ca", false, "not one for servers alone", 0},
		{"old-hub", "box", "ca", false, "", 0},
		{"old-hub", "box", "ca", true, "expired on 2011-01-01", 0},
		{"new-hub", "box", "ca", false, "", 0},
		{"new-hub", "box", "ca", true, NULL, COAPS_CHANGED},
		{"self-hub", "box", "ca", false, "", 0},
		{"foreign-hub", "box", "ca", false, "", 0},
		{"hub", "box", "ca2", false, "", 0},
		{"hub", "hub-as-box", "ca", false, "", 0},
		{"hub", "both", "ca", false, NULL, COAPS_FORBIDDEN},
		{"hub", "plain", "ca", false, NULL, COAPS_FORBIDDEN},
		{"hub", "old", "ca", false, "", 0},
		{"hub", "new", "ca", false, "", 0},
		{"hub", "self", "ca", false, "", 0},
		{"hub", "foreign", "ca", false, "", 0},
		{"hub", NULL, "ca", false, "", 0},
		{"hub", "p384", "ca", false, "", 0},
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct refusal *r = &rows[i];

		for (int t = COAPS_TLS; t <= COAPS_DTLS; t++) {
			w->file_count = w->requests = w->answers = 0;
			start_server(w, r->server, false);
			start_client(w, r->client, r->ca, r->future_ok);
			open_to(w, (enum coaps_transport)t);
			if (w->state == COAPS_UP) { /* a server's refusal may come after our end is done */
				send(w, COAPS_POST, "v1/echo", "x", 1);
				TURN_UNTIL(w, w->answers || w->state == COAPS_DOWN);
			}
			if (r->reason && (w->state != COAPS_DOWN || !strstr(w->reason, r->reason)))
				fail_msg("row %zu over %s: %s", i, coaps_scheme((enum coaps_transport)t),
					 w->reason);
			if (!r->reason)
				assert_int_equal(w->last.code, r->code);
			if (r->code != COAPS_CHANGED)
				assert_int_equal(w->requests, 0); /* no handler ever saw it */
			coaps_client_free(w->client);
			coaps_server_free(w->server);
			w->client = NULL;
			w->server = NULL;
		}
	}
}

/* Enrolment: no certificate yet, and not even a CA for the first question. */
static void without_a_certificate(void **state)
{
	struct world *w = *state;

	start_server(w, "hub", true);
	start_client(w, NULL, NULL, false);
	open_to(w, COAPS_TLS);
	ask(w, COAPS_POST, "v1/echo", "ca?", 3);
	assert_int_equal(w->last.code, COAPS_CHANGED);
	assert_string_equal(w->peer, "");
	coaps_client_free(w->client);
	start_client(w, NULL, "ca", false);
	open_to(w, COAPS_DTLS);
	ask(w, COAPS_POST, "v1/echo", "csr", 3);
	assert_int_equal(w->last.code, COAPS_CHANGED);
}

/* patches/3-tickets: the second connection takes up the first's session; new certificates end that. */
static void resumes(void **state)
{
	struct world *w = *state;
	struct why why;

	start_server(w, "hub", false);
	start_client(w, "box", "ca", false);
	for (int t = COAPS_TLS; t <= COAPS_DTLS; t++) {
		open_to(w, (enum coaps_transport)t);
		assert_false(coaps_client_resumed(w->client));
		coaps_client_close(w->client);
		open_to(w, (enum coaps_transport)t);
		assert_true(coaps_client_resumed(w->client));
		ask(w, COAPS_POST, "v1/echo", "x", 1);
		assert_string_equal(w->peer, "box-7"); /* who it is came along in the ticket */
		coaps_client_close(w->client);
		assert_int_equal(coaps_client_reload(w->client, false, &why), ERR_OK);
		open_to(w, (enum coaps_transport)t);
		assert_false(coaps_client_resumed(w->client));
		coaps_client_close(w->client);
		open_to(w, (enum coaps_transport)t);
		assert_true(coaps_client_resumed(w->client));
		coaps_client_close(w->client);
		assert_int_equal(coaps_server_reload(w->server, &why), ERR_OK);
		open_to(w, (enum coaps_transport)t);
		assert_false(coaps_client_resumed(w->client));
		coaps_client_close(w->client);
	}
}

static void a_peer_that_is_dropped(void **state)
{
	struct world *w = *state;

	start_server(w, "hub", false);
	start_client(w, "box", "ca", false);
	open_to(w, COAPS_TLS);
	ask(w, COAPS_POST, "v1/echo", "x", 1);
	coaps_server_drop(w->server, "box-8");
	ask(w, COAPS_POST, "v1/echo", "x", 1);
	assert_int_equal(w->last.code, COAPS_CHANGED);
	coaps_server_drop(w->server, "box-7");
	TURN_UNTIL(w, w->state == COAPS_DOWN);
	assert_string_equal(w->reason, "the other end closed the connection");
}

static void nobody_is_there(void **state)
{
	struct world *w = *state;
	struct coaps_uri to = {.host = "127.0.0.1", .port = 1};
	struct why why;

	start_client(w, "box", "ca", false);
	for (int t = COAPS_TLS; t <= COAPS_DTLS; t++) {
		to.transport = (enum coaps_transport)t;
		w->state = COAPS_CONNECTING;
		assert_int_equal(coaps_client_open(w->client, &to, &why), ERR_OK);
		TURN_UNTIL(w, w->state == COAPS_DOWN);
		assert_string_equal(w->reason, "nothing listens there, or the network is down");
	}
}

static void addresses(void **state)
{
	static const struct {
		const char *text, *host;
		enum coaps_transport transport;
		uint16_t port;
	} good[] = {
		{"coaps+tcp://hq.example:5684", "hq.example", COAPS_TLS, 5684},
		{"coaps://hq.example", "hq.example", COAPS_DTLS, 5684},
		{"coaps://[::1]:7/", "::1", COAPS_DTLS, 7},
		{"coaps+tcp://0.0.0.0:0", "0.0.0.0", COAPS_TLS, 0},
	};
	static const char *const bad[] = {"coap://x",	       "http://x",
					  "coaps://",	       "coaps://[::1",
					  "coaps://x:",	       "coaps://x:65536",
					  "coaps://x:5y",      "coaps://x/path",
					  "coaps+tcp//x:5684", ""};
	struct coaps_uri uri;
	struct why why;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_int_equal(coaps_uri_parse(good[i].text, &uri, &why), ERR_OK);
		assert_string_equal(uri.host, good[i].host);
		assert_int_equal(uri.transport, good[i].transport);
		assert_int_equal(uri.port, good[i].port);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(coaps_uri_parse(bad[i], &uri, &why), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test_setup_teardown(requests_and_answers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(large_and_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(answers_that_come_later, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_answer_that_never_comes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(doorbells, set_up, tear_down),
		cmocka_unit_test_setup_teardown(certificates_of_every_wrong_kind, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_a_certificate, set_up, tear_down),
		cmocka_unit_test_setup_teardown(resumes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_peer_that_is_dropped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nobody_is_there, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
