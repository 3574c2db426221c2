-- Who sits at a deck, and what the house remembers of a copy's tape between sittings.

CREATE TABLE sitting (
  id         TEXT   NOT NULL PRIMARY KEY,
  deck       TEXT   NOT NULL UNIQUE, -- a tape is in one deck at a time
  person     TEXT   NOT NULL,
  network    TEXT   NOT NULL,
  release_id TEXT   NOT NULL,
  run_id     TEXT   NOT NULL,
  number     BIGINT NOT NULL,
  at         BIGINT NOT NULL,
  side       BIGINT NOT NULL CHECK (side IN (0, 1)),
  place      BIGINT NOT NULL, -- microseconds of play, as are travel and sound
  motion     TEXT   NOT NULL,
  travel     BIGINT NOT NULL,
  sound      BIGINT NOT NULL,
  handed     TEXT   NOT NULL,
  heard_side BIGINT NOT NULL,
  heard_from BIGINT NOT NULL,
  heard_to   BIGINT NOT NULL,
  heard_at   BIGINT NOT NULL,
  counted_a  BIGINT NOT NULL CHECK (counted_a IN (0, 1)),
  counted_b  BIGINT NOT NULL CHECK (counted_b IN (0, 1)),
  began_at   BIGINT NOT NULL,
  ends_at    BIGINT NOT NULL,
  seq        BIGINT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sitting_network ON sitting (network);
CREATE INDEX sitting_ends    ON sitting (ends_at);

CREATE TABLE cassette (
  run_id  TEXT   NOT NULL,
  number  BIGINT NOT NULL,
  plays_a BIGINT NOT NULL CHECK (plays_a >= 0),
  plays_b BIGINT NOT NULL CHECK (plays_b >= 0),
  side    BIGINT NOT NULL CHECK (side IN (0, 1)),
  place   BIGINT NOT NULL,
  seq     BIGINT NOT NULL,
  PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;
