/*
 * The control socket, with the small shop, its catalog and its ledger behind it. Three clients send the
 * input; four bytes that no UTF-8 has steer it, all others go to the client whose turn it is:
 *
 *	0xff	the next client's turn
 *	0xfe	the server's turn: all that waits is answered
 *	0xfd B N	B is sent N * 1024 times
 *	0xfc	this client sends no more
 *
 * In the end each line has had its answer, one line of JSON with ok or a reason, nothing is left waiting, and
 * every cart on the lanes adds up.
 */
#include "mini_shop.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control_parts.h"
#include "fuzz.h"

#define PEERS	  3
#define SENT_MAX  (2U * CONTROL_LINE_MAX + 8192) /* bytes of an input, when grown: two lines too long */
#define TURNS_MAX (SENT_MAX / CONTROL_REQUESTS_A_TURN + 3000)

struct peer {
	int fd;
	bool shut, eof;
	size_t length; /* of the line that it is sending */
	bool blank;    /* so far */
	unsigned asked, answered;
	struct buf in;
};

static struct rig {
	struct mini_shop shop;
	struct control *control;
	char path[SCRATCH_PATH_MAX];
	struct peer peers[PEERS];
	struct peer *turn;
	size_t sent;
} rig;

/* Each input finds the same: the catalog, and nothing sold or put aside. */
static void forget_sales(void)
{
	DIR *folder = opendir(rig.shop.scratch.dir);
	const struct dirent *d;

	assert(folder);
	while ((d = readdir(folder)) != NULL)
		if (strncmp(d->d_name, "ledger.", 7) == 0 || strncmp(d->d_name, "carts.", 6) == 0)
			unlinkat(dirfd(folder), d->d_name, 0);
	closedir(folder);
}

static void close_rig(void)
{
	mini_shop_stop(&rig.shop);
}

static void open_control(void)
{
	const struct control_config config = {.net = &net_system,
					      .path = rig.path,
					      .group = "",
					      .program = "tilld",
					      .version = "1",
					      .box = "b",
					      .store = "S1",
					      .shop = rig.shop.shop};
	struct why why;

	if (control_new(rig.shop.loop, &config, &rig.control, &why))
		fail_msg("%s", why.text);
	control_attach(rig.control, rig.shop.loader, rig.shop.worker, NULL, 0);
}

static void open_rig(void)
{
	if (rig.shop.loop) {
		forget_sales();
		mini_shop_restart(&rig.shop);
	} else {
		log_open("fuzz", LOG_ERROR);
		mini_shop_start(&rig.shop, mini_book);
		snprintf(rig.path, sizeof(rig.path), "%s", scratch_path(&rig.shop.scratch, "control.sock"));
		atexit(close_rig);
	}
	open_control();
	rig.sent = 0;
}

static void dial(struct peer *p)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	*p = (struct peer){.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
			   .blank = true};
	memcpy(address.sun_path, rig.path, strlen(rig.path) + 1);
	assert(connect(p->fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
	buf_init(&p->in, 64U << 20);
}

static int64_t amount(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	int64_t minor = 0;

	assert(text && decimal_parse(text, strlen(text), 2, &minor) == ERR_OK);
	return minor;
}

static void check_totals(const json_t *totals)
{
	assert(amount(totals, "discount") >= 0 && amount(totals, "net") >= 0);
	assert(amount(totals, "net") == amount(totals, "list") - amount(totals, "discount"));
	assert(amount(totals, "total") ==
	       amount(totals, "net")); /* the small shop's prices contain their tax */
}

static void check_error(const json_t *error)
{
	const char *code = json_string_value(json_object_get(error, "code"));
	const char *text = json_string_value(json_object_get(error, "text"));

	assert(code && strspn(code, "abcdefghijklmnopqrstuvwxyz_") == strlen(code) && *code);
	assert(text && *text);
}

/* What one client is told, a line of it. */
static void check_told(struct peer *p, const char *line, size_t n)
{
	json_t *json = json_loadb(line, n, JSON_REJECT_DUPLICATES, NULL);
	const json_t *ok = json_object_get(json, "ok"), *totals = json_object_get(json, "totals");

	assert(json_is_object(json));
	if (json_is_boolean(ok))
		p->answered++;
	else
		assert(json_is_string(json_object_get(json, "event")));
	if (json_is_false(ok))
		check_error(json_object_get(json, "error"));
	if (totals)
		check_totals(totals);
	assert(p->answered <= p->asked);
	json_decref(json);
}

static void hear(struct peer *p)
{
	const uint8_t *newline;

	while (!p->eof) {
		ssize_t n = read(p->fd, buf_room(&p->in, 65536), 65536);

		p->eof = n == 0;
		if (n <= 0)
			break;
		buf_grow(&p->in, (size_t)n);
	}
	while (buf_length(&p->in) > 0 &&
	       (newline = memchr(buf_front(&p->in), '\n', buf_length(&p->in))) != NULL) {
		size_t n = (size_t)(newline - buf_front(&p->in));

		check_told(p, (const char *)buf_front(&p->in), n);
		buf_take(&p->in, n + 1);
	}
}

static void turn(int timeout_ms)
{
	loop_turn(rig.shop.loop, timeout_ms);
	for (size_t i = 0; i < PEERS; i++)
		hear(&rig.peers[i]);
}

static void send_all(const struct peer *p, const uint8_t *bytes, size_t n)
{
	for (unsigned turns = 0; n > 0; turns++) {
		ssize_t sent = send(p->fd, bytes, n, MSG_NOSIGNAL);

		assert(turns < TURNS_MAX && (sent > 0 || errno == EAGAIN));
		if (sent > 0) {
			bytes += sent;
			n -= (size_t)sent;
		} else {
			turn(0);
		}
	}
}

/* Counts the lines that want an answer: those with anything in them, and those that are too long. */
static void note(struct peer *p, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] != '\n') {
			p->blank &= strchr(" \t\r", bytes[i]) != NULL && bytes[i] != '\0';
			p->length++;
			p->asked += p->length == CONTROL_LINE_MAX + 1; /* told as soon as it is known */
			continue;
		}
		p->asked += !p->blank && p->length <= CONTROL_LINE_MAX;
		p->length = 0;
		p->blank = true;
	}
}

