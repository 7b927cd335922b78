/*
 * Verbs about prices that people set here, and what others say of them. Who asks is the Unix user at the
 * other end of the socket; a program that serves several people says for whom, if it is trusted to.
 */
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "civil.h"
#include "held_decide.h"
#include "overrides.h"
#include "verbs.h"
#include "zone.h"

static bool is_among(const struct config_words *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->at[i], name) == 0)
			return true;
	return false;
}

static void user_name(uid_t uid, char out[PERSON_NAME_MAX + 1])
{
	struct passwd entry, *found = NULL;
	char room[4096];

	/* One that is too long is nobody's in [roles]: cut, it might be somebody else's. */
	if (getpwuid_r(uid, &entry, room, sizeof(room), &found) == 0 && found &&
	    strlen(entry.pw_name) <= PERSON_NAME_MAX)
		snprintf(out, PERSON_NAME_MAX + 1, "%s", entry.pw_name);
	else
		snprintf(out, PERSON_NAME_MAX + 1, "uid-%u", (unsigned)uid);
}

static unsigned roles_of(const struct control_roles *roles, const char *name)
{
	return (is_among(&roles->supervisors, name) ? ROLE_SUPERVISOR : 0U) |
	       (is_among(&roles->technicians, name) ? ROLE_TECHNICIAN : 0U) |
	       (is_among(&roles->managers, name) ? ROLE_MANAGER : 0U) |
	       (is_among(&roles->cfos, name) ? ROLE_CFO : 0U);
}

bool request_person(const struct request *r, char name[PERSON_NAME_MAX + 1], struct person *out)
{
	const struct control_roles *roles = r->reply.control->config.roles;
	const char *by = request_text(r, "by");

	user_name(r->client->peer.uid, name);
	if (by && strlen(by) > PERSON_NAME_MAX) {
		reply_error(&r->reply, "bad_request", "by: a name has %d bytes at most", PERSON_NAME_MAX);
		return false;
	}
	if (by && strcmp(by, name) != 0) {
		if (!roles || !is_among(&roles->speakers, name)) {
			reply_error(&r->reply, refusal_code(REFUSED_NOT_ALLOWED),
				    "%.64s may not speak for %.64s: see speak_for_others in [roles]", name,
				    by);
			return false;
		}
		snprintf(name, PERSON_NAME_MAX + 1, "%s", by);
	}
	*out = (struct person){.name = name, .roles = roles ? roles_of(roles, name) : 0};
	return true;
}

static void override_done(const char *id, const struct answer *a, void *arg)
{
	struct pending *p = arg;
	struct control *c = p->reply.control;
	struct jsonw w;

	if (a->refusal != REFUSED_NOT) {
		reply_refusal(&p->reply, a);
	} else if (reply_begin(&p->reply, &w)) {
		jsonw_bool(&w, "ok", true);
		override_json(c->config.overrides, id, &w);
		reply_end(&p->reply, &w);
	}
	pending_done(p);
}

static bool can(const struct request *r)
{
	if (r->reply.control->config.overrides)
		return true;
	reply_error(&r->reply, "unknown_verb", "nobody sets prices here");
	return false;
}

/* The end, as `to` or so many `minutes` from now. */
static bool take_end(const struct request *r, int64_t now_s, int64_t *to_s)
{
	const char *to = request_text(r, "to");
	const json_t *minutes = json_object_get(r->json, "minutes");
	bool local = false;

	if ((to == NULL) == (minutes == NULL)) {
		reply_error(&r->reply, "bad_request", "to: give either 'to' or 'minutes'");
		return false;
	}
	if (minutes) {
		*to_s = json_integer_value(minutes) <= 527040 ? now_s + 60 * json_integer_value(minutes)
							      : INT64_MAX;
	} else if (civil_parse(to, strlen(to), to_s, &local)) {
		reply_error(&r->reply, "bad_request",
			    "to: '%.40s' is no time such as 2026-11-21T18:00 or 2026-11-21T17:00:00Z", to);
		return false;
	}
	if (local)
		*to_s -= zone_offset_s(*to_s - zone_offset_s(*to_s));
	if (*to_s - now_s <= INT64_C(527040) * 60)
		return true;
	reply_error(&r->reply, "bad_request",
		    "to: at most a year from now; what lasts longer belongs into the book");
	return false;
}

void verb_override(struct request *r)
{
	const struct control *c = r->reply.control;
	struct override_wish wish = {.sku = request_text(r, "sku"), .reason = request_text(r, "reason")};
	char name[PERSON_NAME_MAX + 1];
	struct person by;
	struct pending *p;

	wish.emergency = request_flag(r, "emergency");
	if (!can(r) || !request_person(r, name, &by) ||
	    !request_amount(r, json_object_get(r->json, "price"), "price", &wish.price) ||
	    !take_end(r, clock_utc_ms(loop_clock(c->loop)) / 1000, &wish.to_s))
		return;
	p = request_wait(r);
	if (p)
		overrides_set(c->config.overrides, &wish, &by, override_done, p);
}

/* Its money is of its currency; of an exchange rate there is none. */
static void held_done(const struct held *h, const struct answer *a, void *arg)
{
	struct pending *p = arg;
	struct record_context context = {0};
	struct jsonw w;

	if (a->refusal != REFUSED_NOT) {
		reply_refusal(&p->reply, a);
	} else if (reply_begin(&p->reply, &w)) {
		if (currency_exponent(h->currency, &context.exponent))
			context.exponent = 0;
		jsonw_bool(&w, "ok", true);
		record_to_json(&held_schema, h, &context, &w);
		reply_end(&p->reply, &w);
	}
	pending_done(p);
}

static void decide(struct request *r, enum approval_verdict verdict)
{
	const struct control *c = r->reply.control;
	const char *id = request_text(r, "override");
	char name[PERSON_NAME_MAX + 1];
	struct person by;
	struct pending *p;

	if (!can(r) || !request_person(r, name, &by))
		return;
	p = request_wait(r);
	if (p && verdict != VERDICT_ENDED && held_is_id(id))
		held_decide(c->config.shop, id, verdict, request_text(r, "reason"), &by, held_done, p);
	else if (p)
		overrides_decide(r->reply.control->config.overrides, request_text(r, "override"), verdict,
				 request_text(r, "reason"), &by, override_done, p);
}

void verb_approve(struct request *r)
{
	decide(r, VERDICT_APPROVED);
}

void verb_reject(struct request *r)
{
	decide(r, VERDICT_REJECTED);
}

void verb_override_end(struct request *r)
{
	decide(r, VERDICT_ENDED);
}

void verb_overrides(struct request *r)
{
	struct jsonw w;

	if (!can(r) || !reply_begin(&r->reply, &w))
		return;
	jsonw_bool(&w, "ok", true);
	overrides_json(r->reply.control->config.overrides, &w);
	reply_end(&r->reply, &w);
}
