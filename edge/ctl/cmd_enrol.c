/*
 * tillctl enrol: the box's first certificate, for a claim code that headquarters gave out. The key is made
 * here.
 *
 * Headquarters has to be known before the code is sent: by its CA's certificate, or by the SHA-256 of that,
 * for which it is then asked. Two connections: the first takes anybody's word for a certificate that is
 * checked by its hash, the second nobody's but that CA's.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "coaps_client.h"
#include "ctl.h"
#include "log.h"
#include "papers.h"
#include "tilld_config.h"
#include "wire.h"

#define PATIENCE_MS 20000

struct enrol {
	struct ctl *ctl;
	struct loop *loop;
	struct papers papers;
	struct coaps_uri uri;
	const char *code, *name;
	char pinned[PAPERS_PATH_MAX + 8]; /* the CA, until it is known to be ours */
	enum coaps_state state;
	struct why down;
	bool done;
	unsigned answer_code;
	struct buf answer;
	struct why why;
};

static void changed(enum coaps_state state, const char *reason, void *arg)
{
	struct enrol *n = arg;

	n->state = state;
	(void)fail(&n->down, ERR_CLOSED, "%s", reason);
}

static void answered(const struct coaps_answer *a, void *arg)
{
	struct enrol *n = arg;

	n->done = true;
	n->answer_code = a->code;
	n->down = a->why;
	buf_take(&n->answer, buf_length(&n->answer));
	if (a->length && !buf_add(&n->answer, a->body, a->length))
		n->answer_code = 0;
}

/* Connects, asks, waits for the answer; ca NULL: whoever answers will do. */
static enum err ask(struct enrol *n, const char *ca, const struct coaps_call *what)
{
	struct coaps_client_options o = {
		.identity = {.ca = ca}, .name = n->name, .changed = changed, .arg = n};
	struct coaps_call call = *what;
	struct coaps_client *client;
	enum err e = coaps_client_new(n->loop, &o, &client, &n->why);

	if (e)
		return e;
	n->done = false;
	n->state = COAPS_CONNECTING;
	call.timeout_ms = PATIENCE_MS;
	call.done = answered;
	call.arg = n;
	e = coaps_client_open(client, &n->uri, &n->why);
	while (!e && n->state == COAPS_CONNECTING)
		loop_turn(n->loop, -1);
	if (!e && n->state == COAPS_UP)
		e = coaps_client_send(client, &call);
	while (!e && n->state == COAPS_UP && !n->done)
		loop_turn(n->loop, -1);
	coaps_client_free(client);
	if (e)
		return n->why.text[0] ? e : fail(&n->why, e, "the request could not be sent");
	if (!n->done || n->answer_code == 0)
		return fail(&n->why, ERR_CLOSED, "%s: %s", n->ctl->args[0], n->down.text);
	return ERR_OK;
}

static enum err refused(struct enrol *n)
{
	return fail(&n->why, ERR_DENIED, "headquarters refuses (%s): %.*s",
		    coaps_code_show(n->answer_code).text, (int)buf_length(&n->answer),
		    buf_length(&n->answer) ? (const char *)buf_front(&n->answer) : "");
}

/* The CA's certificate from whoever answers, if it has the SHA-256 that we were told. */
static enum err fetch_ca(struct enrol *n, const char *wanted)
{
	struct coaps_call call = {.method = COAPS_GET, .path = "v1/authority"};
	struct wire_authority authority;
	struct arena a = ARENA_EMPTY;
	char hex[DIGEST_HEX_SIZE];
	struct digest d;
	enum err e = ask(n, NULL, &call);

	if (!e && n->answer_code != COAPS_CONTENT)
		e = refused(n);
	if (!e)
		e = wire_decode(&wire_authority_schema, buf_front(&n->answer), buf_length(&n->answer), &a,
				&authority, &n->why);
	if (!e) {
		digest_of(authority.authority.at, authority.authority.length, &d);
		digest_hex(&d, hex);
		if (strcasecmp(hex, wanted) != 0)
			e = fail(&n->why, ERR_DENIED,
				 "who answers is not the headquarters we were told of: its CA has the "
				 "SHA-256 %s; nothing "
				 "was sent to it",
				 hex);
	}
	if (!e)
		e = papers_write_ca(&n->papers, n->pinned, authority.authority, &n->why);
	arena_free(&a);
	return e;
}

static enum err read_answer(struct enrol *n, struct arena *a, struct wire_enrolled *out)
{
	if (n->answer_code != COAPS_CREATED)
		return refused(n);
	return wire_decode(&wire_enrolled_schema, buf_front(&n->answer), buf_length(&n->answer), a, out,
			   &n->why);
}

static enum err claim(struct enrol *n, struct arena *a, struct wire_enrolled *out)
{
	struct coaps_call call = {.method = COAPS_POST, .path = "v1/enrol"};
	struct wire_enrol wish;
	struct buf request, message;
	enum err e;

