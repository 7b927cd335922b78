/*
 * The small shop. See mini_shop.h.
 */
#include "mini_shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog_store.h"
#include "ledger_uses.h"
#include "zone.h"

/*
 * PEN 2.49; BAR 1.00, two for one; HAM by price label (22), CHEESE by weight label (23), ROLL by count (24);
 * TWIN1 and TWIN2 share a code; NOPRICE has none; GOLD costs the most that a price can be; OIL by the litre,
 * SALT by the gram, MEAT by the pound; SHORT8 and SHORTE are a GTIN-8 and a UPC-E of the same eight digits,
 * and so is ONLYE, alone.
 */
const char mini_book[] =
	"{\"type\":\"book\",\"id\":\"corner\",\"currency\":\"EUR\",\"tax\":\"inclusive\"}\n"
	"{\"type\":\"tax\",\"id\":\"food\",\"rate\":\"7\"}\n"
	"{\"type\":\"price_list\",\"id\":\"base\",\"rank\":0}\n"
	"{\"type\":\"price_list\",\"id\":\"club\",\"rank\":10,\"segments\":[\"gold\"]}\n"
	"{\"type\":\"item\",\"sku\":\"PEN\",\"name\":\"Pen\",\"gtins\":[\"4006381333931\"],\"tax\":\"food\"}"
	"\n"
	"{\"type\":\"item\",\"sku\":\"BAR\",\"name\":\"Bar\",\"gtins\":[\"4000417025005\"],\"tax\":\"food\"}"
	"\n"
	"{\"type\":\"item\",\"sku\":\"HAM\",\"name\":\"Ham\",\"gtins\":[\"2212345000005\"],\"unit\":\"kg\"}\n"
	"{\"type\":\"item\",\"sku\":\"CHEESE\",\"name\":\"Cheese\",\"gtins\":[\"2312345000002\"],\"unit\":"
	"\"kg\"}\n"
	"{\"type\":\"item\",\"sku\":\"CAKE\",\"name\":\"Cake\",\"gtins\":[\"2311111000000\"]}\n"
	"{\"type\":\"item\",\"sku\":\"ROLL\",\"name\":\"Roll\",\"gtins\":[\"2412345000009\"]}\n"
	"{\"type\":\"item\",\"sku\":\"NUTS\",\"name\":\"Nuts\",\"gtins\":[\"2411111000007\"],\"unit\":\"kg\"}"
	"\n"
	"{\"type\":\"item\",\"sku\":\"TWIN2\",\"name\":\"Twin two\",\"gtins\":[\"96385074\"]}\n"
	"{\"type\":\"item\",\"sku\":\"TWIN1\",\"name\":\"Twin one\",\"gtins\":[\"96385074\"]}\n"
	"{\"type\":\"item\",\"sku\":\"NOPRICE\",\"name\":\"No price\",\"gtins\":[\"5901234123457\"]}\n"
	"{\"type\":\"item\",\"sku\":\"GOLD\",\"name\":\"Gold\",\"gtins\":[\"4000000000013\"]}\n"
	"{\"type\":\"item\",\"sku\":\"OIL\",\"name\":\"Oil\",\"gtins\":[\"4000000000020\"],\"unit\":\"l\"}\n"
	"{\"type\":\"item\",\"sku\":\"SALT\",\"name\":\"Salt\",\"gtins\":[\"4000000000037\"],\"unit\":\"g\"}"
	"\n"
	"{\"type\":\"item\",\"sku\":\"RICE\",\"name\":\"Rice\",\"gtins\":[\"4000000000075\"],\"unit\":\"kg\"}"
	"\n"
	"{\"type\":\"item\",\"sku\":\"MEAT\",\"name\":\"Meat\",\"gtins\":[\"4000000000044\"],\"unit\":\"lb\"}"
	"\n"
	"{\"type\":\"item\",\"sku\":\"SHORT8\",\"name\":\"Eight\",\"gtins\":[\"01234565\"]}\n"
	"{\"type\":\"item\",\"sku\":\"SHORTE\",\"name\":\"E\",\"gtins\":[\"012345000065\"]}\n"
	"{\"type\":\"item\",\"sku\":\"ONLYE\",\"name\":\"Only E\",\"gtins\":[\"012347000070\"]}\n"
	"{\"type\":\"item\",\"sku\":\"GIFT\",\"name\":\"Gift\",\"gtins\":[\"4000000000051\"]}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"PEN\",\"price\":\"2.49\"}\n"
	"{\"type\":\"price\",\"list\":\"club\",\"sku\":\"PEN\",\"price\":\"1.99\"}\n"
	"{\"type\":\"price\",\"list\":\"club\",\"sku\":\"NOPRICE\",\"price\":\"5.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"BAR\",\"price\":\"1.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"CHEESE\",\"price\":\"12.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"CAKE\",\"price\":\"3.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"ROLL\",\"price\":\"0.40\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"NUTS\",\"price\":\"9.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"TWIN1\",\"price\":\"1.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"TWIN2\",\"price\":\"2.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"GOLD\",\"price\":\"10000000000000.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"OIL\",\"price\":\"4.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"SALT\",\"price\":\"0.01\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"RICE\",\"price\":\"2.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"MEAT\",\"price\":\"5.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"SHORT8\",\"price\":\"0.10\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"SHORTE\",\"price\":\"0.20\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"ONLYE\",\"price\":\"0.30\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"GIFT\",\"price\":\"0.00\"}\n"
	"{\"type\":\"promotion\",\"id\":\"BOGO\",\"name\":\"Two bars for one\",\"texts\":{\"fr\":\"Deux pour "
	"une\"},"
	"\"needs\":[{\"select\":{\"skus\":[\"BAR\"]},\"quantity\":2}],"
	"\"gives\":[{\"kind\":\"units\",\"buy\":1,\"get\":1,\"percent\":\"100\"}],"
	"\"when\":{\"hours\":[{\"from\":\"10:00\",\"to\":\"12:00\"}]}}\n"
	"{\"type\":\"promotion\",\"id\":\"SAVE10\",\"name\":\"Ten per cent\",\"coupon\":true,"
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"10\"}]}\n"
	"{\"type\":\"coupon\",\"code\":\"TENOFF\",\"promotion\":\"SAVE10\"}\n"
	"{\"type\":\"coupon\",\"code\":\"TENAGAIN\",\"promotion\":\"SAVE10\"}\n"
	"{\"type\":\"coupon\",\"code\":\"OLD\",\"promotion\":\"SAVE10\",\"to\":\"2026-11-20\"}\n"
	"{\"type\":\"coupon\",\"code\":\"EARLY\",\"promotion\":\"SAVE10\",\"from\":\"2026-11-22\"}\n"
	"{\"type\":\"coupon\",\"code\":\"LOCAL\",\"promotion\":\"SAVE10\",\"from\":\"2026-11-21T11:00:00\"}\n"
	"{\"type\":\"coupon\",\"code\":\"INSTANT\",\"promotion\":\"SAVE10\",\"from\":\"2026-11-21T11:00:"
	"00Z\"}\n"
	"{\"type\":\"customer\",\"id\":\"ann\",\"name\":\"Ann\",\"segments\":[\"gold\",\"knitting\"]}\n"
	"{\"type\":\"customer\",\"id\":\"bob\"}\n";

