/*
 * A request: a line parsed and held against the table of verbs before anybody acts on it, and the ways to
 * answer. What is wrong with it is said with the member's name.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "format.h"
#include "record.h"
#include "verbs.h"

static struct client *reply_client(const struct reply *r)
{
	struct client *client = &r->control->clients[r->slot];

	return client->fd >= 0 && client->generation == r->generation && !client->doomed ? client : NULL;
}

bool reply_begin(const struct reply *r, struct jsonw *w)
{
	struct client *client = reply_client(r);

	if (client == NULL)
		return false;
	jsonw_begin(w, &client->out);
	jsonw_object(w, NULL);
	if (r->id[0])
		jsonw_raw(w, "id", r->id, strlen(r->id));
	return true;
}

void reply_end(const struct reply *r, struct jsonw *w)
{
	jsonw_close(w);
	if (jsonw_end(w) != ERR_OK)
		client_doom(&r->control->clients[r->slot],
			    "its answer does not fit behind what it has not read");
	r->control->unsettled = true;
}

void reply_error(const struct reply *r, const char *code, const char *fmt, ...)
{
	struct jsonw w;
	struct why why;
	va_list args;

	if (!reply_begin(r, &w))
		return;
	va_start(args, fmt);
	format_words(why.text, sizeof(why.text), fmt, args);
	va_end(args);
	jsonw_bool(&w, "ok", false);
	jsonw_object(&w, "error");
	jsonw_text(&w, "code", code);
	jsonw_text(&w, "text", why.text);
	jsonw_close(&w);
	reply_end(r, &w);
}

void reply_refusal(const struct reply *r, const struct answer *a)
{
	struct jsonw w;

	if (!reply_begin(r, &w))
		return;
	jsonw_bool(&w, "ok", false);
	answer_json(r->control->config.shop, a, &w);
	reply_end(r, &w);
}

struct pending *request_wait(struct request *r)
{
	struct control *c = r->reply.control;
	struct pending *p = c->free_pending;

	if (p == NULL) {
		reply_error(&r->reply, "lane_busy", "%d requests wait already; try again",
			    CONTROL_PENDING_MAX);
		return NULL;
	}
	c->free_pending = p->next;
	p->reply = r->reply;
	r->client->pending++;
	return p;
}

void pending_done(struct pending *p)
{
	struct control *c = p->reply.control;
	struct client *client = &c->clients[p->reply.slot];

	if (client->fd >= 0 && client->generation == p->reply.generation)
		client->pending--;
	c->unsettled = true;
	p->next = c->free_pending;
	c->free_pending = p;
}

const char *request_text(const struct request *r, const char *name)
{
	return json_string_value(json_object_get(r->json, name));
}

bool request_flag(const struct request *r, const char *name)
{
	return json_is_true(json_object_get(r->json, name));
}

static enum err decimal_of(const json_t *value, unsigned exponent, int64_t *out)
{
	char digits[24];

	if (json_is_string(value))
		return decimal_parse(json_string_value(value), json_string_length(value), exponent, out);
	snprintf(digits, sizeof(digits), "%lld", (long long)json_integer_value(value));
	return decimal_parse(digits, strlen(digits), exponent, out);
}

bool request_quantity(const struct request *r, struct qty *out)
{
	const json_t *value = json_object_get(r->json, "quantity");

	out->micro = AMOUNT_NONE;
	if (value == NULL)
		return true;
	if (decimal_of(value, 6, &out->micro) != ERR_OK) {
		reply_error(&r->reply, "bad_request",
			    "quantity: must be a decimal with at most 6 places, such as \"2\" or \"0.355\"");
		return false;
	}
	if (out->micro > 0)
		return true;
	reply_error(&r->reply, refusal_code(REFUSED_BAD_QUANTITY), "a quantity is more than 0");
	return false;
}

bool request_amount(const struct request *r, const json_t *value, const char *name, struct money *out)
{
	const struct catalog *catalog = shop_catalog(r->reply.control->config.shop);
	unsigned exponent = catalog ? catalog->settings.exponent : 2;

	*out = MONEY_NONE;
	if (value == NULL)
		return true;
	if ((json_is_string(value) || json_is_integer(value)) &&
	    decimal_of(value, exponent, &out->minor) == ERR_OK && out->minor >= 0)
		return true;
	reply_error(&r->reply, "bad_request",
		    "%s: must be an amount, in quotes, of 0 or more with at most %u decimals", name,
		    exponent);
	return false;
}

bool request_line(const struct request *r, uint32_t *out)
{
	json_int_t line = json_integer_value(json_object_get(r->json, "line"));

	*out = line > UINT32_MAX ? UINT32_MAX : (uint32_t)line; /* the lane says which lines there are */
	return line > 0;
}

static bool has_type(const json_t *value, enum member_type t)
{
	switch (t) {
	case MEMBER_TEXT:
	case MEMBER_LANE:
		return json_is_string(value);
	case MEMBER_COUNT:
		return json_is_integer(value) && json_integer_value(value) >= 1;
	case MEMBER_DECIMAL:
		return json_is_string(value) || json_is_integer(value);
	case MEMBER_FLAG:
		return json_is_boolean(value);
	case MEMBER_LIST:
		return json_is_array(value);
	}
	return false;
}

