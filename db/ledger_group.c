/*
 * Writes a group of jobs in one transaction. See ledger_parts.h.
 */
#include "ledger_note.h"
#include "ledger_parts.h"
#include "ledger_return.h"
#include "ledger_uses.h"

/* The sale that is there already; sought says whether it may also not be. */
static enum err find(struct ledger *l, struct ledger_job *job, const char *order, bool sought)
{
	enum err e = ledger_find_order(l, order, &job->arena, &job->first, &job->position, &job->why);

	if (!e)
		return ERR_EXISTS;
	return sought ? e : ERR_CORRUPT;
}

static void append_note(struct ledger *l, struct ledger_job *job)
{
	const struct ledger_note *n = job->note;

	job->result = ledger_append_note(l, n, &job->position, &job->why);
	job->id = ledger_newest(l);
	if (job->result == ERR_EXISTS &&
	    ledger_find_note(l, n->kind, n->once, &job->arena, &job->first_note, &job->position, &job->why))
		job->result = ERR_CORRUPT;
}

static void append_sale(struct ledger *l, struct ledger_job *job)
{
	job->result = ledger_append_sale(l, &job->sale, &job->position, &job->why);
	job->id = ledger_newest(l);
	if (job->result == ERR_EXISTS)
		job->result = find(l, job, job->sale.sale->order, false);
}

/* An exchange is a return and the sale that is paid with it: both or neither. A sale that does not follow the
 * return spoils the group, whatever held it up, so what came back before it goes, too. */
static void append_back(struct ledger *l, struct ledger_job *job)
{
	bool pays = job->sale.sale && !job->back->preview;

	if (pays && find(l, job, job->sale.sale->order, true) == ERR_EXISTS) {
		job->result = ERR_EXISTS;
		return;
	}
	job->result = ledger_append_return(l, job->back, &job->arena, &job->position, &job->why);
	job->id = ledger_newest(l);
	job->back->position = job->position;
	if (job->result || !pays)
		return;
	append_sale(l, job);
	if (job->result)
		job->result = ledger_spoil(l, job->result, &job->why);
}

static void append(struct ledger *l, struct ledger_job *job)
{
	if (job->note)
		append_note(l, job);
	else if (job->find)
		job->result = find(l, job, job->find, true);
	else if (job->back)
		append_back(l, job);
	else if (job->uses)
		job->result = ledger_put_uses(l, job->uses, &job->why);
	else
		append_sale(l, job);
}

void ledger_fail_group(struct ledger_job *group, enum err e, const struct why *why)
{
	for (struct ledger_job *job = group; job; job = job->next) {
		job->result = e;
		job->why = *why;
	}
}

static enum err try_group(struct ledger *l, struct ledger_job *group, bool begun, struct why *why)
{
	enum err e = begun ? ERR_OK : ledger_begin(l, why);

	if (e)
		return e;
	for (struct ledger_job *job = group; job; job = job->next)
		append(l, job);
	return ledger_commit(l, why);
}

enum err ledger_write_group(struct ledger *l, struct ledger_job *group, bool begun, struct why *why)
{
	enum err e = try_group(l, group, begun, why);

	if (e == ERR_LIMIT && ledger_release_reserve(l))
		e = try_group(l, group, false, why);
	if (e)
		ledger_fail_group(group, e, why);
	return e;
}
