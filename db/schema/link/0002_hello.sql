-- What headquarters said of itself last, and what of its catalog this box could not understand.
ALTER TABLE link ADD COLUMN hq_program TEXT NOT NULL DEFAULT '';
ALTER TABLE link ADD COLUMN hq_semantics INTEGER NOT NULL DEFAULT 0;
ALTER TABLE link ADD COLUMN hq_features TEXT NOT NULL DEFAULT ''; -- names, a blank between them
ALTER TABLE link ADD COLUMN left_out INTEGER NOT NULL DEFAULT 0; -- records that are not here as they are there
ALTER TABLE link ADD COLUMN reader TEXT NOT NULL DEFAULT ''; -- the program that left them out