static void must(enum err e, const struct why *why)
{
	if (e)
		fail_msg("%s: %s", err_name(e), why->text);
}

static void hear(const struct lane_news *news, void *arg)
{
	struct mini_shop *m = arg;

	m->news[news->event]++;
	if (news->answer)
		m->refused = news->answer->refusal;
	if (news->answer)
		snprintf(m->reason, sizeof(m->reason), "%s", news->answer->why.text);
	if (news->event == LANE_CATALOG_EVENT) {
		size_t n = strlen(m->events);

		snprintf(m->events + n, sizeof(m->events) - n, "%.*s", (int)news->text_length, news->text);
	}
	if (news->scanned)
		snprintf(m->scanned, sizeof(m->scanned), "%s", news->scanned);
}

static void take_snapshot(struct snapshot *s, const struct why *why, void *arg)
{
	struct mini_shop *m = arg;

	if (!s)
		fail_msg("snapshot: %s", why->text);
	shop_take_catalog(m->shop, s);
}

static void ledger_failed(void *arg)
{
	(void)arg;
	fail_msg("the ledger failed");
}

void mini_shop_turn_until(struct mini_shop *m, const unsigned *counter, unsigned value)
{
	for (int turns = 0; *counter < value; turns++) {
		if (turns == 5000)
			fail_msg("nothing happened in time");
		loop_turn(m->loop, 10);
	}
}

static void write_book(struct mini_shop *m, const char *book)
{
	const char *path = scratch_path(&m->scratch, "book.jsonl");
	uint64_t version;
	struct why why;

	scratch_write(path, book);
	must(catalog_import(m->catalog_path, path, NULL, NULL, NULL, &version, NULL, &why), &why);
}

