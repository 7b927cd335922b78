/*
 * From the last byte of a scan, sent through a pty, to the first byte of the priced line at a subscriber of
 * tilld's control socket; beside an echo program with the same hops, in turns of one block each.
 *
 *	scan_to_price TILLD DIR BOOK SCANS [--json]
 *
 * A cart has twenty scans; then, outside of what is timed, it is paid. Each line's price is checked against
 * the book and its totals against each other. The echo answers the codes of the block before with lines as
 * long as tilld's were, and this program checks those lines once more, so that it does the same work between
 * two scans of either. Scanner and subscriber run on one processor, tilld and the echo on another.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "box.h"
#include "echo.h"
#include "goods.h"
#include "measure.h"
#include "priority.h"

#define CART_SCANS  20
#define BLOCK_SCANS 200
#define SETTLE_US   500L /* after a cart: until who answered sleeps again, so that its CPU time is complete */

struct scan {
	const struct good *good;
	char *line; /* as it came */
	size_t length;
};

/* What one side of the comparison gave: all of it, and by blocks. */
struct side {
	struct samples all, block, p50, p99, cpu;
};

struct bench {
	struct box box;
	struct goods goods;
	struct echo echo;
	struct port echo_port;
	struct lines *echo_lines;
	struct scan scans[BLOCK_SCANS];
	struct side ours, floor;
	struct samples own; /* CPU time above that of the echo's block behind it */
	uint64_t random;
	int64_t cart_list; /* what the cart's scans cost, so far, by the book */
	json_t *cart;	   /* what promotions give in it, by id, as its lines told so far */
	double applied, bytes, lines;
	json_t *promotions; /* those that applied at least once */
};

/* One in six is an article of the cart again, but never twice in a row: that might be one bounced scan. */
static const struct good *choose(struct bench *b, size_t i)
{
	uint64_t r = measure_random(&b->random);
	size_t place = i % CART_SCANS;

	if (place >= 2 && r % 6 == 0)
		return b->scans[i - 2].good;
	return &b->goods.at[(r >> 8) % b->goods.count];
}

static void wrong(const struct scan *s, const char *what)
{
	measure_fail("%s %s: %s in\n%.*s", s->good->sku, s->good->code, what, (int)s->length, s->line);
}

/* What a subscriber knows of the cart's promotions: each line tells what has changed. */
static void take_changes(struct bench *b, const json_t *line)
{
	const json_t *changed = json_object_get(line, "changed"), *one;
	size_t i;

	json_array_foreach (json_object_get(changed, "applied"), i, one) {
		const char *promotion = json_string_value(json_object_get(one, "promotion"));

		json_object_set(b->cart, promotion, json_object_get(one, "amount"));
		json_object_set_new(b->promotions, promotion, json_true());
	}
	json_array_foreach (json_object_get(changed, "dropped"), i, one) {
		json_object_del(b->cart, json_string_value(one));
	}
}

static void check_totals(const struct bench *b, const struct scan *s, const json_t *line)
{
	const json_t *totals = json_object_get(line, "totals"), *amount;
	int64_t list = goods_minor(json_object_get(totals, "list"));
	int64_t discount = goods_minor(json_object_get(totals, "discount"));
	int64_t sum = 0;
	const char *promotion;

	json_object_foreach (b->cart, promotion, amount)
		sum += goods_minor(amount);
	if (list != b->cart_list)
		wrong(s, "the cart's list amount is not the sum of the book's prices");
	if (sum != discount || list - discount != goods_minor(json_object_get(totals, "net")))
		wrong(s, "the discounts do not add up");
}

static void check(struct bench *b, const struct scan *s)
{
	json_t *line = json_loadb(s->line, s->length, 0, NULL);
	const char *event = json_string_value(json_object_get(line, "event"));
	const char *sku = json_string_value(json_object_get(line, "sku"));

	if (!event || strcmp(event, "line") != 0 || !sku || strcmp(sku, s->good->sku) != 0)
		wrong(s, "not the article's line");
	if (goods_minor(json_object_get(line, "unit_price")) != s->good->price)
		wrong(s, "not the book's price");
	b->cart_list += s->good->price;
	take_changes(b, line);
	check_totals(b, s, line);
	b->lines++;
	b->applied += (double)json_object_size(b->cart);
	json_decref(line);
}

/* One scan through either side; the line that comes back is lent. */
static const char *time_scan(struct port *port, struct lines *lines, const char *code, struct side *side,
			     size_t *n)
{
	double us;
	const char *line = box_time_scan(port, lines, code, n, &us);

	samples_add(&side->block, us);
	return line;
}

static void keep(struct bench *b, struct scan *s, const char *line, size_t n)
{
	s->line = realloc(s->line, n);
	if (!s->line)
		measure_fail("out of memory");
	memcpy(s->line, line, n);
	s->length = n;
	b->bytes += (double)n;
}

static void settle(void)
{
	nanosleep(&(struct timespec){.tv_nsec = SETTLE_US * 1000}, NULL);
}

static void begin_cart(struct bench *b)
{
	b->cart_list = 0;
	json_object_clear(b->cart);
}

/* Ends the cart, and takes in all that was told of it: version is answered after that. */
static void pay(struct bench *b)
{
	json_decref(box_ask(&b->box, "tender", "\"lane\":\"1\""));
	json_decref(box_ask(&b->box, "version", ""));
	settle();
	lines_drop(b->box.lines);
	begin_cart(b);
}

static void end_block(struct side *s, double cpu_ns)
{
	samples_add(&s->p50, samples_percentile(&s->block, 50));
	samples_add(&s->p99, samples_percentile(&s->block, 99));
	samples_add(&s->cpu, cpu_ns / BLOCK_SCANS / 1000);
	samples_join(&s->all, &s->block);
	samples_clear(&s->block);
}

