-- The catalogue, and every numbered copy.
-- One text for both databases: BIGINT becomes INTEGER in SQLite, and the words after a table's
-- closing bracket are left out for PostgreSQL. Times are microseconds since 1970 in UTC, 0 for
-- none; a text that is not there is ''.

CREATE TABLE label (
  id         TEXT   NOT NULL PRIMARY KEY,
  slug       TEXT   NOT NULL UNIQUE,
  name       TEXT   NOT NULL,
  created_at BIGINT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE artist (
  id         TEXT   NOT NULL PRIMARY KEY,
  slug       TEXT   NOT NULL UNIQUE,
  name       TEXT   NOT NULL,
  created_at BIGINT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE release (
  id             TEXT   NOT NULL PRIMARY KEY,
  label_id       TEXT   NOT NULL REFERENCES label (id),
  artist_id      TEXT   NOT NULL REFERENCES artist (id),
  slug           TEXT   NOT NULL,
  title          TEXT   NOT NULL,
  catalog_number TEXT   NOT NULL,
  barcode        TEXT   NOT NULL,
  year           BIGINT NOT NULL,
  created_at     BIGINT NOT NULL,
  UNIQUE (label_id, slug)
) STRICT, WITHOUT ROWID;

-- A run is inserted once and never updated.
CREATE TABLE run (
  id          TEXT   NOT NULL PRIMARY KEY,
  release_id  TEXT   NOT NULL REFERENCES release (id),
  ordinal     BIGINT NOT NULL,
  copies      BIGINT NOT NULL CHECK (copies > 0),
  proofs      BIGINT NOT NULL CHECK (proofs >= 0),
  salt        TEXT   NOT NULL,
  declaration TEXT   NOT NULL,
  declared_at BIGINT NOT NULL,
  UNIQUE (release_id, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE copy (
  run_id      TEXT   NOT NULL REFERENCES run (id),
  number      BIGINT NOT NULL CHECK (number > 0),
  variant     TEXT   NOT NULL,
  pool        TEXT   NOT NULL CHECK (pool IN ('web', 'counter', 'merch', 'consignment', 'artist')),
  state       TEXT   NOT NULL CHECK (state IN ('free', 'held', 'sold', 'packed', 'shipped', 'claimed', 'returned', 'void')),
  holder      TEXT   NOT NULL,
  held_until  BIGINT NOT NULL,
  order_id    TEXT   NOT NULL,
  owner       TEXT   NOT NULL,
  claim_hash  TEXT   NOT NULL,
  spent       BIGINT NOT NULL CHECK (spent IN (0, 1)),
  grade       TEXT   NOT NULL,
  reason      TEXT   NOT NULL,
  seq         BIGINT NOT NULL,
  changed_at  BIGINT NOT NULL,
  PRIMARY KEY (run_id, number),
  CHECK ((state = 'held') = (held_until > 0)),
  CHECK ((state = 'held') = (holder <> '')),
  CHECK ((state = 'claimed') = (owner <> '')),
  CHECK ((state = 'void') = (reason <> '')),
  CHECK (state <> 'free' OR order_id = '')
) STRICT; -- with a rowid: SQLite thinks a primary key without one cheaper than any index, and would walk the run

CREATE INDEX copy_state  ON copy (run_id, state, pool, number);
CREATE INDEX copy_held   ON copy (run_id, held_until)   WHERE state = 'held';
CREATE INDEX copy_basket ON copy (holder)               WHERE state = 'held';
CREATE INDEX copy_order  ON copy (order_id, run_id)     WHERE order_id <> '';
CREATE INDEX copy_owner  ON copy (owner)                WHERE owner <> '';
CREATE INDEX copy_claim  ON copy (claim_hash)           WHERE claim_hash <> '';

-- A copy's history. Its key lets no second event take a number's place.
CREATE TABLE event (
  run_id   TEXT   NOT NULL,
  number   BIGINT NOT NULL,
  seq      BIGINT NOT NULL,
  at       BIGINT NOT NULL,
  verb     TEXT   NOT NULL,
  state    TEXT   NOT NULL,
  actor    TEXT   NOT NULL,
  order_id TEXT   NOT NULL,
  note     TEXT   NOT NULL,
  PRIMARY KEY (run_id, number, seq)
) STRICT, WITHOUT ROWID;
