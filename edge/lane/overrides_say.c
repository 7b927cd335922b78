/*
 * Saying something of an override: a price that is wished for, approved, rejected or ended. It counts once
 * the ledger has it. See overrides.h.
 */
#include "overrides_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

/* What is on its way to the disk: a new override, or what is said of one. */
struct override_job {
	struct ledger_job job;
	struct ledger_note note;
	struct arena arena;
	struct overrides *overrides;
	struct override *one; /* NULL: a new one */
	struct event_override said;
	struct event_approval verdict;
	char once[ORDER_ID_MAX + 16];
	override_done_fn *done;
	void *arg;
};

static void job_free(struct override_job *j)
{
	arena_free(&j->job.arena);
	arena_free(&j->arena);
	free(j);
}

/* On the disk, so it counts. The id is told while it lives. */
static void take_effect(struct override_job *j, struct answer *a)
{
	struct override *one = j->one;
	char id[ORDER_ID_MAX + 1];

	if (!one)
		one = override_add(j->overrides, &j->said, &j->arena);
	if (!one) {
		refuse_memory(a); /* the ledger has it: it counts from the next start on */
		j->done("", a, j->arg);
		return;
	}
	snprintf(id, sizeof(id), "%s", one->said.id);
	one->busy = false;
	if (j->one)
		override_tell_verdict(j->overrides, one, &j->verdict);
	else
		override_tell_new(j->overrides, one);
	if (j->one)
		override_settle(j->overrides, one, (enum approval_verdict)j->verdict.verdict, j->verdict.by,
				shop_now_s(j->overrides->shop));
	j->done(id, a, j->arg);
	overrides_publish(j->overrides);
}

static void job_done(struct ledger_job *job)
{
	struct override_job *j = job->arg;
	struct answer a = {0};

	j->overrides->shop->pending--;
	j->overrides->under_way -= !j->one;
	if (job->result == ERR_OK) {
		take_effect(j, &a);
	} else {
		if (j->one)
			j->one->busy = false;
		refuse(&a, REFUSED_LEDGER, "it could not be written: %s",
		       *job->why.text ? job->why.text : err_name(job->result));
		j->done("", &a, j->arg);
	}
	job_free(j);
}

static bool submit(struct override_job *j, const struct schema *schema, const void *record, struct answer *a)
{
	j->job.done = job_done;
	j->job.arg = j;
	return shop_submit_note(j->overrides->shop, &j->job, &j->note, schema, record, &j->arena, a);
}

static struct override_job *job_new(struct overrides *o, override_done_fn *done, void *arg)
{
	struct override_job *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->overrides = o;
	j->done = done;
	j->arg = arg;
	return j;
}

static const char *keep(struct override_job *j, const char *text)
{
	return arena_text(&j->arena, text, strlen(text));
}

/* Everything it says lives in the job's arena, which the override then takes. */
static bool state_wish(struct override_job *j, const struct override_wish *w, const struct person *by,
		       struct answer *a)
{
	const struct shop *s = j->overrides->shop;
	const char *role = person_role(by, ROLE_SUPERVISOR | ROLE_MANAGER | ROLE_CFO);
	struct event_override *said = &j->said;

	if (!role)
		return refuse(a, REFUSED_NOT_ALLOWED, "%.64s is neither supervisor, pricing manager nor cfo",
			      by->name);
	if (j->overrides->count + j->overrides->under_way >= OVERRIDES_MAX)
		return refuse(a, REFUSED_BAD_OVERRIDE, "%d overrides are in force: end some first",
			      OVERRIDES_MAX);
	snprintf(j->once, sizeof(j->once), "%s@%" PRId64 "-%" PRId64, s->config->box, s->segment,
		 ++j->overrides->given);
	*said = (struct event_override){.id = keep(j, j->once),
					.sku = keep(j, w->sku),
					.from_s = shop_now_s(s),
					.by = keep(j, by->name),
					.role = role,
					.reason = keep(j, w->reason)};
	if (!said->id || !said->sku || !said->by || !said->reason)
		return refuse_memory(a);
	if (!override_judge(j->overrides, w, said, a))
		return false;
	said->currency = keep(j, said->currency);
	if (said->needs == NEEDS_MANAGER || said->needs == NEEDS_CFO)
		said->decide_until_s = said->from_s + s->config->overrides.patience_s;
	j->note = (struct ledger_note){.kind = EVENT_OVERRIDE, .about = said->sku, .once = said->id};
	return said->currency ? true : refuse_memory(a);
}

