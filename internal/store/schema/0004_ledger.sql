-- The shop's ownership log. Hashes are 64 hexadecimal digits.

-- The log itself: one row. Who places leaves or publishes has it locked.
CREATE TABLE ledger_log (
  one    BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
  origin TEXT   NOT NULL,
  vkey   TEXT   NOT NULL,
  size   BIGINT NOT NULL, -- leaves that have a place
  note   TEXT   NOT NULL, -- the last checkpoint published
  signed BIGINT NOT NULL  -- and its size
) STRICT, WITHOUT ROWID;

-- No counts: every sale of a run would wait for the one before.
CREATE TABLE ledger_run (
  run_id    TEXT   NOT NULL PRIMARY KEY,
  label_id  TEXT   NOT NULL,
  catalogue TEXT   NOT NULL,
  edition   TEXT   NOT NULL,
  id        TEXT   NOT NULL, -- leaf hash of the declaration
  pubkey    TEXT   NOT NULL,
  size      BIGINT NOT NULL,
  closed    BIGINT NOT NULL CHECK (closed IN (0, 1)),
  step      BIGINT NOT NULL,
  UNIQUE (label_id, catalogue, edition)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_copy (
  run_id   TEXT   NOT NULL REFERENCES ledger_run (run_id),
  number   BIGINT NOT NULL,
  status   BIGINT NOT NULL CHECK (status IN (0, 1, 2)), -- with the label, owned, void
  head     TEXT   NOT NULL,
  owner    TEXT   NOT NULL,
  prev     TEXT   NOT NULL,
  entries  BIGINT NOT NULL,
  by_label BIGINT NOT NULL,
  step     BIGINT NOT NULL,
  PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;

-- The entries. Each step of a copy's history is there once; a place in the log is given once.
CREATE TABLE ledger_leaf (
  run_id TEXT   NOT NULL,
  number BIGINT NOT NULL, -- 0: about the run
  step   BIGINT NOT NULL,
  idx    BIGINT NOT NULL, -- place in the log, -1 for none yet
  body   TEXT   NOT NULL,
  PRIMARY KEY (run_id, number, step)
) STRICT; -- with a rowid: bodies are read by two other ways too

CREATE UNIQUE INDEX ledger_leaf_idx     ON ledger_leaf (idx)  WHERE idx >= 0;
CREATE INDEX        ledger_leaf_waiting ON ledger_leaf (step) WHERE idx < 0;

-- The tree, in the order in which its hashes come to be.
CREATE TABLE ledger_hash (
  idx  BIGINT NOT NULL PRIMARY KEY,
  hash TEXT   NOT NULL
) STRICT;

-- What opens a grade's commitment.
CREATE TABLE ledger_sheet (
  run_id TEXT   NOT NULL,
  number BIGINT NOT NULL,
  step   BIGINT NOT NULL,
  sheet  TEXT   NOT NULL,
  salt   TEXT   NOT NULL,
  PRIMARY KEY (run_id, number, step)
) STRICT, WITHOUT ROWID;

-- Owners' keys, sealed. Erasing a person deletes their rows, and that is all that ties them to the log.
CREATE TABLE owner_key (
  run_id  TEXT   NOT NULL,
  number  BIGINT NOT NULL,
  account TEXT   NOT NULL, -- '': a buyer without an account, or the label
  kept    BIGINT NOT NULL CHECK (kept IN (0, 1)), -- the label is the owner
  sealed  TEXT   NOT NULL,
  PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX owner_key_account ON owner_key (account) WHERE account <> '';
