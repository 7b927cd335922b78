/*
 * From CoAP to the hub and back. See hub_server.h.
 *
 * An exchange of the server that has been freed is not answered any more, so answers of the hub go through a
 * link that knows.
 */
#include "hub_server.h"

#include <stdlib.h>
#include <string.h>

struct hub_server {
	struct hub *hub;
	struct coaps_server *boxes, *enrolment;
	char ca[DESK_PATH_MAX], cert[DESK_PATH_MAX], key[DESK_PATH_MAX];
	struct link *links; /* exchanges without an answer */
};

struct link {
	struct hub_server *server; /* NULL: it is gone */
	struct coaps_exchange *exchange;
	struct link *next, **here;
};

static void answer(void *arg, unsigned code, const void *body, size_t n)
{
	struct link *l = arg;

	if (l->server) {
		*l->here = l->next;
		if (l->next)
			l->next->here = l->here;
		coaps_respond(l->exchange, code, body, n);
	}
	free(l);
}

static void handle(struct coaps_exchange *x, const struct coaps_request *r, struct hub_server *s,
		   bool enrolment)
{
	const struct hub_request request = {.peer = r->peer,
					    .serial = r->serial,
					    .enrolment = enrolment,
					    .method = r->method,
					    .path = r->path,
					    .query = r->query,
					    .body = {r->body, r->length}};
	struct link *l = malloc(sizeof(*l));

	if (!l) {
		coaps_refuse(x, COAPS_UNAVAILABLE, "out of memory");
		return;
	}
	*l = (struct link){.server = s, .exchange = x, .next = s->links, .here = &s->links};
	if (s->links)
		s->links->here = &l->next;
	s->links = l;
	hub_request(s->hub, &request, answer, l);
}

static void handle_box(struct coaps_exchange *x, const struct coaps_request *r, void *arg)
{
	handle(x, r, arg, false);
}

static void handle_enrolment(struct coaps_exchange *x, const struct coaps_request *r, void *arg)
{
	handle(x, r, arg, true);
}

static enum err find_files(struct hub_server *s, const char *dir, struct why *why)
{
	enum err e = authority_write_trusted(dir, why);

	if (!e)
		e = desk_path(dir, "trusted.pem", s->ca, why);

	if (!e)
		e = desk_path(dir, "hub.pem", s->cert, why);
	return e ? e : desk_path(dir, "hub.key", s->key, why);
}

static enum err start(struct loop *loop, struct hub_server *s, const struct hub_config *c, struct why *why)
{
	struct coaps_server_options o = {
		.identity = {.ca = s->ca, .cert = s->cert, .key = s->key},
		.listen = c->listen.at,
		.listen_count = c->listen.count,
		.handler = handle_box,
		.arg = s,
	};
	enum err e = coaps_server_new(loop, &o, &s->boxes, why);

	if (e || c->enrol[0] == '\0')
		return e;
	o.listen = &c->enrol;
	o.listen_count = 1;
	o.anonymous = true;
	o.sessions_max = 64;
	o.handler = handle_enrolment;
	return coaps_server_new(loop, &o, &s->enrolment, why);
}

enum err hub_server_new(struct loop *loop, struct hub *hub, const struct hub_config *config,
			struct hub_server **out, struct why *why)
{
	struct hub_server *s = calloc(1, sizeof(*s));
	enum err e;

	if (!s)
		return fail(why, ERR_MEMORY, "out of memory");
	s->hub = hub;
	e = find_files(s, config->state_dir, why);
	if (!e)
		e = start(loop, s, config, why);
	if (e)
		hub_server_free(s);
	else
		*out = s;
	return e;
}

void hub_server_free(struct hub_server *s)
{
	if (!s)
		return;
	for (struct link *l = s->links; l; l = l->next)
		l->server = NULL;
	if (s->enrolment)
		coaps_server_free(s->enrolment);
	if (s->boxes)
		coaps_server_free(s->boxes);
	free(s);
}

void hub_server_notify(struct hub_server *s, const char *path, const void *body, size_t n)
{
	coaps_server_notify(s->boxes, path, body, n);
}

void hub_server_drop(struct hub_server *s, const char *box)
{
	coaps_server_drop(s->boxes, box);
}

uint16_t hub_server_port(const struct hub_server *s, size_t i)
{
	return coaps_server_port(s->boxes, i);
}

uint16_t hub_server_enrol_port(const struct hub_server *s)
{
	return s->enrolment ? coaps_server_port(s->enrolment, 0) : 0;
}

enum err hub_server_reload(struct hub_server *s, struct why *why)
{
	enum err e = coaps_server_reload(s->boxes, why);

	return e || !s->enrolment ? e : coaps_server_reload(s->enrolment, why);
}