void overrides_set(struct overrides *o, const struct override_wish *w, const struct person *by,
		   override_done_fn *done, void *arg)
{
	struct override_job *j = job_new(o, done, arg);
	struct answer a = {0};

	overrides_prune(o);
	if (!j)
		refuse_memory(&a);
	if (j && state_wish(j, w, by, &a) && submit(j, &event_override_schema, &j->said, &a)) {
		o->under_way++;
		return; /* NOLINT(clang-analyzer-unix.Malloc): the worker has the job now, job_done gets it
			   back */
	}
	done("", &a, arg);
	if (j)
		job_free(j);
}

static void expired(const char *id, const struct answer *a, void *arg)
{
	(void)id;
	(void)arg;
	if (a->refusal != REFUSED_NOT)
		log_warnx("overrides: what time has ended is not in the ledger yet: %s", a->why.text);
}

/* By nobody: the box says it, in its ledger's next place. False: it could not be handed over. */
static bool expire(struct overrides *o, struct override *one)
{
	bool pending = one->state == OVERRIDE_PENDING;
	struct override_job *j = job_new(o, expired, NULL);
	struct answer a = {0};

	if (!j)
		return false;
	snprintf(j->once, sizeof(j->once), "%.64s/expired", one->said.id);
	j->one = one;
	j->verdict = (struct event_approval){
		.id = one->said.id,
		.sku = one->said.sku,
		.verdict = VERDICT_EXPIRED,
		.by = "tilld",
		.role = "clock",
		.reason = pending ? "nobody has approved it in time" : "its time is over",
		.before = MONEY_NONE,
		.after = MONEY_NONE,
		.rate_before = {AMOUNT_NONE},
		.rate_after = {AMOUNT_NONE},
	};
	j->note = (struct ledger_note){.kind = EVENT_APPROVAL, .about = one->said.sku, .once = j->once};
	one->busy = submit(j, &event_approval_schema, &j->verdict, &a);
	if (!one->busy)
		job_free(j);
	return one->busy; /* NOLINT(clang-analyzer-unix.Malloc): the worker has the job now */
}

void overrides_expire(struct overrides *o)
{
	overrides_prune(o);
	for (struct override *one = o->first; one; one = one->next)
		if (one->over && !one->busy && !expire(o, one))
			return;
}

static bool state_verdict(struct override_job *j, const struct override *one, enum approval_verdict verdict,
			  const char *reason, const struct person *by, struct answer *a)
{
	const char *role = person_role(by, ~0U);

	if (one->busy)
		return refuse(a, REFUSED_DECIDED, "%.64s is being decided at this moment", one->said.id);
	if (!override_may_decide(one, verdict, by, a))
		return false;
	snprintf(j->once, sizeof(j->once), "%.64s/%s", one->said.id,
		 verdict == VERDICT_ENDED ? "end" : "verdict");
	j->verdict = (struct event_approval){.id = keep(j, one->said.id),
					     .sku = keep(j, one->said.sku),
					     .verdict = verdict,
					     .by = keep(j, by->name),
					     .role = role ? role : "cashier",
					     .reason = keep(j, reason),
					     .before = MONEY_NONE,
					     .after = MONEY_NONE,
					     .rate_before = {AMOUNT_NONE},
					     .rate_after = {AMOUNT_NONE}};
	if (!j->verdict.id || !j->verdict.sku || !j->verdict.by || !j->verdict.reason)
		return refuse_memory(a);
	j->note = (struct ledger_note){.kind = EVENT_APPROVAL, .about = j->verdict.sku, .once = j->once};
	return true;
}

void overrides_decide(struct overrides *o, const char *id, enum approval_verdict verdict, const char *reason,
		      const struct person *by, override_done_fn *done, void *arg)
{
	struct override_job *j = job_new(o, done, arg);
	struct answer a = {0};
	struct override *one;

	overrides_prune(o);
	one = override_find(o, id);
	if (!j) {
		refuse_memory(&a);
	} else if (!one) {
		refuse(&a, REFUSED_UNKNOWN_OVERRIDE,
		       "no override %.64s is in force or waits: see 'override list'", id);
	} else if (state_verdict(j, one, verdict, reason, by, &a)) {
		j->one = one;
		one->busy = submit(j, &event_approval_schema, &j->verdict, &a);
		if (one->busy)
			return; /* NOLINT(clang-analyzer-unix.Malloc): the worker has the job now */
	}
	done("", &a, arg);
	if (j)
		job_free(j);
}
