-- What the link to headquarters must never forget; no snapshot or rollback of the catalog touches it.
CREATE TABLE link (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	-- How far headquarters holds the ledger durably.
	acked INTEGER NOT NULL DEFAULT 0, -- id of the event
	acked_segment INTEGER NOT NULL DEFAULT 0,
	acked_sequence INTEGER NOT NULL DEFAULT 0,
	-- Where the feed goes on, and of which version of headquarters' catalog the box's is.
	cursor TEXT NOT NULL DEFAULT '',
	version INTEGER NOT NULL DEFAULT 0,
	current_ms INTEGER NOT NULL DEFAULT 0, -- UTC: the prices were headquarters' newest then; 0: never
	-- Time never goes below: raised by headquarters' signed time and by what passed since.
	floor_ms INTEGER NOT NULL DEFAULT 0
);
INSERT INTO link (one) VALUES (1);

-- Parts of budgets that headquarters gave to this box, as they came; nothing spends them yet.
CREATE TABLE grant_received (
	promotion TEXT NOT NULL,
	incarnation INTEGER NOT NULL,
	number INTEGER NOT NULL, -- from 1 without gaps
	uses INTEGER, -- one of the two
	amount INTEGER, -- minor units of the currency
	currency TEXT,
	PRIMARY KEY (promotion, incarnation, number)
) WITHOUT ROWID;