static void open_shop(struct mini_shop *m)
{
	struct ledger_position head;
	struct ledger *ledger;
	struct uses *uses;
	struct lane *lane;
	struct why why;
	int64_t event;

	must(loop_new(&m->clock.clock, &m->loop), &why);
	must(ledger_open(m->ledger_path, "b", &m->clock.clock, &ledger, &why), &why);
	must(shop_new(m->loop, &m->config, ledger_segment(ledger), &m->shop), &why);
	must(ledger_load_uses(ledger, &uses, &event, &why), &why);
	shop_take_uses(m->shop, uses, event);
	shop_listen(m->shop, hear, m);
	for (unsigned i = 1; i <= m->lane_count; i++) {
		char name[4];

		snprintf(name, sizeof(name), "%u", i);
		must(lane_new(m->shop, name, "store", &lane), &why);
	}
	ledger_head(ledger, &head, &event);
	if (m->keep_carts)
		shop_keep_carts(m->shop, scratch_path(&m->scratch, "carts.db"), m->ledger_path, event);
	must(ledger_worker_start(m->loop, ledger, ledger_failed, m, &m->worker), &why);
	memset(m->news, 0, sizeof(m->news));
	must(loader_start(m->loop, m->catalog_path, take_snapshot, m, &m->loader), &why);
	shop_attach(m->shop, m->loader, m->worker);
	mini_shop_turn_until(m, &m->news[LANE_CATALOG], 1);
}

static void close_shop(struct mini_shop *m)
{
	loader_stop(m->loader);
	ledger_worker_stop(m->worker);
	assert_int_equal(shop_pending(m->shop), 0);
	shop_free(m->shop);
	loop_free(m->loop);
}

void mini_shop_start(struct mini_shop *m, const char *book)
{
	static const char *const patterns[] = {"22IIIIIPPPPPC", "23IIIIIWWWWWC", "24IIIIINNNNNC"};
	struct why why;

	*m = (struct mini_shop){.lane_count = m->lane_count ? m->lane_count : 2, .keep_carts = m->keep_carts};
	must(zone_use("Europe/Berlin", &why), &why);
	scratch_new(&m->scratch);
	snprintf(m->catalog_path, sizeof(m->catalog_path), "%s", scratch_path(&m->scratch, "catalog.db"));
	snprintf(m->ledger_path, sizeof(m->ledger_path), "%s", scratch_path(&m->scratch, "ledger.db"));
	for (size_t i = 0; i < COUNT(patterns); i++)
		must(gs1_template_parse(patterns[i], patterns[i], &m->templates[i], &why), &why);
	m->config = (struct shop_config){.box = "b",
					 .store = "S1",
					 .templates = m->templates,
					 .template_count = 3,
					 .repin_after_s = 600,
					 .hold_suspended_s = 1800};
	clock_manual_init(&m->clock, MINI_NOON_MS);
	write_book(m, book);
	open_shop(m);
}

void mini_shop_stop(struct mini_shop *m)
{
	close_shop(m);
	scratch_free(&m->scratch);
}

void mini_shop_restart(struct mini_shop *m)
{
	close_shop(m);
	open_shop(m);
}

void mini_shop_import(struct mini_shop *m, const char *book)
{
	unsigned before = m->news[LANE_CATALOG];

	write_book(m, book);
	loader_refresh(m->loader);
	mini_shop_turn_until(m, &m->news[LANE_CATALOG], before + 1);
}

json_t *mini_shop_json(struct lane *l, lane_json_fn *members)
{
	json_error_t error;
	struct jsonw w;
	struct buf out;
	json_t *j;

	buf_init(&out, 1 << 20);
	jsonw_begin(&w, &out);
	jsonw_object(&w, NULL);
	members(l, &w);
	jsonw_close(&w);
	assert_int_equal(jsonw_end(&w), ERR_OK);
	j = json_loadb((const char *)buf_front(&out), buf_length(&out), JSON_REJECT_DUPLICATES, &error);
	if (!j)
		fail_msg("%s: %.*s", error.text, (int)buf_length(&out), (const char *)buf_front(&out));
	buf_free(&out);
	return j;
}

const char *json_path(const json_t *j, const char *path)
{
	static char number[32];
	char step[32];

	while (*path) {
		size_t n = strcspn(path, ".");

		snprintf(step, sizeof(step), "%.*s", (int)n, path);
		j = json_is_array(j) ? json_array_get(j, strtoul(step, NULL, 10)) : json_object_get(j, step);
		path += n + (path[n] == '.');
	}
	if (json_is_boolean(j))
		return json_is_true(j) ? "true" : "false";
	if (json_is_integer(j)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(j));
		return number;
	}
	return json_is_string(j) ? json_string_value(j) : "";
}

