-- Events of prices, promotions and subscriptions that changes of the catalog made: the history of prices. It
-- outlives whole imports; the book says for how many days (price_history).
CREATE TABLE shop_event (
	id INTEGER PRIMARY KEY, -- rises
	at_s INTEGER NOT NULL, -- seconds since 1970, UTC
	version INTEGER NOT NULL, -- of the catalog that brought it
	type INTEGER NOT NULL, -- enum shop_event_type; a number is never used again
	key TEXT NOT NULL, -- SKU, or id of the promotion, rule or customer
	list TEXT, -- price list of a price
	body BLOB NOT NULL -- CBOR of the payload
);
CREATE INDEX shop_event_key ON shop_event (key, id);
CREATE INDEX shop_event_at ON shop_event (at_s);
