/*
 * The hub over real TLS and DTLS, on loopback: enrolment where no certificate is asked for, a box with the
 * certificate it got, the doorbell, revocation, and who is kept out.
 */
#include "unit.h"

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/pem.h>
#include <mbedtls/x509_csr.h>
#include <stdio.h>
#include <string.h>

#include "chain.h"
#include "coaps_client.h"
#include "mini_hub.h"
#include "small_book.h"

static struct mini_hub m;
static struct coaps_client *client;
static struct arena arena;
static char ca[SCRATCH_PATH_MAX], box_pem[SCRATCH_PATH_MAX], box_key[SCRATCH_PATH_MAX];
static uint8_t request_room[4096];
static struct bytes request;

static int set_up(void **state)
{
	static const char *listen[] = {"coaps+tcp://127.0.0.1:0", "coaps://127.0.0.1:0"};
	struct hub_config c = {.listen = {listen, 2}, .enrol = "coaps+tcp://127.0.0.1:0"};
	struct authority_options o;
	static const char *const names[] = {"localhost"};
	struct why why = {""};

	(void)state;
	mini_hub_new(&m);
	clock_manual_init(&m.clock, clock_utc_ms(&clock_system));
	o = (struct authority_options){
		.dir = m.scratch.dir, .hosts = names, .host_count = 1, .now_ms = m.clock.utc_ms};
	if (authority_renew_hub(&o, &why))
		fail_msg("%s", why.text);
	c.state_dir = m.scratch.dir;
	if (hub_server_new(m.loop, m.hub, &c, &m.server, &why))
		fail_msg("%s", why.text);
	memcpy(ca, scratch_path(&m.scratch, "ca.pem"), sizeof(ca));
	memcpy(box_pem, scratch_path(&m.scratch, "box.pem"), sizeof(box_pem));
	memcpy(box_key, scratch_path(&m.scratch, "box.key"), sizeof(box_key));
	arena = ARENA_EMPTY;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	coaps_client_free(client);
	client = NULL;
	arena_free(&arena);
	mini_hub_free(&m);
	return 0;
}

static enum coaps_state last_state;
static bool state_changed;

static void changed(enum coaps_state s, const char *reason, void *arg)
{
	(void)reason, (void)arg;
	last_state = s;
	state_changed = true;
}

/* Whether it came up. */
static bool connect_to(uint16_t port, enum coaps_transport t, struct coaps_identity identity)
{
	struct coaps_client_options o = {.identity = identity, .name = "localhost", .changed = changed};
	struct coaps_uri to = {.transport = t, .host = "127.0.0.1", .port = port};
	struct why why = {""};

	coaps_client_free(client);
	client = NULL;
	if (coaps_client_new(m.loop, &o, &client, &why) || coaps_client_open(client, &to, &why))
		fail_msg("%s", why.text);
	state_changed = false;
	while (!state_changed || last_state == COAPS_CONNECTING)
		loop_turn(m.loop, -1);
	return last_state == COAPS_UP;
}

struct got {
	int answers, notified;
	unsigned code;
	uint8_t body[65536];
	size_t length;
};

static void take(const struct coaps_answer *a, void *arg)
{
	struct got *g = arg;

	g->answers++;
	g->notified += a->notified;
	g->code = (a->code >> 5) * 100 + (a->code & 31);
	g->length = a->length < sizeof(g->body) ? a->length : sizeof(g->body);
	if (a->length > 0)
		memcpy(g->body, a->body, g->length);
}

static struct got got;

static unsigned ask(enum coaps_method method, const char *path, const char *query, const struct buf *body)
{
	struct coaps_call call = {.method = method,
				  .path = path,
				  .query = query,
				  .body = body ? buf_front(body) : NULL,
				  .length = body ? buf_length(body) : 0,
				  .timeout_ms = 20000,
				  .done = take,
				  .arg = &got};

	memset(&got, 0, sizeof(got));
	assert_int_equal(coaps_client_send(client, &call), ERR_OK);
	while (got.answers == 0)
		loop_turn(m.loop, -1);
	return got.code;
}

static void decode(const struct schema *s, void *out)
{
	struct why why = {""};
	void *copy = arena_text(&arena, (const char *)got.body, got.length);

	if (wire_decode(s, copy, got.length, &arena, out, &why))
		fail_msg("%u: %s", got.code, why.text);
}

