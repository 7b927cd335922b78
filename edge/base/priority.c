/*
 * Scheduling of threads. See priority.h.
 */
#include "priority.h"

#include <linux/sched.h>
#include <linux/sched/types.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SLICE_NS    UINT64_C(100000) /* the shortest that the kernel knows */
#define BEHIND_NICE 10

/* sched_setattr(2), for which glibc has no function before 2.41. Who chose another policy knows why. */
void priority_prompt(void)
{
	struct sched_attr a = {.size = sizeof(a)};

	if (syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0) != 0 || a.sched_policy != SCHED_NORMAL)
		return;
	a.sched_runtime = SLICE_NS;
	(void)syscall(SYS_sched_setattr, 0, &a, 0);
}

/* On Linux, a priority is a thread's own. Who was put further back stays there. */
void priority_behind(void)
{
	id_t self = (id_t)gettid();

	if (getpriority(PRIO_PROCESS, self) < BEHIND_NICE)
		(void)setpriority(PRIO_PROCESS, self, BEHIND_NICE);
}
