/*
 * Scanners on a real loop and real ptys: scans arrive, devices go and come back, halves belong to nobody.
 */
#include "unit.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "scanner.h"

#define PATIENCE_MS 5000 /* a loaded machine; as a rule each wait ends within its backoff */

/* A scanner's end of the cable: the master of a pty, whose slave is published under a fixed name. */
struct cable {
	char link[96];
	int master;
};

/* What a scanner handed over: scans as "one|two|", the last fault. */
struct heard {
	char scans[512];
	char fault[160];
	int faults;
};

struct bench {
	struct loop *loop;
	char folder[32];
	struct cable cable[2];
	struct heard heard[2];
	struct scanner *scanner[2];
};

static void plug(struct cable *c)
{
	char slave[64];

	c->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(c->master >= 0 && grantpt(c->master) == 0 && unlockpt(c->master) == 0);
	assert_int_equal(ptsname_r(c->master, slave, sizeof(slave)), 0);
	assert_int_equal(symlink(slave, c->link), 0);
}

static void unplug(struct cable *c)
{
	unlink(c->link);
	close(c->master);
	c->master = -1;
}

static void send_text(struct cable *c, const char *text)
{
	assert_int_equal(write(c->master, text, strlen(text)), (ssize_t)strlen(text));
}

static void on_scan(struct scanner *s, const char *text, size_t n, void *arg)
{
	struct heard *h = arg;
	size_t used = strlen(h->scans);

	(void)s;
	snprintf(h->scans + used, sizeof(h->scans) - used, "%.*s|", (int)n, text);
}

static void on_fault(struct scanner *s, const char *reason, void *arg)
{
	struct heard *h = arg;

	(void)s;
	h->faults++;
	snprintf(h->fault, sizeof(h->fault), "%s", reason);
}

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	log_open("test_scanner", LOG_ERROR);
	snprintf(b->folder, sizeof(b->folder), "/tmp/till-scanner-XXXXXX");
	assert_non_null(mkdtemp(b->folder));
	assert_int_equal(loop_new(&clock_system, &b->loop), ERR_OK);
	for (int i = 0; i < 2; i++) {
		snprintf(b->cable[i].link, sizeof(b->cable[i].link), "%s/scanner-%d", b->folder, i);
		b->cable[i].master = -1;
	}
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 2; i++) {
		scanner_free(b->scanner[i]);
		if (b->cable[i].master >= 0)
			unplug(&b->cable[i]);
	}
	loop_free(b->loop);
	rmdir(b->folder);
	free(b);
	return 0;
}

static void start(struct bench *b, int i, const struct framing_config *framing, uint32_t repeat_ms)
{
	const struct scanner_config c = {
		.name = i == 0 ? "front" : "back",
		.device = b->cable[i].link,
		.transport = transport_find("tty"),
		.line = {.baud = 9600, .data_bits = 8, .stop_bits = 1},
		.framing = *framing,
		.repeat_ms = repeat_ms,
	};

	assert_int_equal(scanner_new(b->loop, &c, on_scan, on_fault, &b->heard[i], &b->scanner[i]), ERR_OK);
	assert_string_equal(scanner_name(b->scanner[i]), c.name);
}

static int64_t now_ms(void)
{
	return clock_monotonic_us(&clock_system) / 1000;
}

static void wait_for_scans(struct bench *b, int i, const char *scans)
{
	for (int64_t end = now_ms() + PATIENCE_MS; strcmp(b->heard[i].scans, scans) != 0;) {
		if (now_ms() > end)
			fail_msg("scans are '%s'; due are '%s'", b->heard[i].scans, scans);
		loop_turn(b->loop, 20);
	}
}

static struct scanner_status status_of(struct bench *b, int i)
{
	struct scanner_status s;

	scanner_status(b->scanner[i], &s);
	return s;
}

static void wait_for_state(struct bench *b, int i, enum scanner_state due)
{
	for (int64_t end = now_ms() + PATIENCE_MS; status_of(b, i).state != due;) {
		if (now_ms() > end)
			fail_msg("scanner stays %s: %s", due == SCANNER_UP ? "down" : "up",
				 status_of(b, i).reason);
		loop_turn(b->loop, 20);
	}
}

static void turn_for(struct bench *b, int64_t ms)
{
	for (int64_t end = now_ms() + ms; now_ms() < end;)
		loop_turn(b->loop, (int)(end - now_ms()) + 1);
}

static const struct framing_config cr = {.suffix = SUFFIX_CR, .idle_ms = 500};

static void scans_arrive(void **state)
{
	struct bench *b = *state;
	struct scanner_status s;

	plug(&b->cable[0]);
	start(b, 0, &cr, 0);
	assert_int_equal(status_of(b, 0).state, SCANNER_UP);
	send_text(&b->cable[0], "4006381333931\r40063");
	wait_for_scans(b, 0, "4006381333931|");
	send_text(&b->cable[0], "81333931\r");
	wait_for_scans(b, 0, "4006381333931|4006381333931|");
	s = status_of(b, 0);
	assert_int_equal(s.scans, 2);
	assert_int_equal(s.bytes, 28);
	assert_int_equal(s.dropped, 0);
	assert_int_equal(s.opens, 1);
	assert_string_equal(s.reason, "");
}

static void a_device_may_come_later(void **state)
{
	struct bench *b = *state;

	start(b, 0, &cr, 0);
	assert_int_equal(status_of(b, 0).state, SCANNER_DOWN);
	assert_non_null(strstr(status_of(b, 0).reason, "no such device"));
	plug(&b->cable[0]);
	wait_for_state(b, 0, SCANNER_UP);
	send_text(&b->cable[0], "one\r");
	wait_for_scans(b, 0, "one|");
}

