/*
 * A return on its way to the disk, then what the lane shows of it. Private to lane_return.c and
 * return_json.c.
 */
#ifndef TILL_RETURN_JOB_H
#define TILL_RETURN_JOB_H

#include "lane_parts.h"

struct return_job {
	struct ledger_job job;
	struct ledger_return back;
	struct arena arena; /* what the request points to */
	struct lane *lane;
	lane_done_fn *done;
	void *arg;
};

#endif
