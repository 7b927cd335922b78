-- Events that are neither sales nor bodies nor starts (returns, voids, coupons, grants, overrides, approvals):
-- few, so that whoever needs them finds them without reading the ledger.
CREATE TABLE note (
	event INTEGER PRIMARY KEY,
	kind INTEGER NOT NULL,
	about INTEGER NOT NULL, -- first 8 bytes of the SHA-256 of what it is about: an order, a code, an article
	once INTEGER NOT NULL -- the same of the id that no other of its kind has; 0: it has none
);

CREATE INDEX note_about ON note (about, event);