static void run_ours(struct bench *b)
{
	int64_t cpu = 0;

	for (size_t i = 0; i < BLOCK_SCANS; i++) {
		struct scan *s = &b->scans[i];
		const char *line;
		size_t n;

		if (i % CART_SCANS == 0)
			cpu -= measure_cpu_ns(b->box.pid);
		s->good = choose(b, i);
		line = time_scan(&b->box.port, b->box.lines, s->good->code, &b->ours, &n);
		keep(b, s, line, n);
		check(b, s);
		if (i % CART_SCANS < CART_SCANS - 1)
			continue;
		settle();
		cpu += measure_cpu_ns(b->box.pid);
		pay(b);
	}
	end_block(&b->ours, (double)cpu);
}

static void run_floor(struct bench *b)
{
	int64_t cpu = 0;

	b->echo.plan->at = 0;
	for (size_t i = 0; i < BLOCK_SCANS; i++)
		b->echo.plan->lengths[i] = (uint32_t)b->scans[i].length + 1;
	for (size_t i = 0; i < BLOCK_SCANS; i++) {
		struct scan *s = &b->scans[i];
		size_t n;

		if (i % CART_SCANS == 0)
			cpu -= measure_cpu_ns(b->echo.pid);
		time_scan(&b->echo_port, b->echo_lines, s->good->code, &b->floor, &n);
		if (n != s->length)
			measure_fail("the echo's line has %zu bytes, not %zu", n, s->length);
		check(b, s);
		if (i % CART_SCANS < CART_SCANS - 1)
			continue;
		settle();
		cpu += measure_cpu_ns(b->echo.pid);
		begin_cart(b);
	}
	end_block(&b->floor, (double)cpu);
}

static void run_both(struct bench *b)
{
	run_ours(b);
	run_floor(b);
	samples_add(&b->own, b->ours.cpu.last - b->floor.cpu.last);
}

static void start(struct bench *b)
{
	struct why why = {0};

	measure_pin(0); /* tilld and the echo */
	box_start(&b->box, b->goods.at[0].code);
	settle();
	json_decref(box_ask(&b->box, "void", "\"lane\":\"1\",\"cart\":true"));
	lines_drop(b->box.lines);
	port_init(&b->echo_port, NULL);
	if (port_plug(&b->echo_port, &why))
		measure_fail("%s", why.text);
	echo_start(&b->echo, b->echo_port.name);
	measure_pin(1); /* scanner and subscriber */
	priority_prompt();
	b->echo_lines = measure_memory(1, sizeof(*b->echo_lines));
	b->echo_lines->fd = b->echo.fd;
}

static void stop(struct bench *b)
{
	echo_stop(&b->echo);
	port_unplug(&b->echo_port);
	box_stop(&b->box);
	for (size_t i = 0; i < BLOCK_SCANS; i++)
		free(b->scans[i].line);
	free(b->echo_lines);
	free(b->box.lines);
	goods_free(&b->goods);
	json_decref(b->promotions);
	json_decref(b->cart);
}

static void forget(struct side *s)
{
	samples_clear(&s->all);
	samples_clear(&s->p50);
	samples_clear(&s->p99);
	samples_clear(&s->cpu);
}

/* Percentiles of all scans; their spread is that of the blocks' own. */
static void report_percentile(const struct report *r, const char *metric, double percent, struct side *ours,
			      struct side *floor, const char *aim)
{
	struct samples *blocks = percent > 50 ? &ours->p99 : &ours->p50;

	report_figure(r, &(struct figure){.metric = metric,
					  .unit = "us",
					  .value = samples_percentile(&ours->all, percent),
					  .low = samples_percentile(blocks, 0),
					  .high = samples_percentile(blocks, 100),
					  .floor = samples_percentile(&floor->all, percent),
					  .aim = aim});
}

static void report(struct bench *b, const struct report *r)
{
	report_note(r, "%zu scans each in blocks of %d, carts of %d; %zu articles, %zu promotions",
		    b->ours.all.count, BLOCK_SCANS, CART_SCANS, b->goods.count, b->goods.promotions);
	report_note(r, "%.1f promotions applied at a line, %zu of them at least once; a line has %.0f bytes",
		    b->applied / b->lines, json_object_size(b->promotions), 2 * b->bytes / b->lines);
	report_note(r, "every price was the book's\n");
	report_head(r);
	report_percentile(r, "p50", 50, &b->ours, &b->floor, "1.2 x");
	report_percentile(r, "p99", 99, &b->ours, &b->floor, "1.5 x");
	report_rounds(r, "cpu_us", "us", &b->ours.cpu, &b->floor.cpu, "5 us");
	report_rounds(r, "cpu_own_us", "us", &b->own, NULL, "cpu_us less the echo's");
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct report r = {"scan_to_price", argc == 6 && !strcmp(argv[5], "--json")};
	long blocks;

	if (argc < 5 || (argc == 6 && !r.json))
		measure_fail("usage: scan_to_price TILLD DIR BOOK SCANS [--json]");
	blocks = strtol(argv[4], NULL, 10) / BLOCK_SCANS;
	b.random = 952;
	b.promotions = json_object();
	b.cart = json_object();
	goods_load(argv[3], &b.goods);
	box_init(&b.box, argv[1], argv[2]);
	start(&b);
	for (long i = -1; i < blocks; i++) {
		if (i == 0) { /* the first was to warm up */
			forget(&b.ours);
			forget(&b.floor);
			samples_clear(&b.own);
		}
		run_both(&b);
	}
	report(&b, &r);
	stop(&b);
	return 0;
}
