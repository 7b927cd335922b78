/*
 * Which of a program's threads goes first on a processor that they share, with each other and with what else
 * runs on the box. Both calls are wishes for the calling thread: a system that does not grant one (seccomp,
 * a kernel before Linux 6.12 for the first) leaves the thread as it is.
 */
#ifndef TILL_PRIORITY_H
#define TILL_PRIORITY_H

/*
 * For a thread that sleeps until somebody waits for it, and then has little to do: it asks for short slices
 * of time, and is let in at once where others would finish a slice of milliseconds first. It gets no more
 * time.
 */
void priority_prompt(void);

/* For a thread whose work can wait: against others it has a tenth of a processor, and is in nobody's way. */
void priority_behind(void);

#endif
