-- requires: timescaledb-tsl

-- How chunks are compressed. When they are is a setting, database.compress_after_days, which the program applies.

ALTER TABLE candles SET (
  timescaledb.compress,
  timescaledb.compress_segmentby = 'series_id',
  timescaledb.compress_orderby = 'open_time'
);
