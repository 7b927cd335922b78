/*
 * tillctl watch: the lane, live, as a customer display shows it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"
#include "screen.h"
#include "watch_view.h"

static volatile sig_atomic_t ended; /* a signal handler has no other way to say so */

static void on_signal(int signo)
{
	if (signo != SIGALRM)
		ended = 1;
}

/* Signals end a read: an end asked for, and a tick each second for the clock on the screen. */
static void catch_signals(bool ticking)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM};
	struct itimerval second = {.it_interval.tv_sec = 1, .it_value.tv_sec = 1};
	struct sigaction action = {.sa_handler = on_signal};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
	if (ticking)
		setitimer(ITIMER_REAL, &second, NULL);
}

static void measure(struct watch *w)
{
	struct winsize size = {0};

	w->columns = screen_columns();
	if (w->columns > 100)
		w->columns = 100; /* a receipt, not a billboard */
	w->rows = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row ? size.ws_row : 24;
}

static void show(struct watch *w, const struct ctl *ctl, const char *line, size_t n)
{
	json_t *event = json_loadb(line, n, 0, NULL);

	if (ctl->json)
		puts(line);
	else if (json_object_get(event, "event") && w->columns)
		watch_take(w, event);
	else if (json_object_get(event, "event"))
		watch_print(event, time(NULL));
	json_decref(event);
}

static enum ctl_exit watch(struct ctl *ctl, struct watch *w)
{
	while (!ended) {
		const char *line;
		size_t n;

		if (w->columns)
			watch_draw(w, time(NULL));
		errno = 0;
		line = ctl_read_line(ctl, &n);
		if (line)
			show(w, ctl, line, n);
		else if (errno != EINTR)
			return ctl_fail(CTL_NO_DAEMON, "tilld went away");
		fflush(stdout);
	}
	return CTL_DONE;
}

static enum ctl_exit run(struct ctl *ctl)
{
	struct watch w = {0};
	enum ctl_exit e;
	json_t *request, *answer;

	request = ctl_lane_request(ctl, "subscribe", &e);
	if (request == NULL)
		return e;
	/* A terminal draws whole carts; plain lines need no more than the line. */
	json_object_set_new(request, "full", json_boolean(screen_columns() > 0 && !ctl->json));
	e = ctl_ask(ctl, request, &answer);
	if (e != CTL_DONE)
		return e;
	json_decref(answer);
	w.lane = ctl->lane;
	if (!ctl->json)
		measure(&w);
	catch_signals(w.columns > 0);
	e = watch(ctl, &w);
	watch_forget(&w);
	return e;
}

const struct ctl_command cmd_watch = {
	.name = "watch",
	.arguments = "",
	.text = "Shows a lane live, until ^C.",
	.more = "Each scan, the promotions with the time they have left, and the total.",
	.example = "tillctl --lane 1 watch",
	.run = run,
};
