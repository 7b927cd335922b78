/*
 * The thread behind the sale lines. See hub_parts.h.
 */
#include <stdlib.h>

#include "hub_parts.h"
#include "priority.h"

struct hub_lines {
	struct event_log *log;
	struct log_reader *reader;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool poked, stopping;
};

/* False: it is time to end. */
static bool wait_for_more(struct hub_lines *l, bool more)
{
	bool goes_on;

	pthread_mutex_lock(&l->lock);
	while (!more && !l->poked && !l->stopping)
		pthread_cond_wait(&l->changed, &l->lock);
	l->poked = false;
	goes_on = !l->stopping;
	pthread_mutex_unlock(&l->lock);
	return goes_on;
}

static void *work(void *arg)
{
	struct hub_lines *l = arg;
	struct why why;
	size_t done = 1;

	pthread_setname_np(pthread_self(), "lines");
	priority_behind();
	while (wait_for_more(l, done > 0)) {
		if (desk_derive(l->log, l->reader, &done, &why) == ERR_OK)
			continue;
		log_error("%s", why.text);
		done = 0; /* the next upload has it tried again */
	}
	return NULL;
}

enum err hub_lines_start(struct event_log *log, const char *path, struct hub_lines **out, struct why *why)
{
	struct hub_lines *l = calloc(1, sizeof(*l));
	enum err e;

	if (!l)
		return fail(why, ERR_MEMORY, "out of memory");
	l->log = log;
	e = log_reader_open(path, &l->reader, why);
	if (e) {
		free(l);
		return e;
	}
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->changed, NULL);
	*out = l;
	if (pthread_create(&l->thread, NULL, work, l) == 0)
		return ERR_OK;
	l->thread = 0;
	return fail(why, ERR_LIMIT, "cannot start the thread of the sale lines");
}

void hub_lines_poke(struct hub_lines *l)
{
	pthread_mutex_lock(&l->lock);
	l->poked = true;
	pthread_cond_signal(&l->changed);
	pthread_mutex_unlock(&l->lock);
}

void hub_lines_stop(struct hub_lines *l)
{
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	l->stopping = true;
	pthread_cond_signal(&l->changed);
	pthread_mutex_unlock(&l->lock);
	if (l->thread)
		pthread_join(l->thread, NULL);
	pthread_cond_destroy(&l->changed);
	pthread_mutex_destroy(&l->lock);
	log_reader_close(l->reader);
	free(l);
}
