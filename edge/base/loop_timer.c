/*
 * Timers in a binary heap, the earliest on top; each knows its place, so that it can be moved and taken out.
 * The heap gets its room when timers are made, so that setting one cannot fail.
 */
#include <stdlib.h>
#include <sys/timerfd.h>

#include "loop_parts.h"

#define HEAP_MIN    16
#define WAIT_MAX_MS ((int64_t)1 << 50) /* far beyond any use, far from overflow in microseconds */

static bool earlier(const struct loop_timer *a, const struct loop_timer *b)
{
	return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

static void place(struct loop *l, struct loop_timer *t, size_t at)
{
	l->heap[at] = t;
	t->at = at;
}

static void sift_up(struct loop *l, struct loop_timer *t, size_t at)
{
	while (at > 0 && earlier(t, l->heap[(at - 1) / 2])) {
		place(l, l->heap[(at - 1) / 2], at);
		at = (at - 1) / 2;
	}
	place(l, t, at);
}

static void sift_down(struct loop *l, struct loop_timer *t, size_t at)
{
	for (size_t child; (child = 2 * at + 1) < l->heap_count; at = child) {
		if (child + 1 < l->heap_count && earlier(l->heap[child + 1], l->heap[child]))
			child++;
		if (earlier(t, l->heap[child]))
			break;
		place(l, l->heap[child], at);
	}
	place(l, t, at);
}

static void take_out(struct loop *l, struct loop_timer *t)
{
	struct loop_timer *last = l->heap[--l->heap_count];
	size_t at = t->at;

	t->at = TIMER_IDLE;
	if (last == t)
		return;
	if (at > 0 && earlier(last, l->heap[(at - 1) / 2]))
		sift_up(l, last, at);
	else
		sift_down(l, last, at);
}

static enum err reserve(struct loop *l)
{
	size_t size = l->heap_size ? l->heap_size * 2 : HEAP_MIN;
	struct loop_timer **heap;

	if (l->timers < l->heap_size)
		return ERR_OK;
	heap = reallocarray(l->heap, size, sizeof(struct loop_timer *));
	if (!heap)
		return ERR_MEMORY;
	l->heap = heap;
	l->heap_size = size;
	return ERR_OK;
}

enum err loop_timer_new(struct loop *l, loop_fn *fn, void *arg, struct loop_timer **out)
{
	struct loop_timer *t;

	if (reserve(l))
		return ERR_MEMORY;
	t = malloc(sizeof(*t));
	if (!t)
		return ERR_MEMORY;
	*t = (struct loop_timer){.loop = l, .fn = fn, .arg = arg, .at = TIMER_IDLE};
	l->timers++;
	*out = t;
	return ERR_OK;
}

void loop_timer_set(struct loop_timer *t, int64_t in_ms)
{
	struct loop *l = t->loop;

	loop_timer_stop(t);
	if (in_ms < 0)
		in_ms = 0;
	if (in_ms > WAIT_MAX_MS)
		in_ms = WAIT_MAX_MS;
	t->due_us = clock_monotonic_us(l->clock) + in_ms * 1000;
	t->order = l->timer_order++;
	sift_up(l, t, l->heap_count++);
}

void loop_timer_stop(struct loop_timer *t)
{
	if (t->at != TIMER_IDLE)
		take_out(t->loop, t);
}

void loop_timer_free(struct loop_timer *t)
{
	if (!t)
		return;
	loop_timer_stop(t);
	t->loop->timers--;
	free(t);
}

/*
 * Moved only to something earlier: a timer that is set anew for later, as the journal's is by each scan,
 * costs nothing, and at worst the loop turns once for nothing. A timeout of epoll_wait would be set and taken
 * back in every turn, and each of that costs a virtual machine a microsecond.
 */
bool loop_timers_arm(struct loop *l)
{
	struct itimerspec when = {0};
	int64_t wait_us;

	if (l->heap_count == 0 || l->armed_us <= l->heap[0]->due_us)
		return false;
	wait_us = l->heap[0]->due_us - clock_monotonic_us(l->clock);
	if (wait_us <= 0)
		return true;
	when.it_value.tv_sec = (time_t)(wait_us / 1000000);
	when.it_value.tv_nsec = (long)(wait_us % 1000000) * 1000;
	timerfd_settime(l->timer_fd, 0, &when, NULL); /* fails on a wrong argument alone */
	l->armed_us = l->heap[0]->due_us;
	return false;
}

void loop_timers_woke(struct loop *l)
{
	l->armed_us = TIMER_NEVER;
}

/* Timers that these handlers set wait for the next turn, so that one that sets itself to 0 starves nobody. */
void loop_timers_run(struct loop *l)
{
	uint64_t first_new = l->timer_order;
	int64_t now_us;

	if (l->heap_count == 0)
		return;
	now_us = clock_monotonic_us(l->clock);
	while (l->heap_count && l->heap[0]->due_us <= now_us && l->heap[0]->order < first_new) {
		struct loop_timer *t = l->heap[0];

		take_out(l, t);
		t->fn(t->arg); /* may free t */
	}
}
