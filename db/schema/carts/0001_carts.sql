-- Carts that are open or put aside, as they were last. Comfort, not truth: what was paid is in the ledger.
CREATE TABLE cart (
	id TEXT PRIMARY KEY,
	body BLOB NOT NULL -- CBOR: docs/storage.md
);

-- Records that their prices are made of, each once.
CREATE TABLE body (
	number INTEGER PRIMARY KEY, -- what carts call it by
	hash BLOB NOT NULL, -- 16 bytes, of type and CBOR
	type INTEGER NOT NULL, -- as record.kind in the catalog
	cbor BLOB NOT NULL
);

-- Every sale up to this event of the ledger has left the table of carts.
CREATE TABLE mark (
	event INTEGER NOT NULL
);
INSERT INTO mark VALUES (0);

-- Carts that could not be brought back.
CREATE TABLE damaged (
	id TEXT NOT NULL,
	reason TEXT NOT NULL,
	body BLOB NOT NULL
);
