-- Changes that an import brought and that wait for somebody: what they would replace stays in force.
CREATE TABLE held (
	number INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again
	id TEXT NOT NULL UNIQUE,
	kind INTEGER NOT NULL, -- enum record_type of the record
	key TEXT NOT NULL, -- and its key
	version INTEGER NOT NULL, -- of the catalog that brought it last
	body BLOB NOT NULL, -- CBOR: book/held.h
	UNIQUE (kind, key)
);

-- The last approved price, of those that have moved since without anybody's approval: small steps add up.
CREATE TABLE approved (
	key TEXT PRIMARY KEY, -- of a price
	body BLOB NOT NULL -- the record
) WITHOUT ROWID;