static struct buf encode(const struct schema *s, const void *message)
{
	struct why why = {""};
	struct buf b;

	buf_init(&b, WIRE_MESSAGE_MAX);
	if (wire_encode(s, message, &b, &why))
		fail_msg("%s", why.text);
	return b;
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* The box's key as a file, and a request for it. */
static void make_request(void)
{
	mbedtls_entropy_context entropy;
	mbedtls_ctr_drbg_context random;
	mbedtls_x509write_csr w;
	mbedtls_pk_context key;
	unsigned char pem[4096];
	int n;

	mbedtls_entropy_init(&entropy);
	mbedtls_ctr_drbg_init(&random);
	mbedtls_pk_init(&key);
	mbedtls_x509write_csr_init(&w);
	assert_int_equal(mbedtls_ctr_drbg_seed(&random, mbedtls_entropy_func, &entropy, NULL, 0), 0);
	assert_int_equal(mbedtls_pk_setup(&key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)), 0);
	assert_int_equal(mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(key),
					     mbedtls_ctr_drbg_random, &random),
			 0);
	mbedtls_x509write_csr_set_md_alg(&w, MBEDTLS_MD_SHA256);
	mbedtls_x509write_csr_set_key(&w, &key);
	assert_int_equal(mbedtls_x509write_csr_set_subject_name(&w, "CN=x"), 0);
	n = mbedtls_x509write_csr_der(&w, request_room, sizeof(request_room), mbedtls_ctr_drbg_random,
				      &random);
	assert_true(n > 0);
	request = (struct bytes){request_room + sizeof(request_room) - (size_t)n, (size_t)n};
	assert_int_equal(mbedtls_pk_write_key_pem(&key, pem, sizeof(pem)), 0);
	write_text(box_key, (const char *)pem);
	mbedtls_x509write_csr_free(&w);
	mbedtls_pk_free(&key);
	mbedtls_ctr_drbg_free(&random);
	mbedtls_entropy_free(&entropy);
}

static void enrol(const char *name, const char *store)
{
	const struct coaps_identity nobody = {.ca = ca};
	char code[DESK_CODE_MAX];
	struct wire_enrolled enrolled;
	struct wire_enrol e;
	unsigned char pem[8192];
	struct buf body;
	size_t n;

	mini_hub_claim(&m, name, store, code);
	make_request();
	assert_true(connect_to(hub_server_enrol_port(m.server), COAPS_TLS, nobody));
	assert_int_equal(ask(COAPS_GET, "v1/authority", "", NULL), 205);
	assert_int_equal(ask(COAPS_GET, "v1/stores/S1/version", "", NULL), 401);
	wire_init(&wire_enrol_schema, &e);
	e.code = code;
	e.request = request;
	body = encode(&wire_enrol_schema, &e);
	assert_int_equal(ask(COAPS_POST, "v1/enrol", "", &body), 201);
	buf_free(&body);
	decode(&wire_enrolled_schema, &enrolled);
	assert_string_equal(enrolled.box, name);
	assert_int_equal(mbedtls_pem_write_buffer("-----BEGIN CERTIFICATE-----\n",
						  "-----END CERTIFICATE-----\n", enrolled.certificate.at,
						  enrolled.certificate.length, pem, sizeof(pem), &n),
			 0);
	write_text(box_pem, (const char *)pem);
}

static struct coaps_identity box_identity(void)
{
	return (struct coaps_identity){.ca = ca, .cert = box_pem, .key = box_key};
}

static void say_hello(const char *path)
{
	struct wire_welcome w;
	struct wire_hello h;
	struct buf body;

	wire_init(&wire_hello_schema, &h);
	h.program = "test";
	h.semantics = 1;
	body = encode(&wire_hello_schema, &h);
	assert_int_equal(ask(COAPS_POST, path, "", &body), 204);
	buf_free(&body);
	decode(&wire_welcome_schema, &w);
	assert_string_equal(w.store, "S1");
}

static void publish(void)
{
	struct desk_published out;
	struct why why = {""};

	if (mini_hub_publish(&m, small_book, false, NULL, &out, &why))
		fail_msg("%s", why.text);
}

