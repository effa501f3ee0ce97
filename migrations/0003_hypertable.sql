-- requires: timescaledb

-- Splits candles by time. A chunk holds 30 days: 43,200 one-minute candles of a series, which compress into 44 batches, and
-- eight years of history make a hundred chunks, which planning a query bears well. Candles that are there move into chunks.
-- The primary key leads with the series and serves every read, so that the index on time alone is left out.

-- The candles do not change, only where they lie: nobody needs to export or to verify them again.
SET LOCAL crypto.writer = 'keeps partitions';
ALTER TABLE candles DISABLE TRIGGER candles_truncated;

SELECT create_hypertable(
  'candles', 'open_time',
  chunk_time_interval => INTERVAL '30 days',
  create_default_indexes => false,
  migrate_data => true
);

ALTER TABLE candles ENABLE TRIGGER candles_truncated;
