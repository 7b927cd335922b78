/*
 * What takes long is not the loop's: while a snapshot goes into the catalog and while a name server does not
 * answer, till-sync tells its status and sends what was sold.
 */
#include "unit.h"

#include <fcntl.h>
#include <netdb.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "coaps_lookup.h"
#include "link_world.h"
#include "log.h"
#include "small_book.h"
#include "snapshot_load.h"

/* A name whose servers do not answer until the test says so; it is this machine then. */
static sem_t answer_now;
static _Atomic int asked;

/* The linker's names. NOLINTBEGIN(cert-dcl51-cpp,cert-dcl37-c,bugprone-reserved-identifier) */
int __real_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		       struct addrinfo **res);
int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		       struct addrinfo **res);

int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		       struct addrinfo **res)
{
	if (strcmp(node, "slow.test") != 0 || (hints->ai_flags & AI_NUMERICHOST))
		return __real_getaddrinfo(node, service, hints, res);
	asked++;
	while (sem_wait(&answer_now) != 0)
		;
	return __real_getaddrinfo("127.0.0.1", service, hints, res);
}
/* NOLINTEND(cert-dcl51-cpp,cert-dcl37-c,bugprone-reserved-identifier) */

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	log_open("test", getenv("TILL_TEST_LOG") ? LOG_DEBUG : LOG_ERROR);
	assert_int_equal(sem_init(&answer_now, 0, 0), 0);
	asked = 0;
	world_new(w, NULL);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	world_free(*state);
	free(*state);
	sem_destroy(&answer_now);
	return 0;
}

/* The page's bytes, and a pipe in its place: who reads it waits until somebody has written. */
static size_t page_to_pipe(const char *path, uint8_t bytes[65536])
{
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(bytes, 1, 65536, f);
	fclose(f);
	assert_in_range(n, 1, 65535);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	return n;
}

/*
 * A snapshot in the inbox, of which the first page is slow to read. Meanwhile the link comes up, sales reach
 * headquarters, the status says what is going on; then the snapshot is in force, and the feed goes on.
 */
