/*
 * The echo program. See echo.h.
 */
#include "echo.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box.h"
#include "measure.h"
#include "priority.h"

static void answer(int out, struct echo_plan *plan)
{
	static char line[BOX_LINE_MAX];
	size_t n = plan->lengths[plan->at++];

	if (!line[0])
		memset(line, 'x', sizeof(line));
	line[n - 1] = '\n';
	if (send(out, line, n, MSG_NOSIGNAL) != (ssize_t)n)
		_exit(1);
	line[n - 1] = 'x';
}

static void serve(int in, int out, struct echo_plan *plan)
{
	struct epoll_event event = {.events = EPOLLIN};
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	char bytes[1024];
	ssize_t n;

	priority_prompt(); /* as tilld's loop */
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, in, &event) < 0)
		_exit(1);
	while (epoll_wait(epoll, &event, 1, -1) > 0) {
		n = read(in, bytes, sizeof(bytes));
		if (n < 0 && errno != EAGAIN)
			break;
		for (ssize_t i = 0; i < n; i++)
			if (bytes[i] == '\r')
				answer(out, plan);
	}
	_exit(0);
}

void echo_start(struct echo *e, const char *slave)
{
	int pair[2], in = open(slave, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	e->plan = mmap(NULL, sizeof(*e->plan), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (in < 0 || e->plan == MAP_FAILED || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		measure_fail("no echo: %s", strerror(errno));
	e->fd = pair[0];
	e->pid = fork();
	if (e->pid < 0)
		measure_fail("no echo: %s", strerror(errno));
	if (e->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		close(pair[0]);
		serve(in, pair[1], e->plan);
	}
	close(in);
	close(pair[1]);
}

void echo_stop(struct echo *e)
{
	kill(e->pid, SIGTERM);
	waitpid(e->pid, NULL, 0);
	close(e->fd);
	munmap(e->plan, sizeof(*e->plan));
}
