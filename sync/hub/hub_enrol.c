/*
 * Enrolment and renewal: the desk's work, so a task each. See docs/protocol.md.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hub_parts.h"
#include "log.h"

struct enrolment {
	struct hub_task task;
	struct hub *h;
	hub_answer *answer;
	void *exchange;
	char code[65], box[WIRE_NAME_MAX + 1];
	uint8_t request[8192];
	size_t length;
	struct buf out;
};

static void run(struct desk *d, struct hub_task *t)
{
	struct enrolment *n = t->arg;
	struct bytes request = {n->request, n->length};

	if (n->box[0])
		t->result = desk_renew(d, n->box, request, &n->out, &t->why);
	else
		t->result = desk_enrol(d, n->code, request, &n->out, &t->why);
}

static void done(struct hub_task *t)
{
	struct enrolment *n = t->arg;
	const struct hub_request r = {.peer = n->box, .path = n->box[0] ? "renew" : "enrol"};
	const struct call c = {.h = n->h, .r = &r, .answer = n->answer, .exchange = n->exchange};

	if (t->result)
		call_failed(&c, t->result, &t->why);
	else
		call_answer(&c, COAPS_CREATED, buf_front(&n->out), buf_length(&n->out));
	buf_free(&n->out);
	free(n);
}

static void submit(const struct call *c, const char *code, const char *box, struct bytes request)
{
	struct enrolment *n = calloc(1, sizeof(*n));

	if (!n) {
		call_refuse(c, COAPS_UNAVAILABLE, "out of memory");
		return;
	}
	n->task = (struct hub_task){.run = run, .done = done, .arg = n};
	n->h = c->h;
	n->answer = c->answer;
	n->exchange = c->exchange;
	snprintf(n->code, sizeof(n->code), "%s", code);
	snprintf(n->box, sizeof(n->box), "%s", box);
	memcpy(n->request, request.at, request.length);
	n->length = request.length;
	buf_init(&n->out, 32768);
	if (hub_submit(c->h, &n->task)) {
		call_refuse(c, COAPS_UNAVAILABLE, "too many wait for the desk: ask again in some seconds");
		free(n);
	}
}

void hub_enrol(const struct call *c)
{
	struct wire_enrol m;
	struct why why = {""};
	enum err e =
		wire_decode(&wire_enrol_schema, c->r->body.at, c->r->body.length, &c->h->arena, &m, &why);

	if (e)
		call_failed(c, e, &why);
	else
		submit(c, m.code, "", m.request);
}

void hub_renew(const struct call *c)
{
	struct wire_renew m;
	struct why why = {""};
	enum err e =
		wire_decode(&wire_renew_schema, c->r->body.at, c->r->body.length, &c->h->arena, &m, &why);

	if (e)
		call_failed(c, e, &why);
	else
		submit(c, "", c->box->name, m.request);
}
