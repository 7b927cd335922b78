/*
 * tillctl subscribe: a lane's events as they happen, until ^C.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl.h"
#include "screen.h"

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signo)
{
	(void)signo;
	interrupted = 1;
}

/* Without SA_RESTART, so that the read ends. */
static void catch_interrupt(void)
{
	struct sigaction action = {.sa_handler = on_interrupt};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static void show_line(const json_t *e)
{
	const json_t *hint;
	size_t i;

	printf("%3lld  ", int_of(e, "line"));
	screen_put(text_of(e, "name"), 30, false);
	printf(" %s x %s", text_of(e, "quantity"), text_of(e, "unit_price"));
	if (strcmp(text_of(e, "list"), text_of(e, "net")) != 0)
		printf(" = %s, with discounts %s", text_of(e, "list"), text_of(e, "net"));
	else
		printf(" = %s", text_of(e, "net"));
	printf(", total %s", text_of(json_object_get(e, "totals"), "total"));
	json_array_foreach (json_object_get(e, "hints"), i, hint) {
		printf("\n%16s", "");
		screen_text(text_of(hint, "why"));
		fputs(": ", stdout);
		screen_text(text_of(hint, "text"));
	}
}

static void show_cart(const json_t *e)
{
	printf("%s", text_of(e, "state"));
	if (text_of(e, "cart")[0])
		printf(", cart %s, lines: %zu", text_of(e, "cart"),
		       json_array_size(json_object_get(e, "lines")));
	if (json_object_get(e, "totals"))
		printf(", total %s", text_of(json_object_get(e, "totals"), "total"));
}

static void show_refused(const json_t *e)
{
	const json_t *error = json_object_get(e, "error");

	printf("refused, %s: ", text_of(error, "code"));
	screen_text(text_of(error, "text"));
}

static void show_tendered(const json_t *e)
{
	printf("paid, order ");
	screen_text(text_of(e, "order"));
	printf(": total %s, tendered %s, change %s", text_of(e, "total"), text_of(e, "tendered"),
	       text_of(e, "change"));
}

static void show_returned(const json_t *e)
{
	printf("%s ", text_of(e, "kind"));
	screen_text(text_of(e, "return_id"));
	fputs(" of order ", stdout);
	screen_text(text_of(e, "order"));
	printf(": %s %s paid out, %s left of the payment", text_of(e, "refund"), text_of(e, "currency"),
	       text_of(e, "left"));
}

static void show_clock(const json_t *e)
{
	screen_text(text_of(e, "text"));
}

static void show_scanner(const json_t *e)
{
	fputs("scanner ", stdout);
	screen_text(text_of(e, "scanner"));
	printf(" is %s%s", text_of(e, "state"), text_of(e, "reason")[0] ? ": " : "");
	screen_text(text_of(e, "reason"));
}

static void show_catalog(const json_t *e)
{
	printf("catalog version %lld is in force", int_of(e, "version"));
}

/* An event of prices or promotions: its name and what it says. */
static void show_payload(const json_t *e)
{
	char *payload = json_dumps(json_object_get(e, "payload"), JSON_COMPACT);

	printf("%s ", text_of(e, "event"));
	screen_text(payload ? payload : "");
	free(payload);
}

static const struct {
	const char *event;
	void (*show)(const json_t *e);
} kinds[] = {
	{"line", show_line},	     {"cart", show_cart},	{"refused", show_refused},
	{"tendered", show_tendered}, {"scanner", show_scanner}, {"catalog", show_catalog},
	{"returned", show_returned}, {"clock", show_clock},
};

static void show_event(const char *line, size_t n)
{
	json_t *event = json_loadb(line, n, 0, NULL);
	const char *name = text_of(event, "event"), *lane = text_of(event, "lane");
	time_t now = time(NULL);
	struct tm tm;
	char clock[16];

	localtime_r(&now, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	printf("%s  ", clock);
	screen_put(lane[0] ? lane : "*", 4, false);
	if (json_object_get(event, "payload"))
		show_payload(event);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(name, kinds[i].event) == 0)
			kinds[i].show(event);
	putchar('\n');
	json_decref(event);
}

static enum ctl_exit subscribe(struct ctl *ctl)
{
	const char *lane = ctl->lane ? ctl->lane : "*";
	json_t *request = json_pack("{s:s, s:s}", "verb", "subscribe", "lane", lane);
	const char *line;
	json_t *answer;
	enum ctl_exit e;
	size_t n;

	if (ctl_option(ctl, "events"))
		json_object_set_new(request, "events", json_true());
	if (ctl_option(ctl, "full"))
		json_object_set_new(request, "full", json_true());
	if (ctl_option(ctl, "hints"))
		json_object_set_new(request, "hints", json_true());
	e = ctl_ask(ctl, request, &answer);
	json_decref(answer);
	if (e != CTL_DONE)
		return e;
	catch_interrupt();
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (!interrupted && !ferror(stdout) && (line = ctl_read_line(ctl, &n)) != NULL) {
		if (ctl->json)
			puts(line);
		else
			show_event(line, n);
	}
	return interrupted || ferror(stdout) ? CTL_DONE : ctl_fail(CTL_NO_DAEMON, "tilld went away");
}

const struct ctl_command cmd_subscribe = {
	.name = "subscribe",
	.arguments = "",
	.options = {{"full", NULL, "the whole cart after each line"},
		    {"events", NULL, "also prices, promotions and plans, whatever the lane"},
		    {"hints", NULL, "with each line, promotions that little is missing for"}},
	.text = "Prints what happens on the lanes, until ^C.",
	.more = "On one lane with --lane, else on all of them.",
	.example = "tillctl subscribe\ntillctl subscribe --lane 1 --json",
	.run = subscribe,
};
