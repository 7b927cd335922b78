/*
 * tillhub box: who is registered.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin.h"
#include "civil.h"
#include "hub_socket.h"
#include "jsonw.h"
#include "tool.h"

/* How the box is told whom to trust; only who may read the CA's folder can say. */
static void show_fingerprint(const struct hub_config *c)
{
	char hex[DIGEST_HEX_SIZE];
	struct authority *a;
	struct digest d;

	if (authority_open(c->state_dir, &a, NULL))
		return;
	digest_of(authority_certificate(a).at, authority_certificate(a).length, &d);
	digest_hex(&d, hex);
	printf(" --ca-sha256 %s", hex);
	authority_close(a);
}

static void show_code(const struct tool *t, const json_t *answer)
{
	const struct hub_config *c = &t->config;
	const char *port = strrchr(c->enrol, ':');

	printf("claim code of box %s: %s, good once, for %s hours. On the box:\n"
	       "tillctl enrol coaps+tcp://%s%s %s",
	       t->args[0], tool_text(answer, "code"),
	       tool_option(t, "hours") ? tool_option(t, "hours") : "72", c->names.at[0], port ? port : "",
	       tool_text(answer, "code"));
	show_fingerprint(c);
	putchar('\n');
}

static enum tool_exit add(struct tool *t)
{
	int64_t hours;

	if (!tool_number(t, "hours", 1, 72, &hours))
		return TOOL_USAGE;
	return tool_ask(t,
			json_pack("{s:s, s:s, s:s, s:I}", "do", "box_add", "box", t->args[0], "store",
				  t->args[1], "hours", (json_int_t)hours),
			show_code);
}

const struct tool_command tool_box_add = {
	.name = "box add",
	.arguments = "BOX STORE",
	.least = 2,
	.most = 2,
	.options = {{"hours", "N", false, "how long the claim code is good (72)"}},
	.text = "Registers a box, and gives a claim code for it.",
	.more = "For a box that is registered: another code, for a new machine of that name. Its use\n"
		"ends all certificates that the box had.",
	.example = "tillhub box add box-1 S1",
	.run = add,
};

static void show_done(const struct tool *t, const json_t *answer)
{
	(void)answer;
	printf("box %s: done\n", t->args[0]);
}

static enum tool_exit revoke(struct tool *t)
{
	return tool_ask(t, json_pack("{s:s, s:s}", "do", "box_revoke", "box", t->args[0]), show_done);
}

const struct tool_command tool_box_revoke = {
	.name = "box revoke",
	.arguments = "BOX",
	.least = 1,
	.most = 1,
	.text = "Ends all certificates of a box, at once.",
	.more = "It can enrol again with a new claim code.",
	.example = "tillhub box revoke box-1",
	.run = revoke,
};

static enum tool_exit release(struct tool *t)
{
	return tool_ask(t, json_pack("{s:s, s:s}", "do", "box_release", "box", t->args[0]), show_done);
}

const struct tool_command tool_box_release = {
	.name = "box release",
	.arguments = "BOX",
	.least = 1,
	.most = 1,
	.text = "Lets a box whose ledger was restored go on.",
	.more = "It goes on where its ledger was restored to, as a new incarnation; what the hub has of\n"
		"it from after that place stays in the log. docs/operations.md tells when to do so.",
	.example = "tillhub box release box-1",
	.run = release,
};

struct listing {
	const struct tool *t;
	size_t count;
	json_t *seen; /* by box, as the hub that runs knows it; without one what the log knows counts */
};

/* Asks the running hub, page by page. Without one, or if it is older, nothing is known. */
static void ask_seen(struct listing *l)
{
	json_int_t from = 0;

	do {
		char line[64];
		int n = snprintf(line, sizeof(line), "{\"do\":\"seen\",\"from\":%lld}\n", (long long)from);
		json_t *answer = NULL, *pair;
		struct buf out;
		size_t i;

		buf_init(&out, (size_t)2 * ADMIN_LINE_MAX);
		if (hub_socket_ask(l->t->config.state_dir, line, (size_t)n, &out, NULL) == ERR_OK)
			answer = json_loadb((const char *)buf_front(&out), buf_length(&out), 0, NULL);
		buf_free(&out);
		from = json_integer_value(json_object_get(answer, "next"));
		json_array_foreach (json_object_get(answer, "seen"), i, pair) {
			const char *box = json_string_value(json_array_get(pair, 0));

			if (box)
				json_object_set(l->seen, box, json_array_get(pair, 1));
		}
		json_decref(answer);
	} while (from > 0);
}

