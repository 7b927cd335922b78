-- What headquarters or `tillctl import` says: records as the CBOR they were published with.
CREATE TABLE record (
	kind INTEGER NOT NULL, -- enum record_type; a number is never used again
	key TEXT NOT NULL, -- record_key: unique within the kind
	version INTEGER NOT NULL, -- of the catalog that brought it
	body BLOB NOT NULL,
	PRIMARY KEY (kind, key)
) WITHOUT ROWID;

-- One row: the catalog's version, which rises with each change.
CREATE TABLE meta (
	version INTEGER NOT NULL
);
INSERT INTO meta (version) VALUES (0);
