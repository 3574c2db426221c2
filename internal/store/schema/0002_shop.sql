-- What the shop keeps beside the copies.

CREATE TABLE terms (
  run_id     TEXT   NOT NULL PRIMARY KEY REFERENCES run (id),
  minor      BIGINT NOT NULL,
  currency   TEXT   NOT NULL,
  pay_more   BIGINT NOT NULL CHECK (pay_more IN (0, 1)),
  opens_at   BIGINT NOT NULL,
  closes_at  BIGINT NOT NULL,
  per_person BIGINT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
  id        TEXT   NOT NULL PRIMARY KEY,
  label_id  TEXT   NOT NULL,
  visitor   TEXT   NOT NULL,
  account   TEXT   NOT NULL,
  mail      TEXT   NOT NULL,
  address   TEXT   NOT NULL,
  mail_key  TEXT   NOT NULL,
  post_key  TEXT   NOT NULL,
  state     TEXT   NOT NULL CHECK (state IN ('placed', 'paid', 'packed', 'shipped', 'returned', 'cancelled', 'refund')),
  method    TEXT   NOT NULL,
  minor     BIGINT NOT NULL,
  currency  TEXT   NOT NULL,
  placed_at BIGINT NOT NULL,
  pay_by    BIGINT NOT NULL,
  paid_at   BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  seq       BIGINT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX orders_visitor ON orders (visitor);
CREATE INDEX orders_account ON orders (account) WHERE account <> '';
CREATE INDEX orders_mail    ON orders (mail_key);
CREATE INDEX orders_post    ON orders (post_key);
CREATE INDEX orders_desk    ON orders (label_id, state, placed_at);

CREATE TABLE order_line (
  order_id TEXT   NOT NULL,
  line     BIGINT NOT NULL,
  run_id   TEXT   NOT NULL,
  number   BIGINT NOT NULL,
  minor    BIGINT NOT NULL,
  PRIMARY KEY (order_id, line)
) STRICT, WITHOUT ROWID;

-- Answers to requests that came with a key.
CREATE TABLE answer (
  asker   TEXT   NOT NULL,
  idem    TEXT   NOT NULL,
  request TEXT   NOT NULL,
  body    TEXT   NOT NULL,
  at      BIGINT NOT NULL,
  PRIMARY KEY (asker, idem)
) STRICT, WITHOUT ROWID;

CREATE INDEX answer_at ON answer (at);

-- A row stands here only within the transaction whose turn it is.
CREATE TABLE turn (
  run_id TEXT NOT NULL,
  person TEXT NOT NULL,
  PRIMARY KEY (run_id, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE offer (
  run_id     TEXT   NOT NULL,
  number     BIGINT NOT NULL,
  owner      TEXT   NOT NULL,
  heir       TEXT   NOT NULL,
  token_hash TEXT   NOT NULL,
  made_at    BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX offer_token ON offer (token_hash);
