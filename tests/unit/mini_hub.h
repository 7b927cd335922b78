/*
 * A hub in a folder of its own, without a network: requests in, answers out, on the test's loop. One at a
 * time.
 */
#ifndef TILL_MINI_HUB_H
#define TILL_MINI_HUB_H

#include "faulty_disk.h"
#include "hub.h"
#include "hub_server.h"
#include "scratch.h"

struct mini_hub {
	struct scratch scratch;
	struct faulty_disk disk;
	struct clock_manual clock;
	struct loop *loop;
	struct hub *hub;
	struct hub_server *server; /* NULL: there is none, doorbells are counted alone */
	bool by_hand;		   /* from the next start on timers of the loop follow the clock above */
	int doorbells, drops;
	char rung[160]; /* path of the last */
};

#define MINI_HUB_NOW INT64_C(1795255200000) /* 2026-11-21T10:00:00Z */

void mini_hub_new(struct mini_hub *m); /* with a CA; running */
void mini_hub_free(struct mini_hub *m);
void mini_hub_stop(struct mini_hub *m);
void mini_hub_start(struct mini_hub *m);

/* What was answered; the body belongs to the answer. */
struct mini_answer {
	int answers;
	unsigned code; /* 205 for 2.05 */
	uint8_t *body;
	size_t length;
	char words[400]; /* the body as text */
};
void mini_answer_free(struct mini_answer *a);

/* The test fails unless that was the code, with those words in it (NULL: any); frees it. */
void mini_answer_expect(struct mini_answer a, unsigned code, const char *words);

/* A request of a box by its newest certificate; box "" is nobody, on the port for enrolment. */
struct mini_answer mini_hub_ask(struct mini_hub *m, const char *box, enum coaps_method method,
				const char *path, const char *query, struct bytes body);
struct mini_answer mini_hub_get(struct mini_hub *m, const char *box, const char *path, const char *query);

/* The serial number of the box's newest certificate. */
void mini_hub_serial(struct mini_hub *m, const char *box, char out[20]);

/* The same with a serial number of one's choice. */
struct mini_answer mini_hub_ask_as(struct mini_hub *m, const char *box, const char *serial,
				   enum coaps_method method, const char *path, const char *query,
				   struct bytes body);

/* Something for the desk, waited for. */
enum err mini_hub_do(struct mini_hub *m, void (*run)(struct desk *d, struct hub_task *t), void *arg,
		     struct why *why);

/* Until nothing is left to fold or derive, and the loop has heard of it. */
void mini_hub_settle(struct mini_hub *m);

/* Adds a box; its claim code. */
void mini_hub_claim(struct mini_hub *m, const char *name, const char *store, char code[DESK_CODE_MAX]);

/* Adds a box and enrols it. */
void mini_hub_add_box(struct mini_hub *m, const char *name, const char *store);
void mini_hub_revoke(struct mini_hub *m, const char *name);

/* Publishes lines (ended by NULL) as a file; stores up to a NULL, or NULL: the chain. */
enum err mini_hub_publish(struct mini_hub *m, const char *const *lines, bool changes,
			  const char *const *stores, struct desk_published *out, struct why *why);

/* A certificate request for a new key, as a box makes it; in the room, from its end. */
struct bytes mini_request(uint8_t *room, size_t size);

#endif
