/*
 * The control socket, with real clients on a real socket, over the small shop with its real catalog and
 * ledger.
 */
#include "mini_desk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* 22 characters of three bytes; 64 bytes of it are 21 and the third of one, which is not shown. */
#define LONG_WORD LONG_WORD_SHOWN "\u20AC"
#define LONG_WORD_SHOWN                                                                                    \
	"\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC\u20AC" \
	"\u20AC\u20AC\u20AC\u20AC\u20AC"

/* Each row is a request and what its answer holds; the rows are one lane's conversation. */
static const struct {
	const char *request, *path, *value;
} conversation[] = {
	{"{\"verb\":\"version\"}", "protocol", "1"},
	{"{\"verb\":\"version\",\"id\":7}", "id", "7"},
	{"{\"verb\":\"version\",\"id\":\"a\\\"b\"}", "id", "a\"b"},
	{"{\"verb\":\"nope\",\"id\":8}", "id", "8"},
	{"{\"verb\":\"nope\"}", "error.code", "unknown_verb"},
	{"{\"verb\":\"" LONG_WORD "\"}", "error.text", "there is no verb '" LONG_WORD_SHOWN "'"},
	{"{\"verb\":\"cart\",\"lane\":\"" LONG_WORD "\"}", "error.code", "unknown_lane"},
	{"{\"verb\":\"cart\",\"lane\":\"1\",\"" LONG_WORD "\":1}", "error.code", "bad_request"},
	{"{\"verb\":\"version\",\"id\":[1]}", "error.code", "bad_request"},
	{"{\"verb\":\"version\",\"id\":null}", "error.code", "bad_request"},
	{"{\"verb\":7}", "error.code", "bad_request"},
	{"{}", "error.code", "bad_request"},
	{"[]", "error.code", "bad_json"},
	{"7", "error.code", "bad_json"},
	{"{\"verb\":\"version\"", "error.code", "bad_json"},
	{"{\"verb\":\"version\",\"verb\":\"status\"}", "error.code", "bad_json"},
	{"{\"verb\":\"cart\",\"lane\":\"1\\u0000\"}", "error.code", "bad_json"},
	{"\xff\xfe", "error.code", "bad_json"},
	{"{\"verb\":\"cart\"}", "error.code", "bad_request"},
	{"{\"verb\":\"cart\",\"lane\":1}", "error.code", "bad_request"},
	{"{\"verb\":\"cart\",\"lane\":\"9\"}", "error.code", "unknown_lane"},
	{"{\"verb\":\"cart\",\"lane\":\"1\"}", "error.code", "no_cart"},
	{"{\"verb\":\"cart\",\"lane\":\"1\",\"lines\":1}", "error.code", "bad_request"},
	{"{\"verb\":\"status\"}", "catalog.book", "corner"},
	{"{\"verb\":\"status\"}", "lanes", "2"},
	{"{\"verb\":\"price\",\"sku\":\"PEN\"}", "price", "2.49"},
	{"{\"verb\":\"price\",\"code\":\"" DESK_PEN "\",\"sku\":\"PEN\"}", "error.code", "bad_request"},
	{"{\"verb\":\"price\",\"sku\":\"NONE\"}", "error.code", "unknown_code"},
	{"{\"verb\":\"scan\",\"lane\":\"1\"}", "error.code", "bad_request"},
	{"{\"verb\":\"scan\",\"lane\":\"1\",\"code\":\"" DESK_PEN "\"}", "net", "2.49"},
	{"{\"verb\":\"scan\",\"lane\":\"1\",\"sku\":\"PEN\",\"quantity\":\"2\"}", "totals.total", "7.47"},
	{"{\"verb\":\"scan\",\"lane\":\"1\",\"sku\":\"PEN\",\"quantity\":2}", "totals.total", "12.45"},
	{"{\"verb\":\"scan\",\"lane\":\"1\",\"sku\":\"PEN\",\"quantity\":2.5}", "error.code", "bad_request"},
	{"{\"verb\":\"scan\",\"lane\":\"1\",\"sku\":\"PEN\",\"quantity\":\"x\"}", "error.code",
	 "bad_request"},
	{"{\"verb\":\"scan\",\"lane\":\"1\",\"sku\":\"PEN\",\"quantity\":\"0\"}", "error.code",
	 "bad_quantity"},
	{"{\"verb\":\"scan\",\"lane\":\"1\",\"sku\":\"PEN\",\"quantity\":\"-1\"}", "error.code",
	 "bad_quantity"},
	{"{\"verb\":\"scan\",\"lane\":\"1\",\"code\":\"4006381333930\"}", "error.code", "malformed_code"},
	{"{\"verb\":\"scan\",\"lane\":\"1\",\"code\":\"TENOFF\"}", "coupons", ""},
	{"{\"verb\":\"qty\",\"lane\":\"1\",\"line\":0,\"quantity\":\"1\"}", "error.code", "bad_request"},
	{"{\"verb\":\"qty\",\"lane\":\"1\",\"line\":4294967297,\"quantity\":\"1\"}", "error.code",
	 "unknown_line"},
	{"{\"verb\":\"qty\",\"lane\":\"1\",\"line\":1,\"quantity\":\"2\"}", "quantity", "2"},
	{"{\"verb\":\"void\",\"lane\":\"1\"}", "error.code", "bad_request"},
	{"{\"verb\":\"void\",\"lane\":\"1\",\"line\":1,\"cart\":true}", "error.code", "bad_request"},
	{"{\"verb\":\"void\",\"lane\":\"1\",\"line\":9}", "error.code", "unknown_line"},
	{"{\"verb\":\"customer\",\"lane\":\"1\",\"customer\":\"nobody\"}", "error.code", "unknown_customer"},
	{"{\"verb\":\"customer\",\"lane\":\"1\",\"customer\":\"ann\"}", "customer", "ann"},
	{"{\"verb\":\"coupon\",\"lane\":\"1\",\"code\":\"OLD\"}", "error.code", "coupon_expired"},
	{"{\"verb\":\"code\",\"code\":\"TENOFF\"}", "state", "unused"},
	{"{\"verb\":\"code\",\"code\":\"TENOFF\",\"action\":\"reserve\",\"token\":\"app-7\"}", "token",
	 "app-7"},
	{"{\"verb\":\"code\",\"code\":\"TENOFF\",\"action\":\"release\",\"token\":\"app-8\"}", "error.code",
	 "coupon_reserved"},
	{"{\"verb\":\"code\",\"code\":\"TENOFF\",\"action\":\"expire\",\"by\":\"carla\"}", "state",
	 "expired"},
	{"{\"verb\":\"code\",\"code\":\"TENOFF\",\"action\":\"return\"}", "error.code", "coupon_unused"},
	{"{\"verb\":\"code\",\"code\":\"TENOFF\",\"action\":\"eat\"}", "error.code", "bad_request"},
	{"{\"verb\":\"code\",\"code\":\"TENOFF\",\"minutes\":43201}", "error.code", "bad_request"},
	{"{\"verb\":\"code\",\"code\":\"NOTHING\"}", "error.code", "unknown_coupon"},
	{"{\"verb\":\"usage\"}", "currency", "EUR"},
	{"{\"verb\":\"usage\",\"promotion\":\"BOGO\"}", "currency", "EUR"},
	{"{\"verb\":\"usage\",\"promotion\":\"NOTHING\"}", "error.code", "unknown_code"},
	{"{\"verb\":\"explain\",\"lane\":\"1\"}", "state", "open"},
	{"{\"verb\":\"tender\",\"lane\":\"1\",\"amount\":\"1.234\"}", "error.code", "bad_request"},
	{"{\"verb\":\"tender\",\"lane\":\"1\",\"amount\":\"0.01\"}", "error.code", "tender_short"},
	{"{\"verb\":\"tender\",\"lane\":\"1\",\"tenders\":[]}", "error.code", "bad_request"},
	{"{\"verb\":\"tender\",\"lane\":\"1\",\"tenders\":[{\"method\":\"cash\"}],\"method\":"
	 "\"cash\"}",
	 "error.code", "bad_request"},
	{"{\"verb\":\"tender\",\"lane\":\"1\",\"tenders\":[{\"methode\":\"cash\"}]}", "error.code",
	 "bad_request"},
	{"{\"verb\":\"suspend\",\"lane\":\"1\"}", "ok", "true"},
	{"{\"verb\":\"resume\",\"lane\":\"2\",\"cart\":\"nope\"}", "error.code", "unknown_cart"},
	{"{\"verb\":\"subscribe\",\"lane\":\"9\"}", "error.code", "unknown_lane"},
	{"{\"verb\":\"refresh\"}", "ok", "true"},
};

