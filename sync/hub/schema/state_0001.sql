-- What is folded from the log. It can be made again from offset 0 (tillhub state rebuild), so losing it costs
-- time, not facts. No row says when or where it was folded but `position`: two folds of one log are equal.

-- How far each partition of the log is in here.
CREATE TABLE position (
	topic INTEGER NOT NULL,
	partition INTEGER NOT NULL,
	next INTEGER NOT NULL,
	PRIMARY KEY (topic, partition)
) WITHOUT ROWID;

CREATE TABLE box (
	name TEXT PRIMARY KEY,
	store TEXT NOT NULL,
	serial INTEGER NOT NULL, -- of its newest certificate; 0: none yet
	expires_ms INTEGER NOT NULL, -- of that certificate
	least_serial INTEGER NOT NULL -- certificates below are revoked
) WITHOUT ROWID;

-- What a box said of itself last.
CREATE TABLE told (
	box TEXT PRIMARY KEY,
	program TEXT NOT NULL,
	semantics INTEGER NOT NULL,
	min_reader INTEGER NOT NULL,
	features TEXT NOT NULL, -- names, a blank between them
	trusts BLOB NOT NULL, -- SHA-256 of each CA that it has pinned
	seen_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE claim (
	code BLOB PRIMARY KEY, -- SHA-256
	box TEXT NOT NULL,
	expires_ms INTEGER NOT NULL,
	request BLOB -- SHA-256 of the request that it was used with
) WITHOUT ROWID;

-- The newest event of a box that the log holds.
CREATE TABLE head (
	box TEXT PRIMARY KEY,
	incarnation INTEGER NOT NULL,
	segment INTEGER NOT NULL,
	sequence INTEGER NOT NULL,
	hash BLOB NOT NULL,
	events INTEGER NOT NULL, -- all of them
	at_ms INTEGER NOT NULL DEFAULT 0, -- when the log got the newest
	quarantine TEXT, -- why; NULL: it is not
	attach_segment INTEGER NOT NULL, -- where a new incarnation may begin; 0, 0: nowhere
	attach_sequence INTEGER NOT NULL,
	attach_hash BLOB NOT NULL
) WITHOUT ROWID;

-- Which record of sales_events holds which events.
CREATE TABLE held (
	box TEXT NOT NULL,
	incarnation INTEGER NOT NULL,
	segment INTEGER NOT NULL, -- of the record's last event
	sequence INTEGER NOT NULL,
	partition INTEGER NOT NULL,
	offset INTEGER NOT NULL,
	PRIMARY KEY (box, incarnation, segment, sequence)
) WITHOUT ROWID;

-- Catalogs: the chain's ('') and what stores have besides.
CREATE TABLE scope (
	name TEXT PRIMARY KEY,
	own INTEGER NOT NULL, -- a book of its own: the chain's records do not reach it
	own_since INTEGER NOT NULL, -- the change from which on
	version INTEGER NOT NULL,
	currency TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE record (
	scope TEXT NOT NULL,
	type INTEGER NOT NULL,
	key TEXT NOT NULL,
	cbor BLOB, -- NULL: a store that does not have the chain's record
	PRIMARY KEY (scope, type, key)
) WITHOUT ROWID;

-- What changed lately, for the feed.
CREATE TABLE change (
	id INTEGER PRIMARY KEY,
	version INTEGER NOT NULL,
	scope TEXT NOT NULL,
	type INTEGER NOT NULL,
	key TEXT NOT NULL,
	cbor BLOB -- NULL: it went
);

-- Records of publications that are not in force yet.
CREATE TABLE staged (
	publication INTEGER NOT NULL,
	type INTEGER NOT NULL,
	key TEXT NOT NULL,
	cbor BLOB,
	held BLOB, -- what of it waits for a second person; then cbor NULL does not mean that it goes
	PRIMARY KEY (publication, type, key)
) WITHOUT ROWID;

-- Changes that wait for a second person, or were rejected.
CREATE TABLE waiting (
	scope TEXT NOT NULL,
	type INTEGER NOT NULL,
	key TEXT NOT NULL,
	held BLOB NOT NULL,
	PRIMARY KEY (scope, type, key)
) WITHOUT ROWID;

-- The last approved price, while it is not what is in force.
CREATE TABLE approved (
	scope TEXT NOT NULL,
	key TEXT NOT NULL,
	cbor BLOB NOT NULL,
	PRIMARY KEY (scope, key)
) WITHOUT ROWID;

-- What an article has cost, the newest 64.
CREATE TABLE cost (
	scope TEXT NOT NULL,
	sku TEXT NOT NULL,
	n INTEGER NOT NULL,
	amount INTEGER NOT NULL,
	PRIMARY KEY (scope, sku, n)
) WITHOUT ROWID;

CREATE TABLE counters (
	version INTEGER NOT NULL, -- the newest of any catalog
	publication INTEGER NOT NULL, -- the newest in force
	forgotten INTEGER NOT NULL -- changes up to this id are not kept any more
);
INSERT INTO counters VALUES (0, 0, 0);

CREATE TABLE lease (
	promotion TEXT NOT NULL,
	box TEXT NOT NULL,
	incarnation INTEGER NOT NULL,
	number INTEGER NOT NULL,
	uses INTEGER,
	amount INTEGER,
	currency TEXT,
	store TEXT NOT NULL,
	offset INTEGER NOT NULL, -- in the topic: its place in the feed
	PRIMARY KEY (promotion, box, incarnation, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX lease_offset ON lease (offset);

-- Events that the program which took them did not understand.
CREATE TABLE parked (
	box TEXT NOT NULL,
	incarnation INTEGER NOT NULL,
	segment INTEGER NOT NULL,
	sequence INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	event BLOB NOT NULL,
	PRIMARY KEY (box, incarnation, segment, sequence)
) WITHOUT ROWID;