static void say(const uint8_t *bytes, size_t n)
{
	struct peer *p = rig.turn;

	if (n == 0 || p->shut || rig.sent + n > SENT_MAX)
		return;
	rig.sent += n;
	note(p, bytes, n);
	send_all(p, bytes, n);
}

static void say_often(uint8_t byte, size_t n)
{
	uint8_t bytes[1024];

	memset(bytes, byte, sizeof(bytes));
	for (size_t i = 0; i < n; i++)
		say(bytes, sizeof(bytes));
}

static void shut(struct peer *p)
{
	if (!p->shut)
		shutdown(p->fd, SHUT_WR);
	p->shut = true;
}

/* Does what a steering byte says; returns how many bytes it took. */
static size_t steer(const uint8_t *at, size_t n)
{
	switch (at[0]) {
	case 0xff:
		rig.turn = rig.turn == &rig.peers[PEERS - 1] ? rig.peers : rig.turn + 1;
		return 1;
	case 0xfe:
		turn(0);
		return 1;
	case 0xfd:
		if (n >= 3)
			say_often(at[1], at[2]);
		return n >= 3 ? 3 : n;
	default:
		shut(rig.turn);
		return 1;
	}
}

static void play(const uint8_t *at, size_t n)
{
	while (n > 0) {
		size_t took = 0;

		while (took < n && at[took] < 0xfc)
			took++;
		say(at, took);
		if (took == 0)
			took = steer(at, n);
		at += took;
		n -= took;
	}
}

static void wait_for_ends(void)
{
	for (size_t i = 0; i < PEERS; i++)
		shut(&rig.peers[i]);
	for (unsigned turns = 0; !rig.peers[0].eof || !rig.peers[1].eof || !rig.peers[2].eof; turns++) {
		assert(turns < TURNS_MAX);
		turn(10);
	}
	turn(0); /* the server sees who left */
}

static void check_server(void)
{
	unsigned unused = 0;

	assert(rig.control->open_count == 0 && shop_pending(rig.shop.shop) == 0);
	for (const struct pending *p = rig.control->free_pending; p; p = p->next)
		unused++;
	assert(unused == CONTROL_PENDING_MAX);
	for (uint32_t i = 0; shop_lane_at(rig.shop.shop, i); i++) {
		struct lane *l = shop_lane_at(rig.shop.shop, i);

		if (lane_state(l) == LANE_OPEN) {
			json_t *cart = mini_shop_json(l, lane_cart_json);

			check_totals(json_object_get(cart, "totals"));
			json_decref(cart);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	open_rig();
	for (size_t i = 0; i < PEERS; i++)
		dial(&rig.peers[i]);
	turn(0);
	rig.turn = rig.peers;
	play(bytes, n);
	wait_for_ends();
	check_server();
	for (size_t i = 0; i < PEERS; i++) {
		assert(rig.peers[i].answered == rig.peers[i].asked && buf_length(&rig.peers[i].in) == 0);
		close(rig.peers[i].fd);
		buf_free(&rig.peers[i].in);
	}
	control_free(rig.control);
	return 0;
}