	buf_init(&request, PAPERS_DER_MAX);
	buf_init(&message, PAPERS_DER_MAX + 1024);
	wire_init(&wire_enrol_schema, &wish);
	wish.code = n->code;
	e = papers_request(&n->papers, "box", &request, &n->why);
	wish.request = (struct bytes){buf_front(&request), buf_length(&request)};
	if (!e)
		e = wire_encode(&wire_enrol_schema, &wish, &message, &n->why);
	call.body = buf_front(&message);
	call.length = buf_length(&message);
	if (!e)
		e = ask(n, n->pinned, &call);
	if (!e)
		e = read_answer(n, a, out);
	if (!e && !papers_is_ca(n->pinned, out->authority))
		e = fail(&n->why, ERR_DENIED, "headquarters speaks of another CA than %s", n->pinned);
	if (!e)
		e = papers_take(&n->papers, out->certificate, out->authority, &n->why);
	buf_free(&request);
	buf_free(&message);
	return e;
}

static void print(struct ctl *ctl, const struct enrol *n, const struct wire_enrolled *given)
{
	long long days = (long long)((n->papers.to_ms - n->papers.from_ms) / 86400000);

	if (ctl->json) {
		json_t *all = json_pack("{s:b, s:s, s:s, s:I}", "ok", 1, "box", given->box, "store",
					given->store, "days", (json_int_t)days);

		ctl_print(all);
		return;
	}
	printf("This is box %s of store %s now, for %lld days; till-sync gets new certificates by itself.\n",
	       given->box, given->store, days);
	printf("tilld.conf has to say so: box = %s, store = %s, and [hq] uri, usually coaps+tcp://%s:5684\n",
	       given->box, given->store, n->uri.host);
}

static enum err run_steps(struct enrol *n, struct wire_enrolled *given, struct arena *a)
{
	const char *ca = ctl_option(n->ctl, "ca"), *hash = ctl_option(n->ctl, "ca-sha256");
	enum err e = coaps_uri_parse(n->ctl->args[0], &n->uri, &n->why);

	if (!e && (ca != NULL) == (hash != NULL))
		e = fail(&n->why, ERR_INVALID,
			 "headquarters has to be known: give either --ca FILE or --ca-sha256 HEX, as "
			 "'tillhub box add' "
			 "prints it");
	if (e)
		return e;
	n->name = ctl_option(n->ctl, "name") ? ctl_option(n->ctl, "name") : n->uri.host;
	if (ca)
		snprintf(n->pinned, sizeof(n->pinned), "%s", ca);
	else if (hash)
		e = fetch_ca(n, hash);
	return e ? e : claim(n, a, given);
}

static enum ctl_exit enrol(struct ctl *ctl)
{
	struct enrol n = {.ctl = ctl, .code = ctl->args[1]};
	struct arena a = ARENA_EMPTY;
	struct wire_enrolled given = {0};
	enum ctl_exit code = ctl_configure(ctl);
	enum err e;

	if (code != CTL_DONE)
		return code;
	log_open("tillctl", LOG_ERROR); /* what fails is told below, and once */
	umask(0007);			/* the key is the group's, till-sync's among it, and nobody else's */
	papers_place(ctl->state_dir, &n.papers);
	snprintf(n.pinned, sizeof(n.pinned), "%s.told", n.papers.ca);
	buf_init(&n.answer, (size_t)PAPERS_DER_MAX * 4);
	if (loop_new(&clock_system, &n.loop) != ERR_OK)
		return ctl_fail(CTL_FAILED, "the event loop could not start");
	e = run_steps(&n, &given, &a);
	loop_free(n.loop);
	buf_free(&n.answer);
	if (!e)
		print(ctl, &n, &given);
	else
		code = ctl_fail(e == ERR_INVALID ? CTL_USAGE : CTL_FAILED, "%s", n.why.text);
	arena_free(&a);
	return code;
}

const struct ctl_command cmd_enrol = {
	.name = "enrol",
	.arguments = "URI CODE",
	.least = 2,
	.most = 2,
	.options = {{"ca", "FILE", "headquarters' CA, its certificate in PEM"},
		    {"ca-sha256", "HEX", "or the SHA-256 of it, which is asked for"},
		    {"name", "NAME", "in headquarters' certificate, if not URI's host"}},
	.text = "Gets this box's certificate for a claim code.",
	.more = "CODE is good once, and for this box: 'tillhub box add' gives it out, with the SHA-256. The "
		"key is made\n"
		"here and never leaves. URI is where headquarters enrols, usually coaps+tcp://HOST:5685.",
	.example = "tillctl enrol coaps+tcp://hq.example:5685 KX7P-M2QD-9TRA --ca-sha256 5f1c...",
	.run = enrol,
};
