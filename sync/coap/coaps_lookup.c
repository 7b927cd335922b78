#include "coaps_lookup.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "log.h"

/* The loop's and the thread's: who lets go of it last frees it. */
struct coaps_lookup {
	_Atomic int holders;
	struct loop *loop;
	coaps_lookup_done *done;
	void *arg;
	int event; /* the thread has ended its work: what follows is there */
	struct coaps_uri uri;
	coap_address_t at;
	enum err e;
	struct why why;
};

static _Atomic int running;

static void let_go(struct coaps_lookup *l)
{
	if (--l->holders > 0)
		return;
	close(l->event);
	free(l);
}

static void *look_up(void *arg)
{
	const uint64_t one = 1;
	struct coaps_lookup *l = arg;

	l->e = coaps_resolve(&l->uri, false, &l->at, &l->why);
	running--;
	if (write(l->event, &one, sizeof(one)) != sizeof(one))
		log_debug("a lookup's end is not heard"); /* an eventfd that is 0 takes it */
	let_go(l);
	return NULL;
}

static void heard(int fd, unsigned events, void *arg)
{
	struct coaps_lookup *l = arg;
	uint64_t count;

	(void)events;
	if (read(fd, &count, sizeof(count)) != sizeof(count))
		return;
	loop_unwatch(l->loop, l->event);
	l->done(l->e ? NULL : &l->at, l->why.text, l->arg);
	let_go(l);
}

static enum err start_thread(struct coaps_lookup *l)
{
	pthread_attr_t detached;
	pthread_t thread;
	int rc = pthread_attr_init(&detached);

	if (!rc)
		rc = pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	if (!rc)
		rc = pthread_create(&thread, &detached, look_up, l);
	(void)pthread_attr_destroy(&detached);
	return rc ? ERR_LIMIT : ERR_OK;
}

enum err coaps_lookup_begin(struct loop *loop, const struct coaps_uri *uri, coaps_lookup_done *done,
			    void *arg, struct coaps_lookup **out, struct why *why)
{
	struct coaps_lookup *l;
	enum err e;

	if (running >= COAPS_LOOKUPS_MAX)
		return fail(why, ERR_BUSY, "%s: name servers do not answer: %d lookups wait for them",
			    uri->host, COAPS_LOOKUPS_MAX);
	l = calloc(1, sizeof(*l));
	if (!l)
		return fail(why, ERR_MEMORY, "out of memory");
	*l = (struct coaps_lookup){.holders = 2, .loop = loop, .done = done, .arg = arg, .uri = *uri};
	l->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	e = l->event < 0 ? ERR_LIMIT : loop_watch(loop, l->event, LOOP_READ, heard, l);
	if (!e) {
		running++;
		e = start_thread(l);
		if (!e) {
			*out = l;
			return ERR_OK;
		}
		running--;
		loop_unwatch(loop, l->event);
	}
	if (l->event >= 0)
		close(l->event);
	free(l);
	return fail(why, e, "%s: it cannot be looked up: no more threads or descriptors", uri->host);
}

void coaps_lookup_cancel(struct coaps_lookup *l)
{
	if (!l)
		return;
	loop_unwatch(l->loop, l->event);
	let_go(l);
}
