/*
 * The control socket: one Unix socket on which tillctl, displays and POS applications ask and are told.
 * docs/control.md is the protocol. Who may open the file may use it; there is no other authority here.
 *
 * Bounds: CONTROL_CLIENTS_MAX clients (one more gets too_many_clients and is closed), CONTROL_LINE_MAX bytes
 * a request (a longer one gets line_too_long and is passed over to its newline), CONTROL_OUTPUT_MAX bytes
 * that wait for a client (it is dropped then; its further requests wait at CONTROL_OUTPUT_PAUSE already, so
 * only a client that does not read gets there), CONTROL_PENDING_MAX requests that wait for the disk,
 * CONTROL_REQUESTS_A_TURN requests of a client, and no request after CONTROL_TURN_US of all of them, before
 * the loop looks at the scanners again; it goes on with those who were not heard. Clients are watched with
 * LOOP_LAST, so that however many ask, scanners are served first.
 */
#ifndef TILL_CONTROL_H
#define TILL_CONTROL_H

#include "config.h"
#include "lane.h"
#include "loop.h"
#include "net.h"
#include "scanner.h"

#define CONTROL_CLIENTS_MAX	256
#define CONTROL_LINE_MAX	65536
#define CONTROL_OUTPUT_MAX	1048576
#define CONTROL_OUTPUT_PAUSE	65536
#define CONTROL_PENDING_MAX	256
#define CONTROL_REQUESTS_A_TURN 16
#define CONTROL_TURN_US		200
#define CONTROL_PROTOCOL	1

/* A scanner as the daemon set it up, for `lanes`. */
struct control_scanner {
	const struct scanner *scanner;
	const struct lane *lane;
};

/*
 * What came of reading the configuration anew, in sentences. report is NULL unless the new one is wrong, and
 * refused NULL unless it could not be tried: in either case what was in force stays.
 */
struct control_reloaded {
	const struct config_words *changed, *kept, *restart_needed;
	const struct config_report *report;
	const char *refused;
};
typedef void control_reloaded_fn(const struct control_reloaded *r, void *arg);

/* Who has which role, by Unix user; the daemon may change what is in it. */
struct control_roles {
	struct config_words supervisors, technicians, managers, cfos;
	struct config_words speakers; /* programs that say for whom they ask */
};

/* Strings, the net and the shop outlive the control socket. */
struct control_config {
	const struct net *net;
	const char *path;
	const char *group; /* who may open it besides the owner; "": the daemon's own group */
	const char *program, *version;
	const char *box, *store;
	struct shop *shop;
	struct overrides *overrides;	   /* NULL: nobody sets prices here */
	const struct control_roles *roles; /* NULL: nobody has one */

	/* For the verb `reload`: calls done once, now or later, on the loop's thread. NULL: there is no such
	 * verb. */
	void (*reload)(control_reloaded_fn *done, void *done_arg, void *arg);
	void *reload_arg;
};

struct control;

/*
 * Listens, and becomes the listener of the shop. A socket file that a dead daemon left is replaced; ERR_BUSY
 * if a live one serves it, ERR_EXISTS if the path is no socket.
 */
enum err control_new(struct loop *loop, const struct control_config *config, struct control **out,
		     struct why *why) MUST_CHECK;

/* What `status`, `lanes` and `refresh` look at; it starts after the socket and stops before it. All may be
 * NULL. */
void control_attach(struct control *c, struct loader *loader, struct ledger_worker *ledger,
		    const struct control_scanner *scanners, size_t scanner_count);

/* Lanes were taken off or set up anew: who subscribed to one by name gets the one of that name. */
void control_lanes_changed(struct control *c);

/* No new clients and no new requests; answers that are due still go out. */
void control_close_door(struct control *c);

/*
 * Sends what can be sent at once, closes and removes the socket. NULL is fine. The shop is still there, but
 * nothing of it waits any more (loader and ledger worker are stopped), and the loop turns no more.
 */
void control_free(struct control *c);

/* What the table of verbs says, as lines of text: for tests that hold the documents against it. */
struct buf;
enum err control_describe(struct buf *out) MUST_CHECK;

#endif
