/*
 * What was spent of basket credit: the ledger's table of uses, and the events after its mark. See
 * credit_spent.h.
 */
#include "credit_spent.h"

#include "ledger_uses.h"

static enum err fold_events(struct ledger_reader *r, struct uses *u, int64_t mark, struct why *why)
{
	struct ledger_event event = {.id = mark};
	struct arena arena = ARENA_EMPTY;
	struct event_envelope envelope;
	enum err e;

	while ((e = ledger_reader_next(r, event.id, &event, why)) == ERR_OK) {
		arena_reset(&arena);
		e = event_decode(event.bytes, event.length, &arena, &envelope, why);
		if (!e)
			e = uses_take_event(u, &envelope, &arena, why);
		if (e)
			break;
	}
	arena_free(&arena);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err fold(struct ledger_reader *r, struct uses *u, struct why *why)
{
	int64_t mark = 0;
	enum err e = ledger_reader_uses(r, u, &mark, why);

	return e ? e : fold_events(r, u, mark, why);
}

static enum err read_spent(const char *path, const char *customer, int32_t credit_to, struct money *out,
			   struct why *why)
{
	struct ledger_reader *reader;
	const struct use *use;
	struct uses *u;
	enum err e = ledger_reader_open(path, &reader, why);

	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	u = uses_new();
	e = u ? fold(reader, u, why) : fail(why, ERR_MEMORY, "out of memory");
	use = e ? NULL : uses_find_credit(u, customer, credit_to);
	if (use)
		out->minor = use->uses;
	uses_free(u);
	ledger_reader_close(reader);
	return e;
}

enum ctl_exit credit_spent(struct ctl *ctl, const char *customer, int32_t credit_to, struct money *out)
{
	const char *path = ctl_database(ctl, "ledger.db");
	struct why why = {0};

	*out = MONEY_ZERO;
	if (!path)
		return CTL_USAGE;
	if (read_spent(path, customer, credit_to, out, &why))
		return ctl_fail(CTL_FAILED, "what was spent of basket credit is not known: %s", why.text);
	return CTL_DONE;
}
