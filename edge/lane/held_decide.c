/*
 * Approving and rejecting what an import held. See held_decide.h.
 */
#include "held_decide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lane_parts.h"
#include "ledger_note.h"

/* From the question to the answer. */
struct held_job {
	struct ledger_job job;
	struct ledger_note note;
	struct arena arena; /* of all that follows */
	struct shop *shop;
	struct held held;
	struct event_approval said;
	char once[96], name[PERSON_NAME_MAX + 1];
	struct person by;
	const char *reason;
	enum approval_verdict verdict;
	held_done_fn *done;
	void *arg;
};

bool held_is_id(const char *id)
{
	return strncmp(id, HELD_IMPORTED, sizeof(HELD_IMPORTED) - 1) == 0;
}

static void finish(struct held_job *j, const struct answer *a)
{
	j->done(&j->held, a, j->arg);
	arena_free(&j->job.arena);
	arena_free(&j->arena);
	free(j);
}

/* Of the first answer, if this is a repeat. */
static bool take_said(struct held_job *j, struct answer *a)
{
	struct why why = {0};

	if (j->job.result == ERR_EXISTS &&
	    event_approval_decode(j->job.first_note.body, &j->arena, &j->said, &why))
		return refuse(a, REFUSED_LEDGER, "what was said of it cannot be read: %s", why.text);
	if (j->said.verdict != (int64_t)j->verdict)
		return refuse(a, REFUSED_DECIDED, "%.64s has %s it: %.200s", j->said.by,
			      approval_verdict_name(j->said.verdict), j->said.reason);
	j->held.state = j->verdict == VERDICT_APPROVED ? HELD_APPROVED : HELD_REJECTED;
	j->held.decided_by = j->said.by;
	j->held.decision = j->said.reason;
	return true;
}

static void job_done(struct ledger_job *job)
{
	struct held_job *j = job->arg;
	struct answer a = {0};

	j->shop->pending--;
	if (job->result && job->result != ERR_EXISTS)
		refuse(&a, REFUSED_LEDGER, "it could not be written: %s",
		       *job->why.text ? job->why.text : err_name(job->result));
	else
		take_said(j, &a);
	finish(j, &a);
}

static bool may_decide(const struct held_job *j, struct answer *a)
{
	const struct held_person by = {.name = j->by.name,
				       .role = person_role(&j->by, ~0U),
				       .manager = person_role(&j->by, ROLE_MANAGER) != NULL,
				       .cfo = person_role(&j->by, ROLE_CFO) != NULL};
	struct why why = {0};
	enum err e = held_may_decide(&j->held, &by, shop_now_s(j->shop), &why);

	if (!e)
		return true;
	return refuse(a, e == ERR_DENIED ? REFUSED_NOT_ALLOWED : REFUSED_DECIDED, "%s", why.text);
}

static const char *keep(struct held_job *j, const char *text, bool *kept)
{
	const char *copy = text ? arena_text(&j->arena, text, strlen(text)) : NULL;

	*kept &= copy || !text;
	return copy;
}

/* What the answer tells outlives the look-up; what the record is does not. */
static bool copy_held(struct held_job *j, const struct held *h, struct answer *a)
{
	bool kept = true;

	j->held = *h;
	j->held.record = (struct bytes){0};
	j->held.id = keep(j, h->id, &kept);
	j->held.sku = keep(j, h->sku, &kept);
	j->held.list = keep(j, h->list, &kept);
	j->held.override = keep(j, h->override, &kept);
	j->held.currency = keep(j, h->currency, &kept);
	j->held.by = keep(j, h->by, &kept);
	j->held.login = keep(j, h->login, &kept);
	j->held.reason = keep(j, h->reason, &kept);
	j->held.decided_by = keep(j, h->decided_by, &kept);
	j->held.decision = keep(j, h->decision, &kept);
	return kept || refuse_memory(a);
}

static bool state_verdict(struct held_job *j, struct answer *a)
{
	const struct held *h = &j->held;
	const char *role = person_role(&j->by, ROLE_MANAGER | ROLE_CFO);
	char why[HELD_WHY_MAX];
	bool kept = true;

	held_why(h, why);
	j->said = (struct event_approval){.id = h->id,
					  .sku = h->sku ? h->sku : h->currency,
					  .verdict = j->verdict,
					  .by = j->name,
					  .role = role,
					  .reason = j->reason,
					  .subject = held_subject(h),
					  .list = h->list,
					  .currency = h->currency,
					  .before = h->before,
					  .after = h->after,
					  .rate_before = h->rate_before,
					  .rate_after = h->rate_after,
					  .asked_by = h->by,
					  .why = keep(j, why, &kept)};
	snprintf(j->once, sizeof(j->once), "%.64s/verdict", h->id);
	j->note = (struct ledger_note){.kind = EVENT_APPROVAL, .about = j->said.sku, .once = j->once};
	return kept || refuse_memory(a);
}

static bool submit(struct held_job *j, struct answer *a)
{
	j->job.done = job_done;
	j->job.arg = j;
	return shop_submit_note(j->shop, &j->job, &j->note, &event_approval_schema, &j->said, &j->arena, a);
}

static void found(enum err e, const struct held *held, void *arg)
{
	struct held_job *j = arg;
	struct answer a = {0};

	if (e == ERR_NOT_FOUND)
		refuse(&a, REFUSED_UNKNOWN_OVERRIDE, "nothing of that id waits: see 'held list'");
	else if (e)
		refuse(&a, REFUSED_NO_CATALOG, "the catalog cannot be read: %s", err_name(e));
	else if (copy_held(j, held, &a) && may_decide(j, &a) && state_verdict(j, &a) && submit(j, &a))
		return;
	finish(j, &a);
}

void held_decide(struct shop *s, const char *id, enum approval_verdict verdict, const char *reason,
		 const struct person *by, held_done_fn *done, void *arg)
{
	struct held_job *j = calloc(1, sizeof(*j));
	struct answer a = {0};
	enum err e;

	if (!j) {
		refuse_memory(&a);
		done(NULL, &a, arg);
		return;
	}
	j->shop = s;
	j->verdict = verdict;
	j->done = done;
	j->arg = arg;
	snprintf(j->name, sizeof(j->name), "%s", by->name);
	j->by = (struct person){.name = j->name, .roles = by->roles};
	j->reason = arena_text(&j->arena, reason, strlen(reason));
	e = !j->reason ? ERR_MEMORY : s->loader ? loader_find_held(s->loader, id, found, j) : ERR_STATE;
	if (!e)
		return; /* NOLINT(clang-analyzer-unix.Malloc): found has it */
	refuse(&a, REFUSED_NO_CATALOG, "the catalog cannot be asked: %s", err_name(e));
	finish(j, &a);
}
