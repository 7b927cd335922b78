/*
 * tillhub log and state: what happened, and what was made of it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disk.h"
#include "tool.h"
#include "topic.h"

#define FOLLOW_US      200000
#define LINE_MAX_BYTES (64U << 20)

/* The last records of each partition, merged by the time they were appended. */
struct tail {
	struct log_reader *reader;
	enum log_topic topic;
	int64_t next[LOG_PARTITIONS_MAX];
	struct buf line;
};

static enum err print_record(const struct log_record *r, void *arg, struct why *why)
{
	struct tail *t = arg;
	struct jsonw w;
	enum err e;

	buf_cut(&t->line, 0);
	jsonw_begin(&w, &t->line);
	e = topic_to_json(r, &w, why);
	if (!e)
		e = jsonw_end(&w);
	if (!e) {
		fwrite(buf_front(&t->line), 1, buf_length(&t->line), stdout);
		return ERR_OK;
	}
	printf("{\"topic\":\"%s\",\"partition\":%u,\"offset\":%" PRId64 ",\"unreadable\":true}\n",
	       log_topics[r->topic].name, r->partition, r->offset);
	return ERR_OK;
}

static enum err print_new(struct tail *t, struct why *why)
{
	enum err e = ERR_OK;

	for (unsigned p = 0; p < log_topics[t->topic].partitions && !e; p++) {
		struct log_position from = {t->topic, p, t->next[p]};

		e = log_read(t->reader, from, SIZE_MAX, print_record, t, &t->next[p], why);
	}
	fflush(stdout);
	return e;
}

static enum err start_at(struct tail *t, int64_t last, struct why *why)
{
	enum err e = ERR_OK;

	for (unsigned p = 0; p < log_topics[t->topic].partitions && !e; p++) {
		int64_t end = 0;

		e = log_end(t->reader, t->topic, p, &end, why);
		t->next[p] = last > 0 && end > last ? end - last : 0;
	}
	return e;
}

static enum tool_exit tail(struct tool *t)
{
	struct tail f = {0};
	struct why why = {""};
	char path[DESK_PATH_MAX];
	int64_t last;
	enum tool_exit code = tool_configure(t);
	enum err e;

	if (code != TOOL_DONE)
		return code;
	if (!tool_number(t, "last", 1, 10, &last))
		return TOOL_USAGE;
	if (log_topic_named(t->args[0], &f.topic, &why))
		return tool_fail(TOOL_USAGE, "%s", why.text);
	buf_init(&f.line, LINE_MAX_BYTES);
	e = desk_path(t->config.state_dir, "log.db", path, &why);
	if (!e)
		e = log_reader_open(path, &f.reader, &why);
	if (!e)
		e = start_at(&f, tool_option(t, "all") ? 0 : last, &why);
	if (!e)
		e = print_new(&f, &why);
	while (!e && tool_option(t, "follow") && !ferror(stdout)) {
		usleep(FOLLOW_US);
		e = print_new(&f, &why);
	}
	log_reader_close(f.reader);
	buf_free(&f.line);
	return e ? tool_fail(TOOL_FAILED, "%s", why.text) : TOOL_DONE;
}

const struct tool_command tool_log_tail = {
	.name = "log tail",
	.arguments = "TOPIC",
	.least = 1,
	.most = 1,
	.options = {{"last", "N", false, "so many records of each partition (10)"},
		    {"all", NULL, false, "all there are"},
		    {"follow", NULL, false, "go on with what is appended, until stopped"}},
	.text = "Prints records of the log as JSON, a line each.",
	.more = "Topics: sales_events, sale_lines, inventory_events, vendor_cost_updates, "
		"competitor_prices,\n"
		"promo_rules, price_updates, product_events, exchange_rates, subscription_events, "
		"publications,\n"
		"boxes, leases, redemptions, decisions, alerts.",
	.example = "tillhub log tail alerts --follow",
	.run = tail,
};

/* The state and the log of the folder. */
struct folder {
	struct state *state;
	struct log_reader *log;
};

static void close_folder(struct folder *f)
{
	state_close(f->state);
	log_reader_close(f->log);
}

static enum err open_folder(const struct tool *t, const char *file, bool writer, struct folder *f,
			    struct why *why)
{
	char path[DESK_PATH_MAX];
	enum err e = desk_path(t->config.state_dir, "log.db", path, why);

