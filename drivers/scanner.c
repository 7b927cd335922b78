/*
 * One scanner on the loop: down, waiting to try again, or up, its bytes going through the framing.
 */
#include "scanner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "text.h"

#define READ_SIZE	 1024 /* a handler's work is bounded by it; the rest stays for the next turn */
#define BACKOFF_FIRST_MS 100
#define BACKOFF_MAX_MS	 5000
#define STABLE_MS	 1000 /* up for so long, or heard from, a device is tried again at once when it goes */

struct scanner {
	struct loop *loop;
	struct scanner_config config;
	scanner_scan_fn *on_scan;
	scanner_fault_fn *on_fault;
	scanner_state_fn *on_state; /* NULL: nobody asked */
	void *arg;
	struct transport_port *port;
	int fd;
	struct loop_timer *retry, *idle;
	struct framing framing;
	struct scanner_status status;
	uint32_t backoff_ms;
	int64_t opened_ms;
	bool heard; /* a byte came since it was opened */
	char last[FRAME_MAX];
	size_t last_n;
	int64_t last_ms;
	struct log_limit noise;
	char *name, *device; /* config's */
};

static int64_t now_ms(const struct scanner *s)
{
	return clock_monotonic_us(loop_clock(s->loop)) / 1000;
}

/* A line in the log that a broken device may want to repeat without end. */
static void complain(struct scanner *s, const char *reason)
{
	uint32_t skipped;

	if (!log_limit_pass(&s->noise, now_ms(s), &skipped))
		return;
	if (skipped > 0)
		log_warnx("scanner %s: %s (%u like it left out)", s->config.name, reason, skipped);
	else
		log_warnx("scanner %s: %s", s->config.name, reason);
}

static void fault(struct scanner *s, const char *reason)
{
	s->status.dropped++;
	complain(s, reason);
	s->on_fault(s, reason, s->arg);
}

static bool is_double_read(struct scanner *s, const char *text, size_t n)
{
	int64_t now = now_ms(s);
	bool same = n == s->last_n && memcmp(text, s->last, n) == 0;
	bool again = s->config.repeat_ms > 0 && same && now - s->last_ms < s->config.repeat_ms;

	memcpy(s->last, text, n);
	s->last_n = n;
	s->last_ms = now;
	return again;
}

static void take_frame(const char *text, size_t n, bool over_long, void *arg)
{
	struct scanner *s = arg;
	char reason[128], shown[48];

	if (over_long) {
		snprintf(reason, sizeof(reason), "a scan of more than %d bytes, thrown away: %s", FRAME_MAX,
			 text_printable(text, n, shown, sizeof(shown)));
		fault(s, reason);
		return;
	}
	if (is_double_read(s, text, n)) {
		s->status.dropped++;
		return;
	}
	s->status.scans++;
	s->on_scan(s, text, n, s->arg);
}

static void close_port(struct scanner *s)
{
	if (!s->port)
		return;
	loop_unwatch(s->loop, s->fd);
	loop_timer_stop(s->idle);
	s->config.transport->close(s->port);
	s->port = NULL;
	s->fd = -1;
}

static void enter_state(struct scanner *s, enum scanner_state state)
{
	bool changed = s->status.state != state;

	s->status.state = state;
	if (changed && s->on_state)
		s->on_state(s, state, s->arg);
}

/* Down, by that reason, and tried again after the backoff. */
static void go_down(struct scanner *s, const char *reason)
{
	if (s->status.state == SCANNER_UP ||
	    strncmp(reason, s->status.reason, sizeof(s->status.reason) - 1) != 0)
		complain(s, reason);
	snprintf(s->status.reason, sizeof(s->status.reason), "%s", reason);
	loop_timer_set(s->retry, s->backoff_ms);
	s->backoff_ms = s->backoff_ms * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : s->backoff_ms * 2;
	enter_state(s, SCANNER_DOWN);
}

static void lose(struct scanner *s)
{
	char reason[sizeof(s->status.reason)];

	close_port(s);
	if (s->heard || now_ms(s) - s->opened_ms >= STABLE_MS)
		s->backoff_ms = BACKOFF_FIRST_MS;
	snprintf(reason, sizeof(reason), "%s: went away; it is taken back when it returns", s->config.device);
	go_down(s, reason);
	if (framing_reset(&s->framing))
		fault(s, "unplugged in the middle of a scan, which is dropped");
}

