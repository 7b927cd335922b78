-- What changed, so that a reader need not read everything again: a row for each record that came, changed or
-- went. When there are too many, the oldest are dropped.
CREATE TABLE change (
	id INTEGER PRIMARY KEY, -- rises; no gaps
	version INTEGER NOT NULL, -- of the catalog that the change made
	kind INTEGER NOT NULL,
	key TEXT NOT NULL
);

-- All that changed after this version is in the table; of what changed before, some may be missing.
ALTER TABLE meta ADD COLUMN changes_after INTEGER NOT NULL DEFAULT 0;
UPDATE meta SET changes_after = version;