	*f = (struct folder){0};
	if (!e)
		e = log_reader_open(path, &f->log, why);
	if (!e)
		e = desk_path(t->config.state_dir, file, path, why);
	return e ? e : state_open(path, writer, &f->state, why);
}

static void show_digest(const struct tool *t, const struct digest *d, int64_t rows, size_t records)
{
	char hex[DIGEST_HEX_SIZE];

	digest_hex(d, hex);
	if (t->json)
		printf("{\"ok\":true,\"digest\":\"%s\",\"rows\":%" PRId64 ",\"records\":%zu}\n", hex, rows,
		       records);
	else
		printf("%" PRId64 " rows of %zu records, digest %s\n", rows, records, hex);
}

static enum tool_exit rebuild(struct tool *t)
{
	struct state_step step = {0};
	struct folder f = {0};
	struct digest d;
	struct why why = {""};
	int64_t rows = 0;
	enum tool_exit code = tool_configure(t);
	enum err e;

	if (code != TOOL_DONE)
		return code;
	e = open_folder(t, "state.db", true, &f, &why);
	if (!e)
		e = state_forget(f.state, &why);
	if (!e)
		e = state_catch_up(f.state, f.log, &step, &why);
	if (!e)
		e = state_digest(f.state, &d, &rows, &why);
	close_folder(&f);
	if (e)
		return tool_fail(TOOL_FAILED, "%s", why.text);
	show_digest(t, &d, rows, step.records);
	return TOOL_DONE;
}

const struct tool_command tool_state_rebuild = {
	.name = "state rebuild",
	.arguments = "",
	.text = "Makes the hub's state anew from the log.",
	.more = "While no hub runs. The log is not touched; if state.db is damaged, delete it first.",
	.example = "tillhub state rebuild",
	.run = rebuild,
};

static void remove_scratch(const char *path)
{
	static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
	char file[DESK_PATH_MAX + 8];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(file, sizeof(file), "%s%s", path, ends[i]);
		(void)unlink(file);
	}
}

/* A hub that runs folds at the same time, so what differs is looked at again, a few times. */
static enum err compare(struct folder *live, struct folder *fresh, struct digest *d, int64_t *rows,
			size_t *records, bool *same, struct why *why)
{
	enum err e = ERR_OK;

	*same = false;
	for (int i = 0; i < 5 && !e && !*same; i++) {
		struct state_step step;
		struct digest other;

		e = state_catch_up(fresh->state, fresh->log, &step, why);
		*records += e ? 0 : step.records;
		if (!e)
			e = state_digest(fresh->state, d, rows, why);
		if (!e)
			e = state_begin(live->state, why);
		if (!e)
			e = state_digest(live->state, &other, rows, why);
		state_end(live->state);
		*same = !e && memcmp(d, &other, sizeof(other)) == 0;
		if (!e && !*same)
			usleep(FOLLOW_US);
	}
	return e;
}

static enum tool_exit verify(struct tool *t)
{
	struct folder live = {0}, fresh = {0};
	struct digest d;
	struct why why = {""};
	int64_t rows = 0;
	size_t records = 0;
	bool same = false;
	char path[DESK_PATH_MAX];
	enum tool_exit code = tool_configure(t);
	enum err e;

	if (code != TOOL_DONE)
		return code;
	e = desk_path(t->config.state_dir, "verify.db", path, &why);
	if (e)
		return tool_fail(TOOL_FAILED, "%s", why.text);
	remove_scratch(path);
	e = open_folder(t, "state.db", false, &live, &why);
	if (!e)
		e = open_folder(t, "verify.db", true, &fresh, &why);
	if (!e)
		e = compare(&live, &fresh, &d, &rows, &records, &same, &why);
	close_folder(&live);
	close_folder(&fresh);
	remove_scratch(path);
	if (e)
		return tool_fail(TOOL_FAILED, "%s", why.text);
	if (!same)
		return tool_fail(TOOL_FAILED, "the state is not what the log says: tillhub state rebuild");
	show_digest(t, &d, rows, records);
	return TOOL_DONE;
}

const struct tool_command tool_state_verify = {
	.name = "state verify",
	.arguments = "",
	.text = "Folds the log from its start, and compares.",
	.more = "A hub may be running. It takes as much room again as state.db, for a while.",
	.example = "tillhub state verify",
	.run = verify,
};