static void requests(void **state)
{
	struct desk *d = desk_new(&net_system);
	struct peer p;

	(void)state;
	peer_open(&p, d);
	for (size_t i = 0; i < COUNT(conversation); i++)
		expect(ask(d, &p, conversation[i].request), conversation[i].path, conversation[i].value);
	peer_close(&p);
	desk_free(d);
}

static void a_sale_is_answered_when_it_is_durable(void **state)
{
	struct desk *d = desk_new(&net_system);
	struct peer p;

	(void)state;
	peer_open(&p, d);
	ask(d, &p, "{\"verb\":\"scan\",\"lane\":\"1\",\"code\":\"" DESK_PEN "\"}");
	say(d, &p,
	    "{\"verb\":\"tender\",\"lane\":\"1\",\"order\":\"A-1\",\"tenders\":[{\"method\":\"card\","
	    "\"amount\":"
	    "\"1.00\"},{\"method\":\"cash\",\"amount\":\"5\"}]}");
	hear(d, &p);
	expect(p.line, "order", "A-1");
	expect(p.line, "change", "3.51"); /* 6.00 - 2.49 */
	expect(ask(d, &p, "{\"verb\":\"status\"}"), "ledger.sales", "1");
	peer_close(&p);
	desk_free(d);
}

static void a_line_may_come_in_any_pieces(void **state)
{
	static const char request[] =
		"{\"verb\":\"version\",\"id\":1}\r\n \n{\"verb\":\"version\",\"id\":2}\n";
	struct desk *d = desk_new(&net_system);
	struct peer p;

	(void)state;
	peer_open(&p, d);
	for (size_t i = 0; i < sizeof(request) - 1; i++)
		say_n(d, &p, request + i, 1);
	expect(hear(d, &p), "id", "1");
	expect(hear(d, &p), "id", "2"); /* the blank line between them is no request */
	peer_close(&p);
	desk_free(d);
}