static void while_a_snapshot_is_applied(void **state)
{
	static uint8_t bytes[65536];
	struct world *w = *state;
	char inbox[SCRATCH_PATH_MAX], set[SCRATCH_PATH_MAX + 8], page[SCRATCH_PATH_MAX + 32];
	int64_t version;
	size_t n;
	int fd;

	hq_publish(&w->hq, small_book, false);
	hq_enrol(&w->hq, "box-7", "S1", w->box.dir);
	world_start(w);
	TURN_UNTIL(w, world_price_of_pen(w) == 200);
	hq_deaf(&w->hq);
	version = world_publish_price(w, 777);
	snprintf(inbox, sizeof(inbox), "%s/inbox", w->box.dir);
	snprintf(set, sizeof(set), "%s/stick", inbox);
	snprintf(page, sizeof(page), "%s/page-00000", set);
	assert_int_equal(mkdir(inbox, 0755), 0);
	assert_int_equal(mkdir(set, 0755), 0);
	hq_snapshot(&w->hq, "S1", set);
	n = page_to_pipe(page, bytes);
	uplink_now(&w->up);
	TURN_UNTIL(w, snapshot_load_applying(w->up.snapshot));
	assert_non_null(strstr(world_status(w), "\"applying\":true"));
	hq_hear(&w->hq);
	world_sell(w, 150);
	uplink_now(&w->up);
	TURN_UNTIL(w, w->up.greeted && w->up.marks.acked == world_newest(w));
	assert_true(snapshot_load_applying(w->up.snapshot));
	assert_int_not_equal(w->up.marks.version, version);
	fd = open(page, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	close(fd);
	TURN_UNTIL(w, world_price_of_pen(w) == 777);
	assert_int_equal(w->up.marks.version, version);
	assert_non_null(strstr(world_status(w), "\"applying\":false"));
	world_publish_price(w, 778);
	TURN_UNTIL(w, world_price_of_pen(w) == 778);
	world_check_log(w);
}

/* Told to end in the middle of it: the catalog is as it was, and the snapshot comes again. */
static void ended_while_a_snapshot_is_applied(void **state)
{
	static uint8_t bytes[65536];
	struct world *w = *state;
	char set[SCRATCH_PATH_MAX], page[SCRATCH_PATH_MAX + 32];
	size_t n;
	int fd;

	hq_publish(&w->hq, small_book, false);
	hq_enrol(&w->hq, "box-7", "S1", w->box.dir);
	snprintf(set, sizeof(set), "%s/inbox", w->box.dir);
	assert_int_equal(mkdir(set, 0755), 0);
	snprintf(set, sizeof(set), "%s/inbox/stick", w->box.dir);
	assert_int_equal(mkdir(set, 0755), 0);
	snprintf(page, sizeof(page), "%s/page-00000", set);
	hq_snapshot(&w->hq, "S1", set);
	n = page_to_pipe(page, bytes);
	hq_deaf(&w->hq);
	world_start(w);
	uplink_now(&w->up);
	TURN_UNTIL(w, snapshot_load_applying(w->up.snapshot));
	fd = open(page, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	bytes[n - 1] ^= 1; /* and it is not the page that the manifest speaks of */
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	world_stop(w);
	close(fd);
	assert_int_equal(unlink(page), 0);
	world_start(w);
	assert_int_equal(world_price_of_pen(w), -1);
	assert_int_equal(w->up.marks.version, 0);
	hq_hear(&w->hq);
	uplink_now(&w->up);
	TURN_UNTIL(w, world_price_of_pen(w) == 200);
}

/* Of two addresses the first is a name that is not looked up in time: the other is used, and it waits no one.
 */
static void while_a_name_is_looked_up(void **state)
{
	struct world *w = *state;
	char slow[64];
	const char *list[2] = {slow, w->hq.uris[COAPS_DTLS]};

	snprintf(slow, sizeof(slow), "coaps+tcp://slow.test:%u", w->hq.ports[COAPS_TLS]);
	hq_publish(&w->hq, small_book, false);
	hq_enrol(&w->hq, "box-7", "S1", w->box.dir);
	world_sell(w, 5);
	w->config.hq.uri = (struct config_words){list, 2};
	world_start(w);
	TURN_UNTIL(w, asked == 1);
	assert_non_null(strstr(world_status(w), "\"link\":\"connecting\""));
	TURN_UNTIL(w, w->up.marks.acked == world_newest(w));
	assert_string_equal(route_address(w->up.route), list[1]);
	for (int i = 0; i < COAPS_LOOKUPS_MAX + 1; i++) /* for those that nobody waits for any more, too */
		sem_post(&answer_now);
	TURN_UNTIL(w, w->up.greeted && strcmp(route_address(w->up.route), slow) == 0);
	world_sell(w, 5);
	TURN_UNTIL(w, w->up.marks.acked == world_newest(w));
	world_check_log(w);
}

static void found(const coap_address_t *at, const char *reason, void *arg)
{
	(void)reason;
	*(int *)arg += at ? 1 : 100;
}

/* There are not more threads than that, given up or not; those given up are not heard of. */
static void bounded_lookups(void **state)
{
	struct coaps_uri uri = {.transport = COAPS_TLS, .host = "slow.test", .port = 1};
	struct coaps_lookup *all[COAPS_LOOKUPS_MAX], *more;
	struct world *w = *state;
	struct why why;
	int calls = 0, one = 0;

	for (int i = 0; i < COAPS_LOOKUPS_MAX; i++)
		assert_int_equal(coaps_lookup_begin(w->loop, &uri, found, i ? &calls : &one, &all[i], &why),
				 ERR_OK);
	for (int i = 1; i < COAPS_LOOKUPS_MAX; i++)
		coaps_lookup_cancel(all[i]);
	assert_int_equal(coaps_lookup_begin(w->loop, &uri, found, &calls, &more, &why), ERR_BUSY);
	assert_non_null(strstr(why.text, "name servers do not answer"));
	for (int i = 0; i < COAPS_LOOKUPS_MAX; i++)
		sem_post(&answer_now);
	while (one == 0)
		loop_turn(w->loop, 100);
	assert_int_equal(one, 1);
	assert_int_equal(calls, 0);
	snprintf(uri.host, sizeof(uri.host), "no such name");
	one = 0;
	while (coaps_lookup_begin(w->loop, &uri, found, &one, &more, &why) != ERR_OK)
		; /* the threads are on their way out */
	while (one == 0)
		loop_turn(w->loop, 100);
	assert_int_equal(one, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(while_a_snapshot_is_applied, set_up, tear_down),
		cmocka_unit_test_setup_teardown(ended_while_a_snapshot_is_applied, set_up, tear_down),
		cmocka_unit_test_setup_teardown(while_a_name_is_looked_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bounded_lookups, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
