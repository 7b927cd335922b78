/*
 * The control socket's server: who comes, who goes, and in each turn of the loop what is left to send.
 */
#include "control.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "shop_events.h"

#define TRIM_MS	   1000 /* after the last that gave much back: by then it is quiet */
#define TRIM_BYTES (8U << 20)
#define RETRY_MS   1000	 /* until accept is tried again when descriptors ran out */
#define EVENT_ROOM 65536 /* memory for an event from the start, so that the first scan finds it */

static void on_client(int fd, unsigned events, void *arg)
{
	struct client *client = arg;

	(void)fd;
	client->control->unsettled = true;
	if (events & LOOP_WRITE)
		client_flush(client);
	if (!client->eof && (events & (LOOP_READ | LOOP_HANGUP)))
		client_read(client);
	else if (events & LOOP_HANGUP)
		client_doom(client, "hung up");
}

static bool is_over(const struct client *client)
{
	return client->doomed ||
	       (client->eof && !client->more && client->pending == 0 && buf_length(&client->out) == 0);
}

static bool is_past(const struct control *c, int64_t us)
{
	return clock_monotonic_us(loop_clock(c->loop)) >= us;
}

/* False: the turn was over before all it asks was answered. */
static bool hear_client(struct control *c, struct client *client, int64_t until_us)
{
	for (unsigned n = 0; n < CONTROL_REQUESTS_A_TURN; n++) {
		if (buf_length(&client->in) > 0 && is_past(c, until_us)) {
			client->more = true;
			return false;
		}
		if (!client_line(client, request_take))
			return true;
	}
	return true;
}

static void give_back(struct control *c, size_t bytes)
{
	c->given_back += bytes;
	if (bytes > 0 && c->given_back >= TRIM_BYTES)
		loop_timer_set(c->trim, TRIM_MS);
}

static void on_trim(void *arg)
{
	struct control *c = arg;

	c->given_back = 0;
	malloc_trim(0);
}

/* What it asks is answered, and sent with what waited. */
static bool settle_client(struct control *c, struct client *client, int64_t until_us)
{
	bool heard = true;

	if (c->closing)
		client->more = false;
	else
		heard = hear_client(c, client, until_us);
	client_flush(client);
	give_back(c, client_shrink(client));
	if (client->more && !client_paused(client)) /* else it is heard again when it has read */
		loop_timer_set(c->again, 0);
	return heard;
}

/* Begins with who was not heard in the last turn, so that nobody is left out for ever. */
static void settle_clients(struct control *c)
{
	int64_t until_us = clock_monotonic_us(loop_clock(c->loop)) + CONTROL_TURN_US;
	uint32_t count = c->open_count, first = c->first < count ? c->first : 0;
	bool all = true;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = first + i < count ? first + i : first + i - count;
		bool heard = settle_client(c, c->open[at], until_us);

		if (all && !heard)
			c->first = at;
		all &= heard;
	}
}

static void on_again(void *arg)
{
	struct control *c = arg;

	c->unsettled = true;
}

/*
 * What came in this turn is answered, answers go out together, and who is through is closed. What a client is
 * watched for comes last: those that were heard after it may have told it something, too.
 */
static void before_sleep(void *arg)
{
	struct control *c = arg;
	uint32_t kept = 0;

	if (!c->unsettled)
		return;
	c->unsettled = false;
	settle_clients(c);
	for (uint32_t i = 0; i < c->open_count; i++) {
		struct client *client = c->open[i];

		if (!is_over(client))
			client_watch(client, c->loop, on_client);
		if (!is_over(client)) {
			c->open[kept++] = client;
			continue;
		}
		give_back(c, client->in.size + client->out.size);
		client_close(client, c->loop);
	}
	c->open_count = kept;
}