/* A request of n bytes: blanks behind a JSON object. */
static void say_long(const struct desk *d, const struct peer *p, size_t n)
{
	static const char request[] = "{\"verb\":\"version\"}";
	char *line = malloc(n + 1);

	memset(line, ' ', n);
	memcpy(line, request, sizeof(request) - 1);
	line[n] = '\n';
	say_n(d, p, line, n + 1);
	free(line);
}

static void a_line_that_is_too_long_is_passed_over(void **state)
{
	static const struct {
		size_t length;
		const char *code;
	} rows[] = {
		{65536, ""}, {65537, "line_too_long"}, {81920, "line_too_long"}, {300000, "line_too_long"}};
	struct desk *d = desk_new(&net_system);
	struct peer p;

	(void)state;
	peer_open(&p, d);
	for (size_t i = 0; i < COUNT(rows); i++) {
		say_long(d, &p, rows[i].length);
		expect(hear(d, &p), "error.code", rows[i].code);
		expect(ask(d, &p, "{\"verb\":\"version\",\"id\":5}"), "id",
		       "5"); /* and nothing came between */
	}
	peer_close(&p);
	desk_free(d);
}

static void one_client_too_many_is_told_so(void **state)
{
	static struct peer peers[CONTROL_CLIENTS_MAX];
	struct desk *d = desk_new(&net_system);
	struct peer extra;

	(void)state;
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		peer_open(&peers[i], d);
	peer_open(&extra, d);
	expect(hear(d, &extra), "error.code", "too_many_clients");
	assert_null(hear(d, &extra));
	peer_close(&extra);
	expect(ask(d, &peers[0], "{\"verb\":\"status\"}"), "clients", "256");
	peer_close(&peers[7]);
	loop_turn(d->m.loop, 1);
	peer_open(&peers[7], d);
	expect(ask(d, &peers[7], "{\"verb\":\"status\"}"), "clients", "256");
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		peer_close(&peers[i]);
	desk_free(d);
}