/* The half is reported and dropped; the new pty under the old name starts clean. */
static void unplugged_in_the_middle_of_a_scan(void **state)
{
	struct bench *b = *state;

	plug(&b->cable[0]);
	start(b, 0, &cr, 0);
	send_text(&b->cable[0], "one\r4006381");
	wait_for_scans(b, 0, "one|");
	unplug(&b->cable[0]);
	wait_for_state(b, 0, SCANNER_DOWN);
	assert_int_equal(b->heard[0].faults, 1);
	assert_non_null(strstr(b->heard[0].fault, "unplugged in the middle"));
	assert_non_null(strstr(status_of(b, 0).reason, b->cable[0].link));
	plug(&b->cable[0]);
	wait_for_state(b, 0, SCANNER_UP);
	send_text(&b->cable[0], "333931\rtwo\r");
	wait_for_scans(b, 0, "one|333931|two|");
	assert_int_equal(status_of(b, 0).opens, 2);
	assert_int_equal(status_of(b, 0).dropped, 1);
}

static void it_comes_back_again_and_again(void **state)
{
	struct bench *b = *state;
	char due[64] = "";

	plug(&b->cable[0]);
	start(b, 0, &cr, 0);
	for (int round = 0; round < 4; round++) {
		wait_for_state(b, 0, SCANNER_UP);
		send_text(&b->cable[0], "code\r");
		text_add(due, sizeof(due), "code|");
		wait_for_scans(b, 0, due);
		unplug(&b->cable[0]);
		wait_for_state(b, 0, SCANNER_DOWN);
		plug(&b->cable[0]);
	}
	wait_for_state(b, 0, SCANNER_UP);
	assert_int_equal(status_of(b, 0).opens, 5);
}

static void two_of_a_kind(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 2; i++) {
		plug(&b->cable[i]);
		start(b, i, &cr, 0);
	}
	send_text(&b->cable[0], "4006");
	send_text(&b->cable[1], "5012");
	turn_for(b, 20);
	send_text(&b->cable[0], "front\r");
	send_text(&b->cable[1], "back\r");
	wait_for_scans(b, 0, "4006front|");
	wait_for_scans(b, 1, "5012back|");
	unplug(&b->cable[0]);
	wait_for_state(b, 0, SCANNER_DOWN);
	send_text(&b->cable[1], "on\r");
	wait_for_scans(b, 1, "5012back|on|");
	assert_int_equal(status_of(b, 1).state, SCANNER_UP);
}

static void silence_ends_a_scan_without_suffix(void **state)
{
	struct bench *b = *state;
	const struct framing_config idle = {.suffix = SUFFIX_NONE, .idle_ms = 100};

	plug(&b->cable[0]);
	start(b, 0, &idle, 0);
	send_text(&b->cable[0], "40063");
	turn_for(b, 20);
	assert_string_equal(b->heard[0].scans, "");
	send_text(&b->cable[0], "81333931");
	wait_for_scans(b, 0, "4006381333931|");
	assert_int_equal(b->heard[0].faults, 0);
}

static void silence_drops_a_half_scan(void **state)
{
	struct bench *b = *state;
	const struct framing_config quick = {.suffix = SUFFIX_CR, .idle_ms = 40};

	plug(&b->cable[0]);
	start(b, 0, &quick, 0);
	send_text(&b->cable[0], "40063");
	for (int64_t end = now_ms() + PATIENCE_MS; b->heard[0].faults == 0 && now_ms() < end;)
		loop_turn(b->loop, 20);
	assert_non_null(strstr(b->heard[0].fault, "broke off"));
	send_text(&b->cable[0], "81333931\r");
	wait_for_scans(b, 0, "81333931|");
	assert_int_equal(status_of(b, 0).dropped, 1);
}

static void over_long_scans_are_faults(void **state)
{
	struct bench *b = *state;
	char text[FRAME_MAX + 100];

	plug(&b->cable[0]);
	start(b, 0, &cr, 0);
	memset(text, '7', sizeof(text));
	assert_int_equal(write(b->cable[0].master, text, sizeof(text)), sizeof(text));
	send_text(&b->cable[0], "\rgood\r");
	wait_for_scans(b, 0, "good|");
	assert_int_equal(b->heard[0].faults, 1);
	assert_non_null(strstr(b->heard[0].fault, "more than 512 bytes"));
	assert_int_equal(status_of(b, 0).dropped, 1);
}

/* A double read is dropped; another code between, or time, makes it a new scan. */
static void double_reads(void **state)
{
	struct bench *b = *state;

	plug(&b->cable[0]);
	start(b, 0, &cr, 200);
	send_text(&b->cable[0], "one\rone\rtwo\rone\rone\r");
	wait_for_scans(b, 0, "one|two|one|");
	assert_int_equal(status_of(b, 0).dropped, 2);
	turn_for(b, 210);
	send_text(&b->cable[0], "one\r");
	wait_for_scans(b, 0, "one|two|one|one|");
	assert_int_equal(status_of(b, 0).scans, 4);
	assert_int_equal(b->heard[0].faults, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(scans_arrive, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_device_may_come_later, set_up, tear_down),
		cmocka_unit_test_setup_teardown(unplugged_in_the_middle_of_a_scan, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_comes_back_again_and_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(two_of_a_kind, set_up, tear_down),
		cmocka_unit_test_setup_teardown(silence_ends_a_scan_without_suffix, set_up, tear_down),
		cmocka_unit_test_setup_teardown(silence_drops_a_half_scan, set_up, tear_down),
		cmocka_unit_test_setup_teardown(over_long_scans_are_faults, set_up, tear_down),
		cmocka_unit_test_setup_teardown(double_reads, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
