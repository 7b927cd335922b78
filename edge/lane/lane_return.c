/*
 * Taking goods back: the request goes to the ledger's worker, which works the refund out, and is answered
 * when the return is on the disk. The lane's own cart goes on meanwhile.
 */
#include "return_job.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "text.h"

#define NAME_MAX_BYTES	 64 /* of a cashier */
#define REASON_MAX_BYTES 256

void return_job_free(struct return_job *j)
{
	if (!j)
		return;
	arena_free(&j->job.arena);
	arena_free(&j->arena);
	free(j);
}

static void keep(struct return_job *j)
{
	return_job_free(j->lane->returned);
	j->lane->returned = j;
}

static enum refusal refusal_of(enum err e)
{
	if (e == ERR_NOT_FOUND)
		return REFUSED_UNKNOWN_ORDER;
	if (e == ERR_RANGE)
		return REFUSED_UNKNOWN_LINE;
	if (e == ERR_INVALID)
		return REFUSED_RETURN_INVALID;
	return REFUSED_NOT_RETURNABLE;
}

static void not_returned(struct return_job *j)
{
	struct answer a = {0};

	if (j->back.refused) {
		refuse(&a, refusal_of(j->job.result), "%s", j->job.why.text);
	} else {
		refuse(&a, REFUSED_LEDGER, "the return could not be written: %s",
		       *j->job.why.text ? j->job.why.text : err_name(j->job.result));
		log_warnx("lane %s: return of order %s: %s", j->lane->name, j->back.order, a.why.text);
	}
	j->done(j->lane, &a, j->arg);
	return_job_free(j);
}

/* Uses, budgets and codes are free again for the next cart. */
static void count_uses(const struct return_job *j)
{
	struct shop *s = j->lane->shop;

	if (uses_take_return(s->uses, &j->back.done))
		log_error("return %s: its uses are not counted before the next start", j->back.done.id);
	shop_folded(s, j->job.id);
}

static void job_done(struct ledger_job *job)
{
	struct return_job *j = job->arg;
	struct lane *l = j->lane;
	struct answer a = {0};
	bool news = job->result == ERR_OK && !j->back.preview;

	l->shop->pending--;
	if (job->result && job->result != ERR_EXISTS) {
		not_returned(j);
		return;
	}
	keep(j);
	if (news)
		count_uses(j);
	j->done(l, &a, j->arg);
	if (news)
		lane_tell(l, LANE_RETURNED);
}

static bool copy_text(struct return_job *j, const char *text, const char **out)
{
	*out = text ? arena_text(&j->arena, text, strlen(text)) : NULL;
	return *out || !text;
}

static bool copy_lines(struct return_job *j, const struct goods_back *g)
{
	struct return_line *lines = arena_get(&j->arena, g->count * sizeof(*lines) + 1);

	if (lines && g->count)
		memcpy(lines, g->lines, g->count * sizeof(*lines));
	j->back.wish.lines = lines;
	j->back.wish.count = g->count;
	return lines;
}

static bool copy(struct return_job *j, const struct goods_back *g)
{
	struct ledger_return *b = &j->back;

	b->kind = g->is_void ? EVENT_VOID : EVENT_RETURN;
	b->preview = g->preview;
	b->wish.gifts_kept = g->gifts_kept;
	return copy_text(j, g->order, &b->order) && copy_text(j, g->id, &b->id) &&
	       copy_text(j, j->lane->name, &b->lane) && copy_text(j, g->cashier, &b->cashier) &&
	       copy_text(j, g->reason, &b->reason) && copy_text(j, g->method, &b->wish.method) &&
	       copy_lines(j, g);
}

static bool text_fits(const char *text, size_t max, const char *what, struct answer *a)
{
	size_t n = text ? strlen(text) : 1;

	if (n >= 1 && n <= max && (!text || text_is_utf8(text, n)))
		return true;
	return refuse(a, REFUSED_RETURN_INVALID, "%s is 1 to %zu bytes of UTF-8", what, max);
}

static bool check(const struct goods_back *g, struct answer *a)
{
	if (!text_fits(g->order, ORDER_ID_MAX, "an order's id", a) ||
	    !text_fits(g->id, RETURN_ID_MAX, "a return's id", a) ||
	    !text_fits(g->cashier, NAME_MAX_BYTES, "a cashier", a) ||
	    !text_fits(g->reason, REASON_MAX_BYTES, "a reason", a))
		return false;
	return !g->method || payment_method_fits(g->method, a);
}

static bool submit(struct return_job *j, struct answer *a)
{
	j->job.back = &j->back;
	j->job.done = job_done;
	j->job.arg = j;
	return shop_submit(j->lane->shop, &j->job, a);
}

void lane_return(struct lane *l, const struct goods_back *g, lane_done_fn *done, void *arg)
{
	struct return_job *j = calloc(1, sizeof(*j));
	struct answer a = {0};

	if (!j) {
		refuse(&a, REFUSED_LEDGER, "the box is out of memory: end other work on it and try again");
		done(l, &a, arg);
		return;
	}
	j->lane = l;
	j->done = done;
	j->arg = arg;
	if (check(g, &a) && !copy(j, g))
		refuse(&a, REFUSED_LEDGER, "the box is out of memory: end other work on it and try again");
	if (a.refusal == REFUSED_NOT && submit(j, &a))
		return;
	done(l, &a, arg);
	return_job_free(j);
} /* NOLINT(clang-analyzer-unix.Malloc): the worker has the job now, job_done gets it back */
