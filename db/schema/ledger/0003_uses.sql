-- What uses of promotions and coupons add up to, as of the event in use_mark: made from the events, so that a
-- start need not read them all.
CREATE TABLE use (
	kind INTEGER NOT NULL, -- 1 promotion, 2 customer, 3 promotion of a customer, 4 coupon
	key TEXT NOT NULL, -- id or code
	customer TEXT NOT NULL, -- of kind 3; else ''
	uses INTEGER NOT NULL,
	body BLOB, -- CBOR of the rest: docs/storage.md; NULL: there is none
	PRIMARY KEY (kind, key, customer)
) WITHOUT ROWID;

CREATE TABLE use_mark (
	event INTEGER NOT NULL, -- id; 0: the table says nothing yet
	digest INTEGER NOT NULL -- that event's
);
INSERT INTO use_mark VALUES (0, 0);
