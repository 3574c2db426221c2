-- What a label needs to send parcels, and what became of each.

-- One row a label that set something: its sender's address, weights in grams, and what customs wants to know.
CREATE TABLE parcel_setup (
  label_id TEXT   NOT NULL PRIMARY KEY,
  sender   TEXT   NOT NULL,
  country  TEXT   NOT NULL,
  copy_g   BIGINT NOT NULL,
  mailer_g BIGINT NOT NULL,
  contents TEXT   NOT NULL,
  tariff   TEXT   NOT NULL,
  origin   TEXT   NOT NULL
) STRICT, WITHOUT ROWID;

-- How an order travels. lost_at is 0 unless it never arrived.
CREATE TABLE parcel (
  order_id TEXT   NOT NULL PRIMARY KEY,
  carrier  TEXT   NOT NULL,
  tracking TEXT   NOT NULL,
  lost_at  BIGINT NOT NULL,
  note     TEXT   NOT NULL
) STRICT, WITHOUT ROWID;

-- Numbers that were confirmed to be in the parcel of an order.
CREATE TABLE parcel_check (
  order_id TEXT   NOT NULL,
  run_id   TEXT   NOT NULL,
  number   BIGINT NOT NULL,
  at       BIGINT NOT NULL,
  PRIMARY KEY (order_id, run_id, number)
) STRICT, WITHOUT ROWID;
