-- A label's books. Entries and their lines are only ever added, never updated or deleted.
-- The key of an entry is what happened and to what, so no event is booked twice.

CREATE TABLE journal (
  kind      TEXT   NOT NULL,
  reference TEXT   NOT NULL,
  label_id  TEXT   NOT NULL REFERENCES label (id),
  at        BIGINT NOT NULL,
  note      TEXT   NOT NULL,
  PRIMARY KEY (kind, reference)
) STRICT, WITHOUT ROWID;

CREATE INDEX journal_label ON journal (label_id, at, kind, reference);

CREATE TABLE journal_line (
  kind      TEXT   NOT NULL,
  reference TEXT   NOT NULL,
  line      BIGINT NOT NULL,
  account   TEXT   NOT NULL,
  run_id    TEXT   NOT NULL,
  payee_id  TEXT   NOT NULL,
  currency  TEXT   NOT NULL,
  minor     BIGINT NOT NULL,
  copies    BIGINT NOT NULL,
  PRIMARY KEY (kind, reference, line)
) STRICT, WITHOUT ROWID;

CREATE INDEX journal_run   ON journal_line (run_id) WHERE run_id <> '';
CREATE INDEX journal_owing ON journal_line (kind, reference) WHERE account = 'buyers';

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
