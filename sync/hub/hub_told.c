/*
 * What boxes say of themselves, and when they asked for something last. Both are in the registry at once. The
 * log gets what a box said when it is something else than before, and once a day that the box was there:
 * of many boxes that come back together, in few records of one commit.
 */
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "hub_parts.h"
#include "topic.h"

#define GATHER_MS 500	  /* others may follow */
#define LOOK_MS	  3600000 /* for those who are there all day */
#define DAY_MS	  INT64_C(86400000)
#define TOGETHER  256 /* of one task */
#define SEEN_PAGE 400 /* boxes of one answer to an operator */

struct telling {
	struct hub_task task;
	struct hub *h;
	size_t count;
	struct desk_told notes[TOGETHER];
};

void hub_saw(struct hub *h, struct hub_box *b)
{
	b->seen_ms = clock_utc_ms(h->o.clock);
}

static void take(struct hub_told *to, const struct wire_hello *hello)
{
	const char *const *at = hello->features.at;
	size_t used = 0;

	memset(to, 0, sizeof(*to));
	print_words(to->program, sizeof(to->program), "%s", hello->program);
	to->semantics = hello->semantics;
	to->min_reader = hello->min_reader;
	if (hello->trusts.at) { /* 4 at most, says the table */
		memcpy(to->trusts, hello->trusts.at, hello->trusts.length);
		to->trusts_length = hello->trusts.length;
	}
	for (size_t i = 0; i < hello->features.count; i++) {
		size_t n = strlen(at[i]);

		if (!wire_name_ok(at[i]) || used + n + 2 > sizeof(to->features))
			continue;
		used += (size_t)snprintf(to->features + used, sizeof(to->features) - used, "%s%s",
					 used ? " " : "", at[i]);
	}
}

static bool is_same(const struct hub_told *a, const struct hub_told *b)
{
	return a->semantics == b->semantics && a->min_reader == b->min_reader &&
	       a->trusts_length == b->trusts_length && memcmp(a->trusts, b->trusts, a->trusts_length) == 0 &&
	       strcmp(a->program, b->program) == 0 && strcmp(a->features, b->features) == 0;
}

void hub_told(struct hub *h, struct hub_box *b, const struct wire_hello *hello)
{
	struct hub_told told;

	take(&told, hello);
	if (is_same(&told, &b->told) && b->seen_ms - b->noted_ms < DAY_MS)
		return;
	b->told = told;
	b->tell = true;
	loop_timer_set(h->tell, GATHER_MS);
}

static void gather(struct hub_box *b, void *arg)
{
	struct telling *t = arg;
	struct desk_told *n = &t->notes[t->count];

	if (b->told.program[0] && b->seen_ms - b->noted_ms >= DAY_MS)
		b->tell = true;
	if (!b->tell || t->count == TOGETHER)
		return;
	snprintf(n->box, sizeof(n->box), "%s", b->name);
	n->told = b->told;
	n->seen_ms = b->noted_ms = b->seen_ms;
	b->tell = false;
	t->count++;
}

static void run(struct desk *d, struct hub_task *task)
{
	const struct telling *t = task->arg;

	task->result = desk_note_told(d, t->notes, t->count, &task->why);
}

static void done(struct hub_task *task)
{
	if (task->result)
		log_warnx("what boxes say of themselves is not noted: %s", task->why.text);
	free(task->arg);
}

static void tell(void *arg)
{
	struct hub *h = arg;
	struct telling *t = calloc(1, sizeof(*t));

	loop_timer_set(h->tell, LOOK_MS);
	if (!t)
		return;
	(void)registry_page(h->registry, 0, SIZE_MAX, gather, t);
	if (t->count == TOGETHER)
		loop_timer_set(h->tell, GATHER_MS); /* and the rest then */
	t->h = h;
	t->task = (struct hub_task){.run = run, .done = done, .arg = t};
	if (t->count == 0 || hub_submit(h, &t->task))
		free(t); /* the next hello says it again */
}

enum err hub_told_start(struct hub *h)
{
	enum err e = loop_timer_new(h->loop, tell, h, &h->tell);

	if (!e)
		loop_timer_set(h->tell, LOOK_MS);
	return e;
}

static void put_seen(struct hub_box *b, void *arg)
{
	struct jsonw *w = arg;

	jsonw_array(w, NULL);
	jsonw_text(w, NULL, b->name);
	jsonw_int(w, NULL, b->seen_ms);
	jsonw_close(w);
}

void hub_show_seen(struct hub *h, size_t from, struct jsonw *w)
{
	size_t next;

	jsonw_array(w, "seen");
	next = registry_page(h->registry, from, SEEN_PAGE, put_seen, w);
	jsonw_close(w);
	jsonw_int(w, "next", (int64_t)next);
}