/* Answers of one that asks and does not read wait in its requests, not in our memory: none is lost. */
static void questions_wait_for_a_reader(void **state)
{
	enum { QUESTIONS = 2000 };
	struct desk *d = desk_new(&net_system);
	struct peer p;
	char line[64];
	int asked = 0;

	(void)state;
	peer_open(&p, d);
	ask(d, &p, "{\"verb\":\"scan\",\"lane\":\"1\",\"code\":\"" DESK_PEN "\"}");
	for (int i = 1; i <= QUESTIONS; i++) {
		int n = snprintf(line, sizeof(line), "{\"verb\":\"cart\",\"lane\":\"1\",\"id\":%d}\n", i);

		while (send(p.fd, line, (size_t)n, MSG_NOSIGNAL) < 0) {
			asked = i;
			assert_int_equal(errno, EAGAIN);
			loop_turn(d->m.loop, 0);
			hear_now(&p); /* it begins to read when it can send no more */
		}
		loop_turn(d->m.loop, 0);
	}
	assert_true(asked > 0); /* it was held back: or the test would show nothing */
	for (int i = 1; i <= QUESTIONS; i++) {
		snprintf(line, sizeof(line), "%d", i);
		expect(hear(d, &p), "id", line);
	}
	peer_close(&p);
	desk_free(d);
}

static void events_reach_their_subscribers_at_once(void **state)
{
	struct desk *d = desk_new(&net_system);
	struct peer one, all;

	(void)state;
	peer_open(&one, d);
	peer_open(&all, d);
	expect(ask(d, &one, "{\"verb\":\"subscribe\",\"lane\":\"1\"}"), "ok", "true");
	expect(ask(d, &all, "{\"verb\":\"subscribe\",\"lane\":\"*\",\"full\":true}"), "ok", "true");
	device_scan(d, "2");
	device_scan(d, "1");
	hear_now(&one); /* the loop has not turned since */
	hear_now(&all);
	expect(next_line(&one), "lane", "1");
	expect(one.line, "event", "line");
	expect(one.line, "totals.total", "2.49");
	assert_null(next_line(&one));
	expect(next_line(&all), "lane", "2");
	expect(next_line(&all), "event", "cart");
	expect(next_line(&all), "lane", "1");
	expect(next_line(&all), "event", "cart");
	lane_device_scan(shop_lane(d->m.shop, "1"), "123", 3);
	expect(hear(d, &one), "event", "refused");
	expect(one.line, "error.code", "malformed_code");
	expect(one.line, "scanned", "123");
	lane_device_state(shop_lane(d->m.shop, "1"), "front", false, "unplugged");
	expect(hear(d, &one), "reason", "unplugged");
	expect(one.line, "state", "down");
	say(d, &one, "{\"verb\":\"refresh\"}");
	peer_close(&one);
	peer_close(&all);
	desk_free(d);
}

static void one_that_does_not_read_is_dropped(void **state)
{
	struct desk *d = desk_new(&net_system);
	struct peer deaf, good;
	unsigned heard = 0, scans = 0;

	(void)state;
	peer_open(&deaf, d);
	peer_open(&good, d);
	ask(d, &deaf, "{\"verb\":\"subscribe\",\"lane\":\"1\",\"full\":true}");
	ask(d, &good, "{\"verb\":\"subscribe\",\"lane\":\"1\"}");
	for (; scans < 20000; scans++) {
		struct answer a;

		lane_quantity(shop_lane(d->m.shop, "1"), 1, (struct qty){scans % 2 ? 2000000 : 1000000}, &a);
		if (a.refusal != REFUSED_NOT)
			device_scan(d, "1");
		hear_now(&good);
		for (; next_line(&good); heard++)
			expect(good.line, "event", "line");
		loop_turn(d->m.loop, 0);
		if (scans % 1000 == 999) {
			say(d, &good, "{\"verb\":\"status\"}");
			if (strcmp(member(hear(d, &good), "clients"), "1") == 0)
				break;
		}
	}
	assert_true(scans < 20000); /* the deaf one is gone */
	assert_int_equal(heard, scans + 1);
	peer_close(&deaf);
	peer_close(&good);
	desk_free(d);
}

