/*
 * A running hub: the log, a desk on a thread of its own, and what boxes ask, on the loop's thread. It knows
 *no network: a transport hands it requests and gets answers (hub_server.h; tests call it directly).
 *
 *	loop	requests; uploads judged; feed and pages read; answers
 *	log	group commits (event_log.h)
 *	desk	the fold, sale lines, enrolment, publications, page sets: a queue of tasks, the fold when
 *there is none
 */
#ifndef TILL_HUB_H
#define TILL_HUB_H

#include "coaps.h"
#include "desk.h"
#include "ingest.h"
#include "loop.h"

#define HUB_TASKS_MAX 4096 /* that wait for the desk; more requests are answered 5.03 */

struct hub;

struct hub_options {
	const char *dir;
	const struct disk *disk;
	const struct clock *clock;
	int64_t box_ms;		       /* that a box's certificate holds */
	const struct hub_roles *roles; /* of who approves what is published; NULL: nothing waits */
	/* The log cannot be written any more: the program must end. */
	loop_fn *failed;
	/* Who observes that path is to be told; NULL: nobody. On the loop's thread. */
	void (*notify)(const char *path, const void *body, size_t n, void *arg);
	/* A box has been revoked: its sessions are to be closed. NULL: as above. */
	void (*drop)(const char *box, void *arg);
	/* Certificates have changed: for new sessions. NULL: nobody is told. */
	void (*reload)(void *arg);
	void *arg;
};

/* The folder has a CA (authority_create). Folds all that is new in the log before it returns. */
enum err hub_open(struct loop *loop, const struct hub_options *o, struct hub **out,
		  struct why *why) MUST_CHECK;

/* Answers what can be answered, writes what is queued, ends both threads. The loop is not turned afterwards.
 * NULL is fine. */
void hub_close(struct hub *h);

/* Who asks, and what. Valid while hub_request runs. */
struct hub_request {
	const char *peer;   /* name in the client's certificate; "": it has none */
	const char *serial; /* of that certificate, in hexadecimal */
	bool enrolment;	    /* it came to the port that asks for no certificate */
	enum coaps_method method;
	const char *path, *query; /* "v1/boxes/b/events", "after=9" */
	struct bytes body;
};

/* answer runs once, on the loop's thread: inside hub_request or later. A body below 4.00 is a message. */
typedef void hub_answer(void *exchange, unsigned code, const void *body, size_t n);
void hub_request(struct hub *h, const struct hub_request *r, hub_answer *answer, void *exchange);

/*
 * Something for the desk: run on its thread, then done on the loop's. ERR_LIMIT: HUB_TASKS_MAX wait. The task
 * is the hub's from here until done.
 */
struct hub_task {
	void (*run)(struct desk *d, struct hub_task *t);
	void (*done)(struct hub_task *t); /* frees it */
	void *arg;
	enum err result;
	struct why why;
	struct hub_task *next; /* the hub's */
};
enum err hub_submit(struct hub *h, struct hub_task *t) MUST_CHECK;

/*
 * Members: when boxes asked for something last, from that place on, [["box-1", milliseconds], ...], and
 * where to go on; 0: that was all. On the loop's thread.
 */
struct jsonw;
void hub_show_seen(struct hub *h, size_t from, struct jsonw *w);

struct hub_counts {
	struct log_counts log;
	struct ingest_counts ingest;
	uint64_t requests, refused; /* refused: 4.xx */
	size_t boxes;
};
void hub_counts(struct hub *h, struct hub_counts *out);

#endif
