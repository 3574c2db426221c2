-- The drawing of a release's card, which lists show.
ALTER TABLE release ADD COLUMN card TEXT NOT NULL DEFAULT '';
