/*
 * What the files of the control socket share: its state, requests, and the way to answer them.
 */
#ifndef TILL_CONTROL_PARTS_H
#define TILL_CONTROL_PARTS_H

#include <jansson.h>

#include "client.h"
#include "control.h"
#include "jsonw.h"
#include "log.h"
#include "overrides.h"

/* Whom to answer: kept by value, so that it may outlast the client. */
struct reply {
	struct control *control;
	uint32_t slot, generation;
	char id[CLIENT_ID_MAX]; /* JSON; "": the request had none */
};

/* A request that waits for the ledger or the loader. */
struct pending {
	struct reply reply;
	struct pending *next; /* of the free ones */
};

struct control {
	struct loop *loop;
	struct control_config config;
	struct loader *loader;
	struct ledger_worker *ledger;
	const struct control_scanner *scanners;
	size_t scanner_count;
	int listener, lock;
	struct loop_timer *retry; /* accept again when descriptors ran out */
	struct loop_timer *again; /* for requests that had to wait for the next turn */
	struct loop_timer *trim;  /* memory that clients gave back goes back to the system */
	size_t given_back;	  /* bytes, since */
	int64_t started_us;
	bool closing;
	struct log_limit arrivals;

	struct client clients[CONTROL_CLIENTS_MAX];
	struct client *open[CONTROL_CLIENTS_MAX]; /* those with a descriptor, close together */
	uint32_t open_count;
	uint32_t
		first; /* in the row of open ones, who is heard first: the last turn was over before it was */
	bool unsettled; /* some client has output, a pause or an end to see to before the loop sleeps */

	struct pending pending[CONTROL_PENDING_MAX];
	struct pending *free_pending;

	struct buf event; /* an event on its way out */
	struct shop_events *shop_events;
};

/* The listening socket (control_socket.c): lock is held as long as the daemon lives. */
enum err control_listen(struct control *c, struct why *why) MUST_CHECK;
void control_unlisten(struct control *c);

/* The shop's listener (events.c). */
void control_news(const struct lane_news *news, void *arg);

/* A request being handled: valid during the verb's handler. */
struct verb;
struct request {
	struct reply reply;
	struct client *client;
	const struct verb *verb;
	json_t *json;
	struct lane *lane; /* of its member "lane", if the verb has one and it was given */
};

/* One line of a client (request.c): parsed, checked against the verb's members, and run. */
void request_take(struct client *client, const char *line, size_t n, bool over_long);

/*
 * An answer: begin, then members, then end. False when the client is gone: nothing may be written. No lane
 * or shop function that tells news may be called in between, since an event is a line of its own.
 */
bool reply_begin(const struct reply *r, struct jsonw *w);
void reply_end(const struct reply *r, struct jsonw *w);

/* The answer to what was not done: a code of docs/control.md and a sentence; or the lane's refusal. */
void reply_error(const struct reply *r, const char *code, const char *fmt, ...) PRINTF_LIKE(3, 4);
void reply_refusal(const struct reply *r, const struct answer *a);

/* The request goes on waiting: NULL when too many do (and that was answered). */
struct pending *request_wait(struct request *r);
void pending_done(struct pending *p);

/* Ends what waited for a lane (verbs_pay.c): the refusal, or an answer with these members; warns: of a disk
 * that runs full, too. */
void pending_finish(struct pending *p, struct lane *l, const struct answer *a,
		    void (*members)(struct lane *l, struct jsonw *w), bool warns);

/* Members, checked for their type already. NULL or `absent` when not given. */
const char *request_text(const struct request *r, const char *name);
bool request_flag(const struct request *r, const char *name);

/*
 * A quantity or an amount as decimal text or whole number; absent ones give *out AMOUNT_NONE. False when it
 * is none, which was answered then.
 */
bool request_quantity(const struct request *r, struct qty *out);
bool request_amount(const struct request *r, const json_t *value, const char *name, struct money *out);

/*
 * Who asks: the Unix user at the other end, or the one that `by` names, if that user may speak for others.
 * name is the room for it. False: he may not, which was answered. (verbs_override.c)
 */
bool request_person(const struct request *r, char name[PERSON_NAME_MAX + 1], struct person *out);

/* Members: the time that prices go by, and who vouches for it (verbs_shop.c). */
void control_clock_json(const struct time_state *s, struct jsonw *w);

/* A line number, from 1; 0 when absent. Answers and returns false if it is none. */
bool request_line(const struct request *r, uint32_t *out);

#endif
