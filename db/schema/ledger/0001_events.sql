-- What happened here, append only. Everything else in this file can be made again from this table.
CREATE TABLE event (
	id INTEGER PRIMARY KEY, -- from 1, no gaps
	bytes BLOB NOT NULL, -- the envelope: deterministic CBOR, chained by SHA-256
	digest INTEGER NOT NULL -- first 8 bytes of the SHA-256 of bytes: nothing chains to the newest event yet
);

-- A boot, and its first event.
CREATE TABLE segment (
	segment INTEGER PRIMARY KEY,
	first_id INTEGER NOT NULL
);

-- Orders: narrow and appended in order, so that a commit writes few pages. Uniqueness is checked in memory.
CREATE TABLE sale (
	event INTEGER PRIMARY KEY,
	order_key INTEGER NOT NULL -- first 8 bytes of the SHA-256 of the order's id
);

-- Bodies that sales refer to by number.
CREATE TABLE body (
	number INTEGER PRIMARY KEY, -- from 1, no gaps
	event INTEGER NOT NULL,
	hash BLOB NOT NULL -- 16 bytes, of type and CBOR
);
