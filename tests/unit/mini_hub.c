#include "mini_hub.h"

#include "unit.h"

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/x509_csr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void failed(void *arg)
{
	(void)arg;
	fail_msg("the log failed");
}

static void rung(const char *path, const void *body, size_t n, void *arg)
{
	struct mini_hub *m = arg;

	assert_true(n > 0 && n <= 1000);
	m->doorbells++;
	if (m->server)
		hub_server_notify(m->server, path, body, n);
	snprintf(m->rung, sizeof(m->rung), "%s", path);
}

static void dropped(const char *box, void *arg)
{
	struct mini_hub *m = arg;

	m->drops++;
	if (m->server)
		hub_server_drop(m->server, box);
}

void mini_hub_start(struct mini_hub *m)
{
	const struct hub_options o = {.dir = m->scratch.dir,
				      .disk = &m->disk.disk,
				      .clock = &m->clock.clock,
				      .failed = failed,
				      .notify = rung,
				      .drop = dropped,
				      .arg = m};
	struct why why = {""};

	assert_int_equal(loop_new(m->by_hand ? &m->clock.clock : &clock_system, &m->loop), ERR_OK);
	if (hub_open(m->loop, &o, &m->hub, &why))
		fail_msg("%s", why.text);
}

void mini_hub_stop(struct mini_hub *m)
{
	hub_server_free(m->server);
	m->server = NULL;
	hub_close(m->hub);
	loop_free(m->loop);
	m->hub = NULL;
}

void mini_hub_new(struct mini_hub *m)
{
	struct authority_options o = {.now_ms = MINI_HUB_NOW};
	struct why why = {""};

	memset(m, 0, sizeof(*m));
	scratch_new(&m->scratch);
	faulty_disk_new(&m->disk);
	clock_manual_init(&m->clock, MINI_HUB_NOW);
	o.dir = m->scratch.dir;
	if (authority_create(&o, &why))
		fail_msg("%s", why.text);
	mini_hub_start(m);
}

void mini_hub_free(struct mini_hub *m)
{
	mini_hub_stop(m);
	faulty_disk_free(&m->disk);
	scratch_free(&m->scratch);
}

static void answered(void *exchange, unsigned code, const void *body, size_t n)
{
	struct mini_answer *a = exchange;

	a->answers++;
	a->code = (code >> 5) * 100 + (code & 31);
	a->body = malloc(n + 1);
	assert_non_null(a->body);
	if (n > 0)
		memcpy(a->body, body, n);
	a->length = n;
	snprintf(a->words, sizeof(a->words), "%.*s", (int)(n < 399 ? n : 399), n ? (const char *)body : "");
}

void mini_answer_free(struct mini_answer *a)
{
	free(a->body);
}

void mini_answer_expect(struct mini_answer a, unsigned code, const char *words)
{
	if (a.code != code || (words && !strstr(a.words, words)))
		fail_msg("%u, '%s' instead of %u, '%s'", a.code, a.words, code, words ? words : "");
	mini_answer_free(&a);
}

struct mini_answer mini_hub_ask_as(struct mini_hub *m, const char *box, const char *serial,
				   enum coaps_method method, const char *path, const char *query,
				   struct bytes body)
{
	const struct hub_request r = {.peer = box,
				      .serial = serial,
				      .enrolment = box[0] == '\0',
				      .method = method,
				      .path = path,
				      .query = query,
				      .body = body};
	struct mini_answer a = {0};

	hub_request(m->hub, &r, answered, &a);
	while (a.answers == 0)
		loop_turn(m->loop, -1);
	assert_int_equal(a.answers, 1);
	return a;
}

static enum err keep_serial(const struct state_box *b, void *arg, struct why *why)
{
	(void)why;
	snprintf(arg, 20, "%llx", (unsigned long long)b->serial);
	return ERR_OK;
}

void mini_hub_serial(struct mini_hub *m, const char *box, char out[20])
{
	struct state *s;

	snprintf(out, 20, "1");
	assert_int_equal(state_open(scratch_path(&m->scratch, "state.db"), false, &s, NULL), ERR_OK);
	if (state_box(s, box, keep_serial, out, NULL))
		snprintf(out, 20, "1");
	state_close(s);
}

struct mini_answer mini_hub_ask(struct mini_hub *m, const char *box, enum coaps_method method,
				const char *path, const char *query, struct bytes body)
{
	char serial[20] = "";

	if (box[0])
		mini_hub_serial(m, box, serial);
	return mini_hub_ask_as(m, box, serial, method, path, query, body);
}

struct mini_answer mini_hub_get(struct mini_hub *m, const char *box, const char *path, const char *query)
{
	return mini_hub_ask(m, box, COAPS_GET, path, query, (struct bytes){NULL, 0});
}

struct waiting {
	struct hub_task task;
	bool done;
};

static void task_done(struct hub_task *t)
{
	((struct waiting *)t)->done = true;
}

enum err mini_hub_do(struct mini_hub *m, void (*run)(struct desk *d, struct hub_task *t), void *arg,
		     struct why *why)
{
	struct waiting w = {.task = {.run = run, .done = task_done, .arg = arg}};