static void an_answer_may_find_its_client_gone(void **state)
{
	struct desk *d = desk_new(&net_system);
	struct peer first, second;

	(void)state;
	peer_open(&first, d);
	ask(d, &first, "{\"verb\":\"scan\",\"lane\":\"1\",\"code\":\"" DESK_PEN "\"}");
	send(first.fd, "{\"verb\":\"tender\",\"lane\":\"1\"}\n", 30, MSG_NOSIGNAL);
	peer_close(&first);
	loop_turn(d->m.loop, 10); /* the request is taken; its answer comes when nobody is there */
	peer_open(&second, d);
	for (int turns = 0; turns < TURNS_MAX && shop_pending(d->m.shop) > 0; turns++)
		loop_turn(d->m.loop, 1);
	expect(ask(d, &second, "{\"verb\":\"status\",\"id\":\"mine\"}"), "id", "mine");
	expect(second.line, "ledger.sales", "1");
	peer_close(&second);
	desk_free(d);
}

/* As in: echo '{"verb":...}' | socat - UNIX-CONNECT:... */
static void one_that_ends_its_side_still_gets_its_answers(void **state)
{
	struct desk *d = desk_new(&net_system);
	struct peer p;

	(void)state;
	peer_open(&p, d);
	ask(d, &p, "{\"verb\":\"scan\",\"lane\":\"1\",\"code\":\"" DESK_PEN "\"}");
	send(p.fd, "{\"verb\":\"tender\",\"lane\":\"1\"}\n{\"verb\":\"version\"}\n{\"verb\"", 55,
	     MSG_NOSIGNAL);
	shutdown(p.fd, SHUT_WR);
	expect(hear(d, &p), "program", "tilld"); /* this one need not wait for the disk */
	expect(hear(d, &p), "total", "2.49");
	assert_null(hear(d, &p));
	peer_close(&p);
	desk_free(d);
}

static void a_closed_door_lets_answers_out(void **state)
{
	struct desk *d = desk_new(&net_system);
	struct peer p;

	(void)state;
	peer_open(&p, d);
	ask(d, &p, "{\"verb\":\"scan\",\"lane\":\"1\",\"code\":\"" DESK_PEN "\"}");
	say(d, &p, "{\"verb\":\"tender\",\"lane\":\"1\"}");
	control_close_door(d->control);
	say(d, &p, "{\"verb\":\"version\"}");
	expect(hear(d, &p), "total", "2.49");
	for (int i = 0; i < 10; i++)
		loop_turn(d->m.loop, 1);
	hear_now(&p);
	assert_null(next_line(&p));
	peer_close(&p);
	desk_free(d);
}

static enum err try_second(struct desk *d, const char *path, struct why *why)
{
	struct control_config config = d->config;
	struct control *second;
	enum err e;

	config.path = path;
	e = control_new(d->m.loop, &config, &second, why);
	if (e == ERR_OK)
		control_free(second);
	return e;
}

