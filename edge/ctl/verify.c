/*
 * Checking the chain. See verify.h.
 */
#include "verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "priority.h"

#define ANCHOR_SIZE (48 + DIGEST_HEX_SIZE)

static void show_progress(int64_t done, int64_t all, void *shown)
{
	*(bool *)shown = true;
	fprintf(stderr, "\rledger.db: %3d %%\033[K", (int)(done * 100 / (all > done ? all : done)));
}

static void write_anchor(const struct ledger_position *at, char out[ANCHOR_SIZE])
{
	char hex[DIGEST_HEX_SIZE];

	digest_hex(&at->hash, hex);
	snprintf(out, ANCHOR_SIZE, "%" PRId64 "/%" PRId64 ":%s", at->segment, at->sequence, hex);
}

static bool read_digest(const char *hex, struct digest *out)
{
	static const char digits[] = "0123456789abcdef";

	if (strlen(hex) != DIGEST_HEX_SIZE - 1 || strspn(hex, digits) != DIGEST_HEX_SIZE - 1)
		return false;
	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		size_t high = (size_t)(strchr(digits, hex[2 * i]) - digits);
		size_t low = (size_t)(strchr(digits, hex[2 * i + 1]) - digits);

		out->bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* A number from 1, and what stands behind it. */
static bool read_number(const char **text, char behind, int64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoll(*text, &end, 10);
	if (errno != 0 || *out < 1 || *end != behind)
		return false;
	*text = end + 1;
	return true;
}

bool verify_read_anchor(const char *text, struct ledger_position *out)
{
	return read_number(&text, '/', &out->segment) && read_number(&text, ':', &out->sequence) &&
	       read_digest(text, &out->hash);
}

/* What holds may still not be all there was. */
static void print_losses(const struct ledger_verdict *v)
{
	if (v->losses)
		printf("Events are lost: %" PRId64
		       " of its segments began with a restored or cut off ledger, "
		       "the newest is %" PRId64 "\n",
		       v->losses, v->loss_segment);
	if (v->put_back)
		puts("It was put back from a backup; the next start of tilld notes what is lost");
}

/* A kill between a commit and its mark leaves that, as does a look at a ledger that is being written. */
static void print_unmarked(const struct ledger_verdict *v)
{
	if (v->unmarked)
		printf("ledger.head names event %" PRId64 " as the newest, and %" PRId64
		       " came after it: just now, or before tilld was killed;\n"
		       "they hold, and the next commit or start of tilld notes them there\n",
		       v->events - v->unmarked, v->unmarked);
}

static void print_verdict(const struct ledger_verdict *v)
{
	char anchor[ANCHOR_SIZE];

	write_anchor(&v->at, anchor);
	printf("%" PRId64 " events, every one chained to the one before\n", v->events);
	print_losses(v);
	print_unmarked(v);
	if (v->events > 0)
		printf("The newest, to be kept elsewhere and held against the ledger later (--anchor):\n%s\n",
		       anchor);
}

static void print_json(const struct ledger_verdict *v)
{
	char anchor[ANCHOR_SIZE];
	json_t *json;

	write_anchor(&v->at, anchor);
	json = json_pack("{s:b, s:s, s:I, s:I, s:I, s:I, s:b, s:I, s:s}", "ok", 1, "box", v->box, "events",
			 (json_int_t)v->events, "segment", (json_int_t)v->at.segment, "sequence",
			 (json_int_t)v->at.sequence, "losses", (json_int_t)v->losses, "put_back", v->put_back,
			 "unmarked", (json_int_t)v->unmarked, "anchor", anchor);
	ctl_print(json);
}

/* As the daemon tells errors; the event by its number in the ledger. */
static void print_fault_json(const struct ledger_verdict *v, const struct why *why)
{
	json_t *json = json_pack("{s:b, s:{s:s, s:s}, s:s, s:I, s:I}", "ok", 0, "error", "code", "corrupt",
				 "message", why->text, "fault", ledger_fault_name(v->fault), "event",
				 (json_int_t)v->fault_id, "events", (json_int_t)v->events);

	ctl_print(json);
}

enum ctl_exit verify_ledger(const struct ctl *ctl, struct ledger_reader *r,
			    const struct ledger_position *anchor)
{
	bool shown = false;
	const struct ledger_watch watch = {.progress =
						   isatty(STDERR_FILENO) && !ctl->json ? show_progress : NULL,
					   .arg = &shown,
					   .anchor = anchor};
	struct ledger_verdict v;
	struct why why = {0};
	enum err e;

	priority_behind(); /* nobody at a till waits for it */
	e = ledger_audit(r, &watch, &v, &why);
	if (shown)
		fputs("\r\033[K", stderr);
	if (ctl->json && v.fault != FAULT_NONE)
		print_fault_json(&v, &why);
	if (e != ERR_OK)
		return ctl_fail(CTL_FAILED, "%s (%" PRId64 " events before it hold)", why.text, v.events);
	if (ctl->json)
		print_json(&v);
	else
		print_verdict(&v);
	return CTL_DONE;
}