static struct client *free_slot(struct control *c)
{
	for (uint32_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (c->clients[i].fd < 0)
			return &c->clients[i];
	return NULL;
}

static void log_arrival(struct control *c, const struct client *client)
{
	uint32_t skipped;

	if (!log_limit_pass(&c->arrivals, clock_monotonic_us(loop_clock(c->loop)) / 1000, &skipped))
		return;
	if (skipped > 0)
		log_info("control: %u clients came that are not listed here", skipped);
	log_info("control: client of user %u, process %d", (unsigned)client->peer.uid, (int)client->peer.pid);
}

static void turn_away(const struct net *net, int fd)
{
	static const char text[] = "{\"ok\":false,\"error\":{\"code\":\"too_many_clients\","
				   "\"text\":\"256 clients are connected; try again when one has left\"}}\n";

	(void)net->send(net, fd, text, sizeof(text) - 1, NULL, 0);
	net->close(net, fd);
}

static void admit(struct control *c, int fd)
{
	struct client *client = free_slot(c);

	if (client == NULL) {
		turn_away(c->config.net, fd);
		return;
	}
	client_open(client, c, c->config.net, fd);
	client_watch(client, c->loop, on_client);
	c->open[c->open_count++] = client;
	c->unsettled |= client->doomed;
	log_arrival(c, client);
}

static void on_listener(int fd, unsigned events, void *arg)
{
	struct control *c = arg;

	(void)events;
	for (int i = 0; i < 16; i++) { /* bounded: the rest is for the next turn */
		int taken = c->config.net->accept(c->config.net, fd);

		if (taken >= 0) {
			admit(c, taken);
			continue;
		}
		if (errno == EINTR || errno == ECONNABORTED)
			continue;
		if (errno != EAGAIN) { /* it would be readable for ever: look again later */
			log_warn("control: no more clients for a second");
			loop_unwatch(c->loop, fd);
			loop_timer_set(c->retry, RETRY_MS);
		}
		return;
	}
}

static void watch_listener(void *arg)
{
	struct control *c = arg;

	if (c->listener < 0)
		return;
	if (loop_watch(c->loop, c->listener, LOOP_READ | LOOP_LAST, on_listener, c) != ERR_OK)
		loop_timer_set(c->retry, RETRY_MS);
}

static enum err start(struct control *c, struct why *why)
{
	enum err e = control_listen(c, why);

	if (e == ERR_OK && buf_room(&c->event, EVENT_ROOM) == NULL)
		e = fail(why, ERR_MEMORY, "control: no memory");
	if (e == ERR_OK)
		e = loop_timer_new(c->loop, watch_listener, c, &c->retry);
	if (e == ERR_OK)
		e = loop_timer_new(c->loop, on_again, c, &c->again);
	if (e == ERR_OK)
		e = loop_timer_new(c->loop, on_trim, c, &c->trim);
	if (e == ERR_OK)
		e = loop_before_sleep(c->loop, before_sleep, c);
	if (e == ERR_OK)
		e = loop_watch(c->loop, c->listener, LOOP_READ | LOOP_LAST, on_listener, c);
	return e;
}

static void link_slots(struct control *c)
{
	for (uint32_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		c->clients[i].fd = -1;
	for (uint32_t i = 0; i < CONTROL_PENDING_MAX; i++) {
		c->pending[i].next = c->free_pending;
		c->free_pending = &c->pending[i];
	}
}

enum err control_new(struct loop *loop, const struct control_config *config, struct control **out,
		     struct why *why)
{
	struct control *c = calloc(1, sizeof(*c));
	enum err e;

	if (c == NULL)
		return fail(why, ERR_MEMORY, "control: no memory");
	c->loop = loop;
	c->config = *config;
	c->listener = c->lock = -1;
	c->started_us = clock_monotonic_us(loop_clock(loop));
	c->arrivals = (struct log_limit){.burst = 20, .period_ms = 60000};
	buf_init(&c->event, CONTROL_OUTPUT_MAX);
	link_slots(c);
	e = start(c, why);
	if (e != ERR_OK) {
		control_free(c);
		return e;
	}
	e = shop_events_new(c, &c->shop_events);
	if (e) {
		control_free(c);
		return fail(why, e, "control: out of memory");
	}
	shop_listen(config->shop, control_news, c);
	*out = c;
	return ERR_OK;
}

void control_attach(struct control *c, struct loader *loader, struct ledger_worker *ledger,
		    const struct control_scanner *scanners, size_t scanner_count)
{
	c->loader = loader;
	c->ledger = ledger;
	c->scanners = scanners;
	c->scanner_count = scanner_count;
}

void control_lanes_changed(struct control *c)
{
	for (uint32_t i = 0; i < c->open_count; i++) {
		struct client *client = c->open[i];
		const struct lane *now =
			client->lane ? shop_lane(c->config.shop, lane_name(client->lane)) : NULL;

		if (now) /* one that is gone tells nothing, until there is one of its name again */
			client->lane = now;
	}
}

void control_close_door(struct control *c)
{
	c->closing = true;
	loop_unwatch(c->loop, c->listener);
	loop_timer_stop(c->retry);
}

void control_free(struct control *c)
{
	if (c == NULL)
		return;
	for (uint32_t i = 0; i < c->open_count; i++) {
		client_flush(c->open[i]);
		client_close(c->open[i], c->loop);
	}
	shop_listen(c->config.shop, NULL, NULL);
	shop_events_free(c->shop_events);
	loop_timer_free(c->retry);
	loop_timer_free(c->again);
	loop_timer_free(c->trim);
	control_unlisten(c);
	buf_free(&c->event);
	free(c);
}
