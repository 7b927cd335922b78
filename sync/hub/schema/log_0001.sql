-- The log, embedded: topics of partitions of records, appended and never changed.
CREATE TABLE record (
	id INTEGER PRIMARY KEY, -- topic, partition and offset: event_log_parts.h
	key TEXT NOT NULL,
	at_ms INTEGER NOT NULL, -- when it was appended, by the hub's clock
	value BLOB NOT NULL
);

-- How far the consumers of a group have come.
CREATE TABLE committed (
	consumers TEXT NOT NULL, -- name of the group
	partition INTEGER NOT NULL, -- id of the partition's first record
	next INTEGER NOT NULL, -- offset to go on with
	PRIMARY KEY (consumers, partition)
) WITHOUT ROWID;