	assert_int_equal(hub_submit(m->hub, &w.task), ERR_OK);
	while (!w.done)
		loop_turn(m->loop, -1);
	*why = w.task.why;
	return w.task.result;
}

static void run_fold(struct desk *d, struct hub_task *t)
{
	struct state_step step;

	t->result = state_catch_up(d->state, d->reader, &step, &t->why);
}

/* Whether the thread of the sale lines has come to the end of the uploads. */
static void look_for_lines(struct desk *d, struct hub_task *t)
{
	struct log_position at = {.topic = TOPIC_SALES_EVENTS};
	bool *all = t->arg;

	*all = true;
	for (; at.partition < log_topics[at.topic].partitions && !t->result; at.partition++) {
		int64_t end = 0;

		t->result = log_committed(d->reader, DESK_LINES_GROUP, &at, &t->why);
		if (!t->result)
			t->result = log_end(d->reader, at.topic, at.partition, &end, &t->why);
		*all = *all && at.next == end;
	}
}

void mini_hub_settle(struct mini_hub *m)
{
	struct why why = {""};
	bool all = false;

	if (mini_hub_do(m, run_fold, NULL, &why))
		fail_msg("%s", why.text);
	while (!all)
		if (mini_hub_do(m, look_for_lines, &all, &why))
			fail_msg("%s", why.text);
}

struct adding {
	const char *name, *store;
	char code[DESK_CODE_MAX];
};

static void run_add(struct desk *d, struct hub_task *t)
{
	struct adding *a = t->arg;

	t->result = desk_add_box(d, a->name, a->store, 24, "test", a->code, &t->why);
}

static void run_revoke(struct desk *d, struct hub_task *t)
{
	t->result = desk_revoke_box(d, t->arg, "test", &t->why);
}

void mini_hub_revoke(struct mini_hub *m, const char *name)
{
	char box[WIRE_NAME_MAX + 1];
	struct why why = {""};

	snprintf(box, sizeof(box), "%s", name);
	assert_int_equal(mini_hub_do(m, run_revoke, box, &why), ERR_OK);
}

struct bytes mini_request(uint8_t *room, size_t size)
{
	mbedtls_entropy_context entropy;
	mbedtls_ctr_drbg_context random;
	mbedtls_x509write_csr w;
	mbedtls_pk_context key;
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
	assert_int_equal(mbedtls_x509write_csr_set_subject_name(&w, "CN=box"), 0);
	n = mbedtls_x509write_csr_der(&w, room, size, mbedtls_ctr_drbg_random, &random);
	assert_true(n > 0);
	mbedtls_x509write_csr_free(&w);
	mbedtls_pk_free(&key);
	mbedtls_ctr_drbg_free(&random);
	mbedtls_entropy_free(&entropy);
	return (struct bytes){room + size - (size_t)n, (size_t)n};
}

void mini_hub_claim(struct mini_hub *m, const char *name, const char *store, char code[DESK_CODE_MAX])
{
	struct adding a = {.name = name, .store = store};
	struct why why = {""};

	if (mini_hub_do(m, run_add, &a, &why))
		fail_msg("%s", why.text);
	memcpy(code, a.code, DESK_CODE_MAX);
}

void mini_hub_add_box(struct mini_hub *m, const char *name, const char *store)
{
	char code[DESK_CODE_MAX];
	uint8_t room[4096];
	struct wire_enrol e;
	struct mini_answer answer;
	struct why why = {""};
	struct buf body;

	mini_hub_claim(m, name, store, code);
	wire_init(&wire_enrol_schema, &e);
	e.code = code;
	e.request = mini_request(room, sizeof(room));
	buf_init(&body, 16384);
	assert_int_equal(wire_encode(&wire_enrol_schema, &e, &body, &why), ERR_OK);
	answer = mini_hub_ask(m, "", COAPS_POST, "v1/enrol", "",
			      (struct bytes){buf_front(&body), buf_length(&body)});
	if (answer.code != 201)
		fail_msg("%u %s", answer.code, answer.words);
	mini_answer_free(&answer);
	buf_free(&body);
}

struct publishing {
	struct desk_publication p;
	struct desk_published *out;
};

static void run_publish(struct desk *d, struct hub_task *t)
{
	struct publishing *p = t->arg;

	t->result = desk_publish(d, &p->p, p->out, &t->why);
}

enum err mini_hub_publish(struct mini_hub *m, const char *const *lines, bool changes,
			  const char *const *stores, struct desk_published *out, struct why *why)
{
	char path[SCRATCH_PATH_MAX];
	struct publishing p = {.p = {.path = path, .changes = changes, .who = "test"}, .out = out};
	FILE *f;

	memcpy(path, scratch_path(&m->scratch, "book.jsonl"), sizeof(path));
	f = fopen(path, "we");
	assert_non_null(f);
	for (; *lines; lines++)
		fprintf(f, "%s\n", *lines);
	fclose(f);
	p.p.stores = stores;
	while (stores && stores[p.p.store_count])
		p.p.store_count++;
	return mini_hub_do(m, run_publish, &p, why);
}