static void the_socket_file(void **state)
{
	struct desk *d = desk_new(&net_system);
	char other[160];
	struct why why;
	struct stat st;

	(void)state;
	assert_int_equal(stat(d->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(try_second(d, d->path, &why), ERR_BUSY);
	assert_non_null(strstr(why.text, "another tilld"));
	assert_int_equal(stat(d->path, &st), 0); /* and it has not been taken away */

	snprintf(other, sizeof(other), "%s/none/control.sock", d->m.scratch.dir);
	assert_int_equal(try_second(d, other, &why), ERR_NOT_FOUND);
	snprintf(other, sizeof(other), "%s/file", d->m.scratch.dir);
	close(open(other, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(try_second(d, other, &why), ERR_EXISTS);

	snprintf(other, sizeof(other), "%s/stale", d->m.scratch.dir);
	assert_int_equal(mknod(other, S_IFSOCK | 0600, 0), 0); /* as a dead daemon leaves it */
	d->config.group = "no-such-group";
	assert_int_equal(try_second(d, other, &why), ERR_NOT_FOUND);
	d->config.group = "";
	assert_int_equal(mknod(other, S_IFSOCK | 0600, 0), 0);
	assert_int_equal(try_second(d, other, &why), ERR_OK);
	assert_int_equal(stat(other, &st), -1); /* gone with its daemon */
	memset(other, 'x', sizeof(other) - 1);
	other[sizeof(other) - 1] = '\0';
	assert_int_equal(try_second(d, other, &why), ERR_LIMIT);
	desk_free(d);
}

/* The row of docs/control.md's table of verbs; NULL if there is none. */
static const char *documented(const char *text, const char *verb, char out[512])
{
	char head[64];
	const char *row;

	snprintf(head, sizeof(head), "\n| `%s` |", verb);
	row = strstr(text, head);
	if (row)
		snprintf(out, 512, "%.*s", (int)strcspn(row + 1, "\n"), row + 1);
	return row ? out : NULL;
}

static char *read_text(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = calloc(1, 100000);

	assert_non_null(f);
	assert_true(fread(text, 1, 99999, f) > 0);
	fclose(f);
	return text;
}

static void the_document_lists_every_verb_and_member(void **state)
{
	char *text = read_text("../../docs/control.md"), row[512], member_text[64];
	struct buf out;
	char *save, *words;

	(void)state;
	buf_init(&out, 65536);
	assert_int_equal(control_describe(&out), ERR_OK);
	assert_true(buf_add(&out, "", 1));
	for (char *line = strtok_r((char *)buf_front(&out), "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		const char *verb = strtok_r(line, " ", &words);

		if (documented(text, verb, row) == NULL)
			fail_msg("docs/control.md has no verb '%s'", verb);
		for (const char *m = strtok_r(NULL, " ", &words); m; m = strtok_r(NULL, " ", &words)) {
			size_t n = strcspn(m, "?");

			snprintf(member_text, sizeof(member_text), m[n] ? "`%.*s`?" : "`%.*s`", (int)n, m);
			if (strstr(row, member_text) == NULL)
				fail_msg("docs/control.md: '%s' does not tell of %s", verb, member_text);
		}
	}
	buf_free(&out);
	free(text);
}

/* clang-format off */
#define RATED \
	"{\"type\":\"book\",\"id\":\"corner\",\"currency\":\"EUR\"}\n{\"type\":\"price_list\",\"id\":\"base\"}\n" \
	"{\"type\":\"item\",\"sku\":\"PEN\",\"name\":\"Pen\"}\n{\"type\":\"price\",\"list\":\"base\",\"sku\":\"PEN\",\"price\":\"2.49\"}\n" \
	"{\"type\":\"exchange_rate\",\"currency\":\"GBP\",\"rate\":\"1.2\"}\n" \
	"{\"type\":\"exchange_rate\",\"currency\":\"USD\",\"rate\":\"0.9\",\"at\":\"2026-11-20T10:30:00Z\"}\n" \
	"{\"type\":\"landed_cost\",\"sku\":\"PEN\",\"fob\":\"1.00\",\"currency\":\"USD\"}\n"
#define USD "{\"currency\":\"USD\",\"at\":\"2026-11-20T10:30:00Z\",\"stale\":"
/* clang-format on */

/* The control socket hears the shop, so the shop's own helper would wait in vain. */
static void put_in_force(struct desk *d, const char *book)
{
	const char *path = scratch_path(&d->m.scratch, "next.jsonl");
	uint64_t version;
	struct why why;

	scratch_write(path, book);
	if (catalog_import(d->m.catalog_path, path, NULL, NULL, NULL, &version, NULL, &why))
		fail_msg("%s", why.text);
	loader_refresh(d->m.loader);
	for (int turns = 0; shop_catalog(d->m.shop)->version < version; turns++) {
		if (turns == 5000)
			fail_msg("the catalog is not in force in time");
		loop_turn(d->m.loop, 10);
	}
}

/* It is 10:00: the rate of yesterday, 10:30, is flagged from 10:30:01 on. Nothing is reckoned with pounds. */
static void rates_that_grow_old(void **state)
{
	struct desk *d = desk_new(&net_system);
	struct peer p;

	(void)state;
	put_in_force(d, RATED);
	peer_open(&p, d);
	ask(d, &p, "{\"verb\":\"subscribe\",\"lane\":\"1\",\"events\":true}");
	assert_non_null(strstr(ask(d, &p, "{\"verb\":\"status\"}"), "\"exchange_rates\":[" USD "false}]"));
	clock_manual_advance_ms(&d->m.clock, INT64_C(31) * 60000);
	expect(hear(d, &p), "event", "ExchangeRateStale");
	expect(p.line, "payload.at", "2026-11-20T10:30:00Z");
	expect(p.line, "topic", "alerts");
	assert_non_null(strstr(ask(d, &p, "{\"verb\":\"status\"}"), "\"exchange_rates\":[" USD "true}]"));
	clock_manual_advance_ms(&d->m.clock, INT64_C(31) * 60000);
	expect(ask(d, &p, "{\"verb\":\"version\"}"), "ok", "true"); /* it is told once */
	peer_close(&p);
	desk_free(d);
}

/* BOGO is from 10:00 to 12:00 in Berlin, where it is 11:00. */
static void windows_that_open_and_close(void **state)
{
	struct desk *d = desk_new(&net_system);
	struct peer p, other;

	(void)state;
	peer_open(&p, d);
	peer_open(&other, d);
	ask(d, &p, "{\"verb\":\"subscribe\",\"lane\":\"1\",\"events\":true}");
	ask(d, &other, "{\"verb\":\"subscribe\",\"lane\":\"1\"}");
	clock_manual_advance_ms(&d->m.clock, INT64_C(59) * 60000);
	expect(ask(d, &p, "{\"verb\":\"version\"}"), "ok", "true"); /* 11:59: nothing to tell */
	clock_manual_advance_ms(&d->m.clock, INT64_C(2) * 60000);
	expect(hear(d, &p), "event", "PromotionEnded");
	expect(p.line, "payload.promotionId", "BOGO");
	expect(p.line, "topic", "promo_rules");
	clock_manual_advance_ms(&d->m.clock, INT64_C(22) * 3600000);
	expect(hear(d, &p), "event", "PromotionActivated");
	expect(p.line, "payload.discount", "100 %");
	expect(ask(d, &other, "{\"verb\":\"version\"}"), "ok", "true"); /* it did not ask for these */
	peer_close(&p);
	clock_manual_advance_ms(&d->m.clock, INT64_C(2) * 3600000);
	expect(ask(d, &other, "{\"verb\":\"version\"}"), "ok", "true"); /* nobody listens */
	peer_close(&other);
	desk_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(a_sale_is_answered_when_it_is_durable),
		cmocka_unit_test(a_line_may_come_in_any_pieces),
		cmocka_unit_test(windows_that_open_and_close),
		cmocka_unit_test(rates_that_grow_old),
		cmocka_unit_test(a_line_that_is_too_long_is_passed_over),
		cmocka_unit_test(one_client_too_many_is_told_so),
		cmocka_unit_test(questions_wait_for_a_reader),
		cmocka_unit_test(events_reach_their_subscribers_at_once),
		cmocka_unit_test(one_that_does_not_read_is_dropped),
		cmocka_unit_test(an_answer_may_find_its_client_gone),
		cmocka_unit_test(one_that_ends_its_side_still_gets_its_answers),
		cmocka_unit_test(a_closed_door_lets_answers_out),
		cmocka_unit_test(the_socket_file),
		cmocka_unit_test(the_document_lists_every_verb_and_member),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
