/*
 * Waiting awake. See awake.h.
 */
#include "awake.h"

#include <sched.h>
#include <time.h>

#define LOOKS 32 /* between two questions for the time */

bool awake_pays(void)
{
	cpu_set_t mine;

	return sched_getaffinity(0, sizeof(mine), &mine) == 0 && CPU_COUNT(&mine) > 1;
}

int64_t awake_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void breathe(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
	__asm__ volatile("yield");
#endif
}

bool awake_wait(const atomic_bool *pending, int64_t us)
{
	int64_t until = awake_now_us() + us;

	while (awake_now_us() < until) {
		for (int i = 0; i < LOOKS; i++) {
			if (!atomic_load_explicit(pending, memory_order_acquire))
				return true;
			breathe();
		}
		sched_yield(); /* it may be waiting for this very processor, the others being at work */
	}
	return !atomic_load_explicit(pending, memory_order_acquire);
}
