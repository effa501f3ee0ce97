-- requires: timescaledb-tsl

-- The views of 0002 as continuous aggregates. Both are made from the stored candles: the days made from the hours would
-- lack every series that is not finer than an hour. What is not materialized yet is computed when it is asked for.
-- Hours and days in which a candle changed are computed anew by the policies, and by the program when it changed them.

DROP VIEW candles_1h;
DROP VIEW candles_1d;

CREATE MATERIALIZED VIEW candles_1h
WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT
  c.series_id,
  time_bucket(INTERVAL '1 hour', c.open_time) AS open_time,
  first(c.open, c.open_time) AS open,
  max(c.high) AS high,
  min(c.low) AS low,
  last(c.close, c.open_time) AS close,
  sum(c.volume) AS volume,
  count(*) AS candles,
  count(*) * s.interval_ms = 3600000 AS complete
FROM candles c
JOIN series s ON s.id = c.series_id
WHERE s.interval_ms < 3600000 AND 3600000 % s.interval_ms = 0
GROUP BY 1, 2, s.interval_ms
WITH NO DATA;

CREATE MATERIALIZED VIEW candles_1d
WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT
  c.series_id,
  time_bucket(INTERVAL '1 day', c.open_time) AS open_time,
  first(c.open, c.open_time) AS open,
  max(c.high) AS high,
  min(c.low) AS low,
  last(c.close, c.open_time) AS close,
  sum(c.volume) AS volume,
  count(*) AS candles,
  count(*) * s.interval_ms = 86400000 AS complete
FROM candles c
JOIN series s ON s.id = c.series_id
WHERE s.interval_ms < 86400000 AND 86400000 % s.interval_ms = 0
GROUP BY 1, 2, s.interval_ms
WITH NO DATA;

SELECT add_continuous_aggregate_policy(
  'candles_1h', start_offset => NULL, end_offset => INTERVAL '1 hour', schedule_interval => INTERVAL '1 hour'
);
SELECT add_continuous_aggregate_policy(
  'candles_1d', start_offset => NULL, end_offset => INTERVAL '1 day', schedule_interval => INTERVAL '6 hours'
);