static void on_silence(void *arg)
{
	struct scanner *s = arg;

	if (framing_idle(&s->framing))
		fault(s, "a scan broke off before its end and is dropped");
}

static void watch_silence(struct scanner *s)
{
	if (s->config.framing.idle_ms == 0)
		return;
	if (framing_pending(&s->framing))
		loop_timer_set(s->idle, s->config.framing.idle_ms);
	else
		loop_timer_stop(s->idle);
}

/* Up to the next prefix at a time, so that what it cut off is told before the scan that it begins. */
static size_t next_piece(const struct scanner *s, const uint8_t *bytes, size_t n)
{
	uint8_t byte = s->config.framing.prefix;
	const uint8_t *prefix = byte ? memchr(bytes, byte, n) : NULL;

	return prefix ? (size_t)(prefix - bytes) + 1 : n;
}

static void take_bytes(struct scanner *s, const uint8_t *bytes, size_t n)
{
	s->heard = true;
	s->status.bytes += n;
	while (n > 0) {
		size_t piece = next_piece(s, bytes, n);

		if (framing_feed(&s->framing, bytes, piece) > 0)
			fault(s, "a scan broke off at the start of the next one and is dropped");
		bytes += piece;
		n -= piece;
	}
	watch_silence(s);
}

static void on_port(int fd, unsigned events, void *arg)
{
	struct scanner *s = arg;
	uint8_t bytes[READ_SIZE];
	ssize_t n = s->config.transport->read(s->port, bytes, sizeof(bytes));

	(void)fd;
	if (n > 0)
		take_bytes(s, bytes, (size_t)n);
	else if (n == TRANSPORT_GONE || (events & LOOP_HANGUP))
		lose(s);
}

static void go_up(struct scanner *s)
{
	s->status.opens++;
	s->status.reason[0] = '\0';
	s->heard = false;
	s->opened_ms = now_ms(s);
	framing_reset(&s->framing);
	log_info("scanner %s: %s is ready", s->config.name, s->config.device);
	enter_state(s, SCANNER_UP);
}

static void try_open(void *arg)
{
	struct scanner *s = arg;
	struct why why = {0};

	if (s->config.transport->open(s->config.device, &s->config.line, &s->port, &s->fd, &why)) {
		s->port = NULL;
		go_down(s, why.text);
		return;
	}
	if (loop_watch(s->loop, s->fd, LOOP_READ, on_port, s)) {
		close_port(s);
		go_down(s, "its descriptor cannot be watched");
		return;
	}
	go_up(s);
}

enum err scanner_new(struct loop *l, const struct scanner_config *config, scanner_scan_fn *on_scan,
		     scanner_fault_fn *on_fault, void *arg, struct scanner **out)
{
	struct scanner *s = calloc(1, sizeof(*s));

	if (!s)
		return ERR_MEMORY;
	s->loop = l;
	s->config = *config;
	s->config.name = s->name = strdup(config->name);
	s->config.device = s->device = strdup(config->device);
	s->on_scan = on_scan;
	s->on_fault = on_fault;
	s->arg = arg;
	s->fd = -1;
	s->backoff_ms = BACKOFF_FIRST_MS;
	s->noise = (struct log_limit){.burst = 5, .period_ms = 60000};
	framing_init(&s->framing, &config->framing, take_frame, s);
	if (!s->name || !s->device || loop_timer_new(l, try_open, s, &s->retry) ||
	    loop_timer_new(l, on_silence, s, &s->idle)) {
		scanner_free(s);
		return ERR_MEMORY;
	}
	try_open(s);
	*out = s;
	return ERR_OK;
}

void scanner_free(struct scanner *s)
{
	if (!s)
		return;
	close_port(s);
	loop_timer_free(s->retry);
	loop_timer_free(s->idle);
	free(s->name);
	free(s->device);
	free(s);
}

void scanner_on_state(struct scanner *s, scanner_state_fn *fn)
{
	s->on_state = fn;
}

const char *scanner_name(const struct scanner *s)
{
	return s->config.name;
}

const char *scanner_device(const struct scanner *s)
{
	return s->config.device;
}

void scanner_status(const struct scanner *s, struct scanner_status *out)
{
	*out = s->status;
}
