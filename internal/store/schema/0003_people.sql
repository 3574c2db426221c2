-- People, their sessions, and what they may do. No secret stands here in a form that could be used.

CREATE TABLE account (
  id         TEXT   NOT NULL PRIMARY KEY,
  name       TEXT   NOT NULL,
  name_key   TEXT   NOT NULL UNIQUE,
  display    TEXT   NOT NULL,
  shown      BIGINT NOT NULL CHECK (shown IN (0, 1)),
  mail       TEXT   NOT NULL,
  mail_key   TEXT   NOT NULL,
  verified   BIGINT NOT NULL CHECK (verified IN (0, 1)),
  admin      BIGINT NOT NULL CHECK (admin IN (0, 1)),
  password   TEXT   NOT NULL,
  created_at BIGINT NOT NULL,
  CHECK ((verified = 1) = (mail_key <> ''))
) STRICT, WITHOUT ROWID;

-- A verified mail address belongs to one account.
CREATE UNIQUE INDEX account_mail ON account (mail_key) WHERE mail_key <> '';

CREATE TABLE session (
  hash       TEXT   NOT NULL PRIMARY KEY,
  account_id TEXT   NOT NULL REFERENCES account (id),
  how        TEXT   NOT NULL,
  agent      TEXT   NOT NULL,
  made_at    BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_account ON session (account_id);

-- Browsers in which an account has signed in.
CREATE TABLE known (
  account_id TEXT   NOT NULL REFERENCES account (id),
  visitor    TEXT   NOT NULL,
  seen_at    BIGINT NOT NULL,
  PRIMARY KEY (account_id, visitor)
) STRICT, WITHOUT ROWID;

-- How often somebody guessed at a name; the key is sealed, and made for names that nobody has as well.
CREATE TABLE guess (
  name_key TEXT   NOT NULL PRIMARY KEY,
  n        BIGINT NOT NULL,
  at       BIGINT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE link (
  hash       TEXT   NOT NULL PRIMARY KEY,
  kind       TEXT   NOT NULL,
  account_id TEXT   NOT NULL,
  mail       TEXT   NOT NULL,
  label_id   TEXT   NOT NULL,
  role       TEXT   NOT NULL,
  made_at    BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX link_account ON link (account_id, kind);
CREATE INDEX link_label   ON link (label_id)  WHERE label_id <> '';

-- What works once and was used; kept as long as it would have been good.
CREATE TABLE spent (
  item       TEXT   NOT NULL PRIMARY KEY,
  expires_at BIGINT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE passkey (
  id         TEXT   NOT NULL PRIMARY KEY,
  account_id TEXT   NOT NULL REFERENCES account (id),
  name       TEXT   NOT NULL,
  credential TEXT   NOT NULL,
  counter    BIGINT NOT NULL,
  made_at    BIGINT NOT NULL,
  used_at    BIGINT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX passkey_account ON passkey (account_id);

CREATE TABLE member (
  label_id   TEXT   NOT NULL REFERENCES label (id),
  account_id TEXT   NOT NULL REFERENCES account (id),
  role       TEXT   NOT NULL CHECK (role IN ('owner', 'packer', 'accountant')),
  since      BIGINT NOT NULL,
  PRIMARY KEY (label_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX member_account ON member (account_id);

CREATE TABLE token (
  id         TEXT   NOT NULL PRIMARY KEY,
  hash       TEXT   NOT NULL UNIQUE,
  label_id   TEXT   NOT NULL REFERENCES label (id),
  account_id TEXT   NOT NULL REFERENCES account (id),
  scope      TEXT   NOT NULL,
  name       TEXT   NOT NULL,
  made_at    BIGINT NOT NULL,
  used_at    BIGINT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX token_label   ON token (label_id);
CREATE INDEX token_account ON token (account_id);