static int64_t seen_ms(const struct listing *l, const struct state_box *b)
{
	json_int_t live = json_integer_value(json_object_get(l->seen, b->name));

	return live > b->seen_ms ? live : b->seen_ms;
}

static const char *status_of(const struct state_box *b)
{
	if (b->quarantine)
		return "quarantine";
	if (b->serial == 0)
		return "claimed";
	return b->serial < b->least_serial ? "revoked" : "enrolled";
}

/* What it said of itself. */
static void put_told(struct jsonw *w, const struct state_box *b)
{
	char names[TOLD_FEATURES_MAX], *rest = NULL;

	jsonw_text(w, "program", b->program);
	if (!b->program)
		return;
	jsonw_int(w, "semantics", b->semantics);
	jsonw_int(w, "min_reader", b->min_reader);
	snprintf(names, sizeof(names), "%s", b->features);
	jsonw_array(w, "features");
	for (char *at = strtok_r(names, " ", &rest); at; at = strtok_r(NULL, " ", &rest))
		jsonw_text(w, NULL, at);
	jsonw_close(w);
}

static void print_json(const struct listing *l, const struct state_box *b)
{
	struct jsonw w;
	struct buf line;

	buf_init(&line, 16384);
	jsonw_begin(&w, &line);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "box", b->name);
	jsonw_text(&w, "store", b->store);
	jsonw_text(&w, "status", status_of(b));
	if (b->quarantine)
		jsonw_text(&w, "reason", b->quarantine);
	jsonw_int(&w, "incarnation", b->incarnation);
	jsonw_int(&w, "segment", b->head.segment);
	jsonw_int(&w, "sequence", b->head.sequence);
	jsonw_int(&w, "events", b->events);
	jsonw_int(&w, "certificate_until", b->expires_ms / 1000);
	put_told(&w, b);
	if (seen_ms(l, b) > 0)
		jsonw_int(&w, "seen", seen_ms(l, b) / 1000);
	else
		jsonw_null(&w, "seen");
	jsonw_close(&w);
	if (jsonw_end(&w) == ERR_OK)
		fwrite(buf_front(&line), 1, buf_length(&line), stdout);
	buf_free(&line);
}

static enum err print_box(const struct state_box *b, void *arg, struct why *why)
{
	struct listing *l = arg;
	char until[CIVIL_TEXT_MAX] = "-", seen[CIVIL_TEXT_MAX] = "never", head[48];

	(void)why;
	if (l->t->json) {
		print_json(l, b);
		return ERR_OK;
	}
	if (l->count++ == 0)
		printf("%-16s %-12s %-11s %10s %14s  %-20s  %-20s  %s\n", "BOX", "STORE", "STATUS", "EVENTS",
		       "NEWEST", "CERTIFICATE UNTIL", "LAST SEEN", "PROGRAM");
	if (b->serial > 0)
		civil_format(b->expires_ms / 1000, true, until);
	if (seen_ms(l, b) > 0)
		civil_format(seen_ms(l, b) / 1000, true, seen);
	snprintf(head, sizeof(head), "%" PRId64 "/%" PRId64, b->head.segment, b->head.sequence);
	printf("%-16s %-12s %-11s %10" PRId64 " %14s  %-20s  %-20s  %s\n", b->name, b->store, status_of(b),
	       b->events, head, until, seen, b->program ? b->program : "-");
	if (b->quarantine)
		printf("    %s\n", b->quarantine);
	return ERR_OK;
}

static enum tool_exit list(struct tool *t)
{
	struct listing l = {.t = t};
	struct state *s = NULL;
	struct why why = {""};
	enum tool_exit code = tool_configure(t);
	enum err e;

	if (code != TOOL_DONE)
		return code;
	e = desk_open_state(t->config.state_dir, &s, &why);
	if (!e) {
		l.seen = json_object();
		ask_seen(&l);
		e = state_boxes(s, print_box, &l, &why);
		json_decref(l.seen);
	}
	if (!e && l.count == 0 && !t->json)
		puts("no box is registered; tillhub box add BOX STORE registers one");
	state_close(s);
	return e ? tool_fail(TOOL_FAILED, "%s", why.text) : TOOL_DONE;
}

const struct tool_command tool_box_list = {
	.name = "box list",
	.arguments = "",
	.text = "Lists the boxes, what is held of each, and quarantines.",
	.more = "With --json a line for each, with what it said of itself: program, semantics, features.\n"
		"When a box asked for something last is known to the second while the hub runs, else from\n"
		"its uploads, and to the day.",
	.example = "tillhub box list",
	.run = list,
};
