/*
 * The system's network behind its seam: streams and datagrams over the loopback, as till-sync will use them,
 * and what the seam promises of every descriptor.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "net.h"

static const struct net *const n = &net_system;

/* A socket of the type on a free port of 127.0.0.1, whose address goes into *at. */
static int here(int type, struct sockaddr_in *at)
{
	int fd = n->socket(n, AF_INET, type);
	socklen_t length = sizeof(*at);

	*at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	assert_true(fd >= 0);
	assert_int_equal(n->bind(n, fd, (const struct sockaddr *)at, sizeof(*at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)at, &length), 0);
	return fd;
}

static void datagrams_say_where_they_came_from(void **state)
{
	struct sockaddr_in to, from, seen = {0};
	int hub = here(SOCK_DGRAM, &to), box = here(SOCK_DGRAM, &from);
	socklen_t length = sizeof(seen);
	char bytes[8];

	(void)state;
	assert_int_equal(n->send(n, box, "hello", 5, (const struct sockaddr *)&to, sizeof(to)), 5);
	assert_int_equal(n->receive(n, hub, bytes, sizeof(bytes), (struct sockaddr *)&seen, &length), 5);
	assert_memory_equal(bytes, "hello", 5);
	assert_int_equal(seen.sin_port, from.sin_port);
	n->close(n, hub);
	n->close(n, box);
}

static void a_stream_ends_without_a_signal(void **state)
{
	struct sockaddr_in at;
	int listener = here(SOCK_STREAM, &at), box = n->socket(n, AF_INET, SOCK_STREAM), hub, yes = 1,
	    set = 0;
	socklen_t length = sizeof(set);
	char bytes[8];

	(void)state;
	assert_int_equal(n->listen(n, listener, 1), 0);
	assert_int_equal(n->connect(n, box, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(n->set_option(n, box, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)), 0);
	assert_int_equal(n->get_option(n, box, IPPROTO_TCP, TCP_NODELAY, &set, &length), 0);
	assert_int_not_equal(set, 0);
	hub = n->accept(n, listener);
	assert_true(hub >= 0);
	assert_int_equal(n->receive(n, hub, bytes, sizeof(bytes), NULL, NULL), -1);
	assert_int_equal(errno, EAGAIN); /* what was taken in never waits */
	assert_int_equal(n->send(n, hub, "news", 4, NULL, 0), 4);
	n->close(n, hub);
	assert_int_equal(n->receive(n, box, bytes, sizeof(bytes), NULL, NULL), 4);
	assert_int_equal(n->receive(n, box, bytes, sizeof(bytes), NULL, NULL), 0);
	while (n->send(n, box, "more", 4, NULL, 0) > 0) /* SIGPIPE would end this program */
		;
	assert_true(errno == EPIPE || errno == ECONNRESET);
	n->close(n, box);
	n->close(n, listener);
}

static void no_child_inherits_a_descriptor(void **state)
{
	struct sockaddr_in at;
	int listener = here(SOCK_STREAM, &at), box = n->socket(n, AF_INET, SOCK_STREAM | SOCK_NONBLOCK), hub;

	(void)state;
	assert_int_equal(n->listen(n, listener, 1), 0);
	assert_true(n->connect(n, box, (const struct sockaddr *)&at, sizeof(at)) == 0 ||
		    errno == EINPROGRESS);
	hub = n->accept(n, listener);
	assert_int_equal(fcntl(listener, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(box, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(hub, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(hub, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	assert_int_equal(fcntl(box, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	n->close(n, hub);
	n->close(n, box);
	n->close(n, listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(datagrams_say_where_they_came_from),
		cmocka_unit_test(a_stream_ends_without_a_signal),
		cmocka_unit_test(no_child_inherits_a_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
