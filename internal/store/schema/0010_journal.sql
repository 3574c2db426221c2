-- A label's books. Entries and their lines are only ever added, never updated or deleted.
-- The key of an entry is what happened and to what, so no event is booked twice. Its lines are one text, a line each: account, run,
-- payee ('-' for none), currency, coins, copies. A statement reads tens of thousands of entries, and a row costs more than what is
-- in it. owing: money to send back to a buyer is among them.

CREATE TABLE journal (
  kind      TEXT   NOT NULL,
  reference TEXT   NOT NULL,
  label_id  TEXT   NOT NULL REFERENCES label (id),
  at        BIGINT NOT NULL,
  note      TEXT   NOT NULL,
  owing     BIGINT NOT NULL CHECK (owing IN (0, 1)),
  lines     TEXT   NOT NULL CHECK (lines <> ''),
  PRIMARY KEY (kind, reference)
) STRICT, WITHOUT ROWID;

CREATE INDEX journal_owing ON journal (label_id) WHERE owing = 1;
CREATE INDEX journal_label ON journal (label_id, at, kind, reference);

-- Which entries are about a run.
CREATE TABLE journal_run (
  run_id    TEXT NOT NULL,
  kind      TEXT NOT NULL,
  reference TEXT NOT NULL,
  PRIMARY KEY (run_id, kind, reference)
) STRICT, WITHOUT ROWID;

-- Whom a label pays.
CREATE TABLE payee (
  id         TEXT   NOT NULL PRIMARY KEY,
  label_id   TEXT   NOT NULL REFERENCES label (id),
  name       TEXT   NOT NULL,
  created_at BIGINT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX payee_label ON payee (label_id);

-- How a release's money is shared. A version is never changed: the next one counts from when it was made.
CREATE TABLE deal (
  release_id TEXT   NOT NULL,
  version    BIGINT NOT NULL,
  at         BIGINT NOT NULL,
  recoup     BIGINT NOT NULL CHECK (recoup IN (0, 1)),
  tiers      TEXT   NOT NULL,
  PRIMARY KEY (release_id, version)
) STRICT, WITHOUT ROWID;