/* The first four receipts are noted, for tests of what is answered when. */
static void note_receipt(struct mini_shop *m, struct lane *l)
{
	json_t *j = mini_shop_json(l, lane_receipt_json);

	if (m->answered < COUNT(m->receipts) && json_object_size(j))
		snprintf(m->receipts[m->answered], sizeof(m->receipts[0]), "%s %s", json_path(j, "order"),
			 json_path(j, "repeated"));
	json_decref(j);
}

static void done(struct lane *l, const struct answer *a, void *arg)
{
	struct mini_shop *m = arg;

	assert_true(m->answered < ANSWERS_MAX);
	if (!a->refusal)
		note_receipt(m, l);
	m->answers[m->answered++] = *a;
}

static void answer_at_once(struct mini_shop *m, struct lane *l, const struct answer *a)
{
	done(l, a, m);
}

static struct qty quantity_of(const char *text)
{
	struct qty q = {0};

	if (text)
		assert_int_equal(decimal_parse(text, strlen(text), QTY_EXPONENT, &q.micro), ERR_OK);
	return q;
}

static void tender(struct mini_shop *m, char *rest)
{
	struct tender tenders[16];
	const char *order = NULL, *cashier = "carla";
	size_t n = 0;

	for (char *word = strtok(rest, " "); word; word = strtok(NULL, " ")) {
		char *value = strchr(word, '=');

		if (value)
			*value++ = '\0';
		if (!strcmp(word, "order")) {
			order = value;
			continue;
		}
		tenders[n] = (struct tender){word, MONEY_NONE};
		if (value)
			assert_int_equal(decimal_parse(value, strlen(value), 2, &tenders[n].amount.minor),
					 ERR_OK);
		n++;
	}
	lane_tender(m->lane, order, tenders, n, cashier, done, m);
}

static struct answer price(struct mini_shop *m, const char *what)
{
	struct answer a;
	struct jsonw w;
	struct buf out;

	buf_init(&out, 1 << 16);
	jsonw_begin(&w, &out);
	jsonw_object(&w, NULL);
	lane_price_json(m->lane, what, what[0] > '9', &a, &w);
	jsonw_close(&w);
	assert_int_equal(jsonw_end(&w), ERR_OK);
	buf_free(&out);
	return a;
}

void mini_shop_begin(struct mini_shop *m, const char *command)
{
	char text[256], lane[4] = "1", *verb, *word, *rest;
	size_t digits = strspn(command, "0123456789");
	struct answer a = {0};

	snprintf(text, sizeof(text), "%s", command + (digits ? digits + 1 : 0));
	if (digits)
		snprintf(lane, sizeof(lane), "%.*s", (int)digits, command);
	m->lane = shop_lane(m->shop, lane);
	verb = strtok_r(text, " ", &rest);
	if (!strcmp(verb, "tender")) {
		tender(m, rest);
		return;
	}
	word = strtok_r(NULL, " ", &rest);
	rest = strtok_r(NULL, " ", &rest);
	if (!strcmp(verb, "customer")) {
		lane_customer(m->lane, word, done, m);
		return;
	}
	if (!strcmp(verb, "coupon")) {
		lane_coupon(m->lane, word, rest, done, m);
		return;
	}
	if (!strcmp(verb, "scan"))
		lane_scan(m->lane, word, strlen(word), quantity_of(rest), &a);
	else if (!strcmp(verb, "sku"))
		lane_add_sku(m->lane, word, quantity_of(rest), &a);
	else if (!strcmp(verb, "qty"))
		lane_quantity(m->lane, (uint32_t)strtoul(word, NULL, 10), quantity_of(rest), &a);
	else if (!strcmp(verb, "void") && !strcmp(word, "cart"))
		lane_void_cart(m->lane, &a);
	else if (!strcmp(verb, "void"))
		lane_void_line(m->lane, (uint32_t)strtoul(word, NULL, 10), &a);
	else if (!strcmp(verb, "suspend"))
		lane_suspend(m->lane, &a);
	else if (!strcmp(verb, "resume"))
		lane_resume(m->lane, word, &a);
	else if (!strcmp(verb, "device"))
		lane_device_scan(m->lane, word, strlen(word));
	else if (!strcmp(verb, "price"))
		a = price(m, word);
	else
		fail_msg("no command: %s", command);
	answer_at_once(m, m->lane, &a);
}

struct answer mini_shop_do(struct mini_shop *m, const char *command)
{
	unsigned before = m->answered = 0;

	mini_shop_begin(m, command);
	mini_shop_turn_until(m, &m->answered, before + 1);
	return m->answers[before];
}
