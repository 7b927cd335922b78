/*
 * Waiting awake: for what is sure to happen within microseconds. A thread that sleeps is back 35 to 45
 * microseconds after it was woken, on a virtual machine whose processor had nothing else to do; one that
 * looks again and again is back at once. It costs a processor while it lasts, so every such wait has a bound,
 * and none is done where the other thread would need this very processor.
 */
#ifndef TILL_AWAKE_H
#define TILL_AWAKE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Whether the calling thread may run on more than one processor. */
bool awake_pays(void);

/* Until *pending is false: true; or for that long: false. */
bool awake_wait(const atomic_bool *pending, int64_t us);

/* The system's monotonic clock, whatever the seam says: what is bounded is what the processor does. */
int64_t awake_now_us(void);

#endif