/* "verb" and "id" belong to every request. */
static bool is_known(const struct verb *v, const char *name)
{
	if (strcmp(name, "verb") == 0 || strcmp(name, "id") == 0)
		return true;
	for (const struct member *m = v->members; m < v->members + VERB_MEMBERS_MAX && m->name; m++)
		if (strcmp(m->name, name) == 0)
			return true;
	return false;
}

static void answer_unknown_member(const struct request *r, const char *typed)
{
	const char *names[VERB_MEMBERS_MAX];
	const char *near;
	size_t n = 0;

	for (const struct member *m = r->verb->members; n < VERB_MEMBERS_MAX && m[n].name; n++)
		names[n] = m[n].name;
	near = nearest_name(typed, names, n);
	reply_error(&r->reply, "bad_request",
		    near ? "%.64s: '%s' has no such member; did you mean '%s'?"
			 : "%.64s: '%s' has no such member",
		    typed, r->verb->name, near);
}

static bool check_known(const struct request *r)
{
	const char *name;
	json_t *value;

	json_object_foreach (r->json, name, value) {
		if (!is_known(r->verb, name)) {
			answer_unknown_member(r, name);
			return false;
		}
	}
	return true;
}

static bool check_member(struct request *r, const struct member *m)
{
	const json_t *value = json_object_get(r->json, m->name);

	if (value == NULL) {
		if (m->required)
			reply_error(&r->reply, "bad_request", "%s: '%s' needs it, %s", m->name, r->verb->name,
				    member_type_text(m->type));
		return !m->required;
	}
	if (!has_type(value, m->type)) {
		reply_error(&r->reply, "bad_request", "%s: must be %s", m->name, member_type_text(m->type));
		return false;
	}
	if (m->type != MEMBER_LANE)
		return true;
	r->lane = shop_lane(r->reply.control->config.shop, json_string_value(value));
	if (r->lane == NULL)
		reply_error(&r->reply, "unknown_lane", "this box has no lane '%.64s'",
			    json_string_value(value));
	return r->lane != NULL;
}

static bool check_members(struct request *r)
{
	if (!check_known(r))
		return false;
	for (const struct member *m = r->verb->members; m < r->verb->members + VERB_MEMBERS_MAX && m->name;
	     m++)
		if (!check_member(r, m))
			return false;
	return true;
}

/* The id is kept as JSON, to come back as it was. */
static bool take_id(struct request *r)
{
	const json_t *id = json_object_get(r->json, "id");
	size_t n;

	r->reply.id[0] = '\0';
	if (id == NULL)
		return true;
	if (!json_is_string(id) && !json_is_number(id)) {
		reply_error(&r->reply, "bad_request", "id: must be a number or a text");
		return false;
	}
	n = json_dumpb(id, r->reply.id, sizeof(r->reply.id) - 1, JSON_ENCODE_ANY);
	if (n > 0 && n < sizeof(r->reply.id)) {
		r->reply.id[n] = '\0';
		return true;
	}
	r->reply.id[0] = '\0';
	reply_error(&r->reply, "bad_request", "id: at most %d bytes come back", CLIENT_ID_MAX - 1);
	return false;
}

static bool take_verb(struct request *r)
{
	const json_t *verb = json_object_get(r->json, "verb");

	if (!json_is_string(verb)) {
		reply_error(&r->reply, "bad_request", "verb: a request needs it, a text");
		return false;
	}
	r->verb = verb_find(json_string_value(verb));
	if (r->verb == NULL)
		reply_error(&r->reply, "unknown_verb", "there is no verb '%.64s'", json_string_value(verb));
	return r->verb != NULL;
}

static void run(struct request *r)
{
	if (take_id(r) && take_verb(r) && check_members(r))
		r->verb->run(r);
}

static bool is_blank(const char *line, size_t n)
{
	while (n > 0 && (line[n - 1] == ' ' || line[n - 1] == '\t' || line[n - 1] == '\r'))
		n--;
	return n == 0;
}

void request_take(struct client *client, const char *line, size_t n, bool over_long)
{
	struct request r = {.client = client};
	json_error_t error;
	json_t *json;

	r.reply = (struct reply){.control = client->control,
				 .slot = (uint32_t)(client - client->control->clients),
				 .generation = client->generation};
	if (over_long) {
		reply_error(&r.reply, "line_too_long",
			    "a request is at most %d bytes; this one was passed over", CONTROL_LINE_MAX);
		return;
	}
	if (is_blank(line, n))
		return; /* so that a person may press Enter */
	json = json_loadb(line, n, JSON_REJECT_DUPLICATES, &error);
	r.json = json;
	if (json == NULL)
		reply_error(&r.reply, "bad_json", "at byte %d: %s", error.position, error.text);
	else if (!json_is_object(json))
		reply_error(&r.reply, "bad_json", "a request is an object: {\"verb\": ...}");
	else
		run(&r);
	json_decref(json);
}
