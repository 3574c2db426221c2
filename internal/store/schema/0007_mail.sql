-- Mails to be sent. A row names people and things by ids; what the mail says and where it goes is read when it is sent.
-- Only links have an address and a token here, until they are sent. Rows go when they were sent; those given up go after a while.

CREATE TABLE outbox (
  id        TEXT   NOT NULL PRIMARY KEY,
  kind      TEXT   NOT NULL,
  order_id  TEXT   NOT NULL,
  run_id    TEXT   NOT NULL,
  number    BIGINT NOT NULL,
  account   TEXT   NOT NULL,
  mail      TEXT   NOT NULL,
  token     TEXT   NOT NULL,
  made_at   BIGINT NOT NULL,
  next_at   BIGINT NOT NULL,
  tries     BIGINT NOT NULL,
  failed_at BIGINT NOT NULL,
  reason    TEXT   NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_next    ON outbox (next_at)   WHERE failed_at = 0;
CREATE INDEX outbox_failed  ON outbox (failed_at) WHERE failed_at > 0;
CREATE INDEX outbox_account ON outbox (account)   WHERE account <> '';
CREATE INDEX outbox_order   ON outbox (order_id)  WHERE order_id <> '';

-- Offers made to somebody by name.
CREATE INDEX offer_heir ON offer (heir) WHERE heir <> '';
