/*
 * What the files of a running hub share. Private to them; users include hub.h.
 */
#ifndef TILL_HUB_PARTS_H
#define TILL_HUB_PARTS_H

#include <pthread.h>

#include "hub.h"
#include "log.h"
#include "signed.h"

#define PAGE_SETS_KEPT	 2    /* of a scope */
#define PAGE_WAITERS_MAX 4096 /* for pages that are being made; more are asked to come again */

/* A snapshot's pages that can be asked for, of one scope. */
struct kept_pages {
	struct page_set set;
	struct kept_pages *next; /* newer first */
};

/* A request that waits for pages to be made. */
struct page_waiter {
	char store[WIRE_NAME_MAX + 1];
	hub_answer *answer;
	void *exchange;
	struct page_waiter *next;
};

/* Whom the doorbell is rung for. */
struct store_version {
	char store[WIRE_NAME_MAX + 1];
	int64_t version;
	struct store_version *next;
};

struct hub {
	struct loop *loop;
	struct hub_options o;
	struct event_log *log;
	struct log_reader *reader; /* the loop's */
	struct state *state;	   /* the loop's, to read */
	struct registry *registry;
	struct ingest *ingest;
	struct signer *signer;
	struct authority *authority; /* for its certificate alone */
	struct kept_pages *pages;
	struct page_waiter *waiters; /* for the task that makes pages, one at a time */
	unsigned waiter_count;
	bool making_pages;
	struct store_version *stores;
	struct arena arena; /* of the request at hand */
	struct buf out;	    /* of the answer at hand */
	uint64_t requests, refused, uploads_seen;
	struct log_limit refusals;

	struct loop_timer *tell; /* hub_told.c */
	struct hub_lines *lines;
	struct desk desk; /* the desk thread's */
	pthread_t thread;
	struct loop_wake *wake;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct hub_task *tasks, **tasks_end, *finished, **finished_end;
	unsigned waiting;
	struct state_step news; /* what was folded since the loop looked */
	bool poked, stopping;
};

/* A request on its way through the routes. */
struct call {
	struct hub *h;
	const struct hub_request *r;
	hub_answer *answer;
	void *exchange;
	const char *name;    /* {box} or {store} of the path */
	const char *rest;    /* what is behind the route */
	struct hub_box *box; /* who asks; NULL without a certificate */
};

/* Answers. With words: for a person, instead of a message. */
void call_answer(const struct call *c, unsigned code, const void *body, size_t n);
void call_message(const struct call *c, unsigned code, const struct schema *s, const void *message);
void call_refuse(const struct call *c, unsigned code, const char *fmt, ...) PRINTF_LIKE(3, 4);
void call_failed(const struct call *c, enum err e, const struct why *why);

/* Another thing for the desk, with room for what the call needs: see hub_enrol.c. */
void hub_poke(struct hub *h);

/* The routes' handlers. */
void hub_time(const struct call *c);
void hub_show_authority(const struct call *c);
void hub_enrol(const struct call *c);
void hub_renew(const struct call *c);
void hub_hello(const struct call *c);
void hub_events(const struct call *c);
void hub_feed(const struct call *c);
void hub_version(const struct call *c);
void hub_snapshot(const struct call *c);
void hub_page(const struct call *c);

/*
 * hub_lines.c: a thread that makes sale lines of uploads, behind all else: nobody waits for it, and a backlog
 * of boxes is not held up by it. It begins with what was left over; a poke says that there is more.
 */
struct hub_lines;
enum err hub_lines_start(struct event_log *log, const char *path, struct hub_lines **out,
			 struct why *why) MUST_CHECK;
void hub_lines_poke(struct hub_lines *l);
void hub_lines_stop(struct hub_lines *l); /* NULL: nothing */

/* hub_told.c: the box asks for something; what its hello says. */
enum err hub_told_start(struct hub *h) MUST_CHECK;
void hub_saw(struct hub *h, struct hub_box *b);
void hub_told(struct hub *h, struct hub_box *b, const struct wire_hello *hello);

/* hub_pages.c */
void hub_drop_pages(struct hub *h);

#endif