static void a_day_of(enum coaps_transport t)
{
	struct coaps_call observe = {.method = COAPS_GET,
				     .path = "v1/stores/S1/version",
				     .observe = true,
				     .timeout_ms = 20000,
				     .done = take};
	static struct got bell;
	struct wire_batch batch;
	struct wire_feed feed;
	struct wire_ack ack;
	struct chain c;
	struct buf body;

	enrol("box-1", "S1");
	assert_true(connect_to(hub_server_port(m.server, t == COAPS_TLS ? 0 : 1), t, box_identity()));
	say_hello("v1/boxes/box-1/hello");
	chain_new(&c, "box-1", 0);
	for (int i = 0; i < 300; i++)
		chain_add(&c, EVENT_BODY);
	wire_init(&wire_batch_schema, &batch);
	batch.events = chain_part(&c, 0, 301); /* some ten thousand bytes: in blocks over DTLS */
	body = encode(&wire_batch_schema, &batch);
	assert_int_equal(ask(COAPS_POST, "v1/boxes/box-1/events", "", &body), 204);
	decode(&wire_ack_schema, &ack);
	assert_int_equal(ack.sequence, 301);
	buf_free(&body);
	chain_free(&c);
	memset(&bell, 0, sizeof(bell));
	observe.arg = &bell;
	assert_int_equal(coaps_client_send(client, &observe), ERR_OK);
	while (bell.answers == 0)
		loop_turn(m.loop, -1);
	assert_int_equal(bell.code, 205);
	publish();
	while (bell.notified == 0)
		loop_turn(m.loop, -1);
	assert_int_equal(ask(COAPS_GET, "v1/stores/S1/feed", "after=0.0", NULL), 205);
	decode(&wire_feed_schema, &feed);
	assert_int_equal(feed.version, 1);
	assert_true(feed.changes.count > 10);
	assert_int_equal(ask(COAPS_GET, "v1/stores/S2/feed", "after=0.0", NULL), 403);
	assert_int_equal(ask(COAPS_GET, "v1/authority", "", NULL), 404);
}

static void over_tls(void **state)
{
	(void)state;
	a_day_of(COAPS_TLS);
}

static void over_dtls(void **state)
{
	(void)state;
	a_day_of(COAPS_DTLS);
}

static void run_revoke(struct desk *d, struct hub_task *t)
{
	t->result = desk_revoke_box(d, t->arg, "test", &t->why);
}

/* The session ends at once; with that certificate there is nothing to be had any more. */
static void revoked(void **state)
{
	char box[] = "box-1";
	struct why why = {""};

	(void)state;
	enrol(box, "S1");
	assert_true(connect_to(hub_server_port(m.server, 0), COAPS_TLS, box_identity()));
	say_hello("v1/boxes/box-1/hello");
	state_changed = false;
	assert_int_equal(mini_hub_do(&m, run_revoke, box, &why), ERR_OK);
	while (!state_changed)
		loop_turn(m.loop, -1);
	assert_int_equal(last_state, COAPS_DOWN);
	assert_true(connect_to(hub_server_port(m.server, 0), COAPS_TLS, box_identity()));
	assert_int_equal(ask(COAPS_GET, "v1/stores/S1/version", "", NULL), 403);
}

/* The hub's own certificate is for servers: it is no box. Nobody's is none where one is asked for. */
static void who_is_kept_out(void **state)
{
	char cert[SCRATCH_PATH_MAX], key[SCRATCH_PATH_MAX];

	(void)state;
	memcpy(cert, scratch_path(&m.scratch, "hub.pem"), sizeof(cert));
	memcpy(key, scratch_path(&m.scratch, "hub.key"), sizeof(key));
	if (connect_to(hub_server_port(m.server, 0), COAPS_TLS,
		       (struct coaps_identity){.ca = ca, .cert = cert, .key = key})) {
		unsigned code = ask(COAPS_GET, "v1/time", "", NULL);

		assert_true(code == 0 || code == 403 || code == 401);
	}
	enrol("box-1", "S1");
	assert_true(connect_to(hub_server_port(m.server, 0), COAPS_TLS, box_identity()));
	assert_int_equal(ask(COAPS_GET, "v1/stores/S1/version", "", NULL), 205);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(over_tls, set_up, tear_down),
		cmocka_unit_test_setup_teardown(over_dtls, set_up, tear_down),
		cmocka_unit_test_setup_teardown(revoked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_is_kept_out, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
