/*
 * tillhub ca: headquarters' certificate authority, and another one in its place.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tool.h"

static struct authority_options options_of(const struct hub_config *c)
{
	return (struct authority_options){.dir = c->state_dir,
					  .hosts = c->names.at,
					  .host_count = c->names.count,
					  .now_ms = clock_utc_ms(&clock_system)};
}

/* How many boxes keep the next step waiting. Without a state there are none. */
static struct desk_behind find_behind(const struct hub_config *c, const struct authority *a)
{
	struct desk_behind behind = {0};
	struct state *s = NULL;

	if (desk_open_state(c->state_dir, &s, NULL) == ERR_OK &&
	    desk_authority_behind(s, a, &behind, NULL) != ERR_OK)
		behind = (struct desk_behind){0};
	state_close(s);
	return behind;
}

static const char *step_of(const struct authority *a)
{
	switch (authority_phase(a)) {
	case AUTHORITY_NEXT:
		return "change";
	case AUTHORITY_OLD:
		return "retire";
	case AUTHORITY_ONE:
		break;
	}
	return "next";
}

static void show_besides(const struct hub_config *c, const struct authority *a, bool json)
{
	struct desk_behind behind = find_behind(c, a);
	struct digest other;
	char hex[DIGEST_HEX_SIZE];

	if (!authority_other(a, &other))
		return;
	digest_hex(&other, hex);
	if (json) {
		printf(",\"%s_sha256\":\"%s\",\"step\":\"%s\",\"waits_for\":%zu",
		       authority_phase(a) == AUTHORITY_NEXT ? "next" : "old", hex, step_of(a), behind.count);
		return;
	}
	printf("%s: %s\nTo go on: tillhub ca %s", authority_phase(a) == AUTHORITY_NEXT ? "Next CA" : "Old CA",
	       hex, step_of(a));
	if (behind.count > 0)
		printf(", once %zu boxes were here, such as %s", behind.count, behind.box);
	putchar('\n');
}

static enum tool_exit show_authority(const struct hub_config *c, bool json)
{
	struct authority *a;
	struct digest d;
	struct why why = {""};
	char hex[DIGEST_HEX_SIZE];

	if (authority_open(c->state_dir, &a, &why))
		return tool_fail(TOOL_FAILED, "%s", why.text);
	digest_of(authority_certificate(a).at, authority_certificate(a).length, &d);
	digest_hex(&d, hex);
	if (json)
		printf("{\"ok\":true,\"file\":\"%s/ca.pem\",\"sha256\":\"%s\"", c->state_dir, hex);
	else
		printf("CA: %s/ca.pem\nSHA-256: %s\n", c->state_dir, hex);
	show_besides(c, a, json);
	if (json)
		puts("}");
	authority_close(a);
	return TOOL_DONE;
}

static enum tool_exit ca_init(struct tool *t)
{
	struct authority_options o;
	struct why why = {""};
	enum tool_exit code = tool_configure(t);
	enum err e;

	if (code != TOOL_DONE)
		return code;
	o = options_of(&t->config);
	e = tool_make_folder(t->config.state_dir, &why);
	if (!e)
		e = authority_create(&o, &why);
	return e ? tool_fail(TOOL_FAILED, "%s", why.text) : show_authority(&t->config, t->json);
}

const struct tool_command tool_ca_init = {
	.name = "ca init",
	.arguments = "",
	.text = "Makes the CA, the hub's certificate and the signer's.",
	.more = "'tillhub serve' does so too, the first time. A CA that is there is never replaced.",
	.example = "tillhub ca init",
	.run = ca_init,
};

static enum tool_exit ca_issue(struct tool *t)
{
	struct authority_options o;
	struct why why = {""};
	enum tool_exit code = tool_configure(t);

	if (code != TOOL_DONE)
		return code;
	o = options_of(&t->config);
	if (authority_renew_hub(&o, &why))
		return tool_fail(TOOL_FAILED, "%s", why.text);
	if (t->json)
		puts("{\"ok\":true}");
	else
		printf("hub.pem and hub.key are new, for 2 years, with the names of the configuration. A hub "
		       "that "
		       "runs takes\nthem on SIGHUP.\n");
	return TOOL_DONE;
}

const struct tool_command tool_ca_issue = {
	.name = "ca issue",
	.arguments = "",
	.text = "Issues the hub's own certificate anew.",
	.more = "Boxes get theirs by enrolling and renew them by themselves.",
	.example = "tillhub ca issue",
	.run = ca_issue,
};

static enum tool_exit ca_show(struct tool *t)
{
	enum tool_exit code = tool_configure(t);

	return code != TOOL_DONE ? code : show_authority(&t->config, t->json);
}

const struct tool_command tool_ca_show = {
	.name = "ca show",
	.arguments = "",
	.text = "Tells the CA's fingerprint, for boxes to compare.",
	.example = "tillhub ca show",
	.run = ca_show,
};

static void show_next(const struct tool *t, const json_t *answer)
{
	(void)answer;
	puts("another CA is made. Boxes pin it when they say hello, within an hour; then tillhub ca change");
	(void)show_authority(&t->config, false);
}

static enum tool_exit ca_next(struct tool *t)
{
	return tool_ask(t, json_pack("{s:s}", "do", "ca_next"), show_next);
}

const struct tool_command tool_ca_next = {
	.name = "ca next",
	.arguments = "",
	.text = "Makes another CA, which boxes are to pin beside the one there is.",
	.more = "The first of three steps by which the CA is replaced while everything runs: next, change,\n"
		"retire. 'tillhub ca show' says how far it is.",
	.example = "tillhub ca next",
	.run = ca_next,
};

static void show_change(const struct tool *t, const json_t *answer)
{
	(void)answer;
	puts("the next CA issues from now on. Boxes get certificates of it when they say hello, within an\n"
	     "hour; then tillhub ca retire");
	(void)show_authority(&t->config, false);
}

static enum tool_exit ca_change(struct tool *t)
{
	enum tool_exit code = tool_configure(t);
	json_t *names = json_array();

	if (code != TOOL_DONE) {
		json_decref(names);
		return code;
	}
	for (size_t i = 0; i < t->config.names.count; i++)
		json_array_append_new(names, json_string(t->config.names.at[i]));
	return tool_ask(t,
			json_pack("{s:s, s:o, s:b}", "do", "ca_change", "names", names, "force",
				  tool_option(t, "force") != NULL),
			show_change);
}

const struct tool_command tool_ca_change = {
	.name = "ca change",
	.arguments = "",
	.options = {{"force", NULL, false, "also if boxes have not pinned it: they have to enrol anew"}},
	.text = "Has the next CA issue from now on.",
	.more = "The hub's and the signer's certificates are made anew by it, boxes get new ones when they\n"
		"say hello, and the CA before stays trusted. Its key is deleted.",
	.example = "tillhub ca change",
	.run = ca_change,
};

static void show_retire(const struct tool *t, const json_t *answer)
{
	(void)answer;
	puts("the CA from before is not trusted any more");
	(void)show_authority(&t->config, false);
}

static enum tool_exit ca_retire(struct tool *t)
{
	return tool_ask(t,
			json_pack("{s:s, s:b}", "do", "ca_retire", "force", tool_option(t, "force") != NULL),
			show_retire);
}

const struct tool_command tool_ca_retire = {
	.name = "ca retire",
	.arguments = "",
	.options = {{"force", NULL, false,
		     "also if boxes have no certificate of the new one: they have to enrol anew"}},
	.text = "Ends the trust in the CA from before.",
	.example = "tillhub ca retire",
	.run = ca_retire,
};
