/*
 * The verb that reads the configuration anew. What that means is the daemon's; here it is asked for, and what
 * came of it is told.
 */
#include "verbs.h"

static void texts(struct jsonw *w, const char *name, const struct config_words *list)
{
	jsonw_array(w, name);
	for (size_t i = 0; i < list->count; i++)
		jsonw_text(w, NULL, list->at[i]);
	jsonw_close(w);
}

static void answer_done(const struct reply *to, const struct control_reloaded *r)
{
	struct jsonw w;

	if (!reply_begin(to, &w))
		return;
	jsonw_bool(&w, "ok", true);
	texts(&w, "changed", r->changed);
	texts(&w, "kept", r->kept);
	texts(&w, "restart_needed", r->restart_needed);
	reply_end(to, &w);
}

/* As other errors, with the places besides. */
static void answer_wrong(const struct reply *to, const struct config_report *report)
{
	struct jsonw w;

	if (!reply_begin(to, &w))
		return;
	jsonw_bool(&w, "ok", false);
	jsonw_object(&w, "error");
	jsonw_text(&w, "code", "bad_configuration");
	jsonw_text(&w, "text", "the new configuration is wrong, the one in force stays");
	jsonw_array(&w, "errors");
	for (size_t i = 0; i < report->count; i++) {
		jsonw_object(&w, NULL);
		jsonw_text(&w, "file", report->errors[i].file);
		jsonw_int(&w, "line", report->errors[i].line);
		jsonw_text(&w, "text", report->errors[i].text);
		jsonw_close(&w);
	}
	jsonw_close(&w);
	jsonw_int(&w, "more_errors", (int64_t)report->dropped);
	jsonw_close(&w);
	reply_end(to, &w);
}

static void reloaded(const struct control_reloaded *r, void *arg)
{
	struct pending *p = arg;

	if (r->report)
		answer_wrong(&p->reply, r->report);
	else if (r->refused)
		reply_error(&p->reply, "not_reloaded", "%s", r->refused);
	else
		answer_done(&p->reply, r);
	pending_done(p);
}

void verb_reload(struct request *r)
{
	const struct control_config *config = &r->reply.control->config;
	struct pending *p;

	if (config->reload == NULL) {
		reply_error(&r->reply, "unknown_verb", "there is nothing to reload here");
		return;
	}
	p = request_wait(r);
	if (p)
		config->reload(reloaded, p, config->reload_arg);
}
