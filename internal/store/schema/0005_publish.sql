-- What the shop window shows, and how it gets there.

ALTER TABLE label ADD COLUMN about      TEXT NOT NULL DEFAULT '';
ALTER TABLE label ADD COLUMN how_to_pay TEXT NOT NULL DEFAULT '';
ALTER TABLE label ADD COLUMN place      TEXT NOT NULL DEFAULT '';
ALTER TABLE label ADD COLUMN country    TEXT NOT NULL DEFAULT '';
ALTER TABLE label ADD COLUMN accent     TEXT NOT NULL DEFAULT '';
ALTER TABLE label ADD COLUMN name_key   TEXT /*binary*/ NOT NULL DEFAULT '';

ALTER TABLE artist ADD COLUMN name_key  TEXT /*binary*/ NOT NULL DEFAULT '';

-- The keys are folded (catalog.Fold) and compared byte by byte, so that both databases sort alike.
ALTER TABLE release ADD COLUMN state        TEXT   NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'public', 'withdrawn'));
ALTER TABLE release ADD COLUMN digital      TEXT   NOT NULL DEFAULT 'none' CHECK (digital IN ('none', 'preview', 'files'));
ALTER TABLE release ADD COLUMN published_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE release ADD COLUMN notes        TEXT   NOT NULL DEFAULT '';
ALTER TABLE release ADD COLUMN cover        TEXT   NOT NULL DEFAULT '';
ALTER TABLE release ADD COLUMN tape         TEXT   NOT NULL DEFAULT '';
ALTER TABLE release ADD COLUMN accent       TEXT   NOT NULL DEFAULT '';
ALTER TABLE release ADD COLUMN detail       TEXT   NOT NULL DEFAULT '{}';
ALTER TABLE release ADD COLUMN title_key    TEXT   /*binary*/ NOT NULL DEFAULT '';
ALTER TABLE release ADD COLUMN number_key   TEXT   /*binary*/ NOT NULL DEFAULT '';

CREATE INDEX release_date   ON release (state, published_at, id);
CREATE INDEX release_title  ON release (state, title_key, id);
CREATE INDEX release_artist ON release (artist_id, published_at, id);
CREATE INDEX release_label  ON release (label_id, number_key, id);
CREATE INDEX terms_opens    ON terms (opens_at, run_id);

-- Folded words by which a label, an artist or a release (its subject, by id) is found.
CREATE TABLE word (
  word    TEXT /*binary*/ NOT NULL,
  subject TEXT NOT NULL,
  PRIMARY KEY (word, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX word_subject ON word (subject);

CREATE TABLE copy_photo (
  run_id   TEXT   NOT NULL,
  number   BIGINT NOT NULL,
  seq      BIGINT NOT NULL,
  sha256   TEXT   NOT NULL,
  caption  TEXT   NOT NULL,
  at       BIGINT NOT NULL,
  PRIMARY KEY (run_id, number, sha256)
) STRICT, WITHOUT ROWID;

-- A pressing that is kept: the draft of a run until run_id says which run it became.
CREATE TABLE pressing (
  release_id TEXT   NOT NULL,
  manifest   TEXT   NOT NULL,
  bytes      BIGINT NOT NULL,
  run_id     TEXT   NOT NULL,
  account    TEXT   NOT NULL,
  at         BIGINT NOT NULL,
  detail     TEXT   NOT NULL,
  PRIMARY KEY (release_id, manifest)
) STRICT, WITHOUT ROWID;

CREATE INDEX pressing_manifest ON pressing (manifest);
CREATE INDEX copy_photo_blob   ON copy_photo (sha256);

-- Which files a pressing stands on.
CREATE TABLE blob_ref (
  sha256     TEXT   NOT NULL,
  release_id TEXT   NOT NULL,
  manifest   TEXT   NOT NULL,
  size       BIGINT NOT NULL,
  PRIMARY KEY (sha256, release_id, manifest)
) STRICT, WITHOUT ROWID;

CREATE INDEX blob_ref_release ON blob_ref (release_id, manifest);

-- An upload under way. Its files are a list in JSON; how much of each is there, the folder says.
CREATE TABLE upload (
  id         TEXT   NOT NULL PRIMARY KEY,
  label_id   TEXT   NOT NULL,
  account    TEXT   NOT NULL,
  manifest   TEXT   NOT NULL,
  repress    BIGINT NOT NULL CHECK (repress IN (0, 1)),
  files      TEXT   NOT NULL,
  bytes      BIGINT NOT NULL,
  made_at    BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX upload_label ON upload (label_id, manifest, repress);
CREATE INDEX upload_expires ON upload (expires_at);
