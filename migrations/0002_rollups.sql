-- Candles of an hour and of a day, made from all stored series that are finer. For people and tools that ask in SQL:
-- backtests resample themselves and count what is missing. On TimescaleDB, 0005 puts continuous aggregates with the same
-- names and columns in their place.
--
-- candles: how many stored candles the row is made of; complete: whether these are all that fit into it.

CREATE VIEW candles_1h AS
SELECT
  c.series_id,
  date_bin(INTERVAL '1 hour', c.open_time, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS open_time,
  (array_agg(c.open ORDER BY c.open_time))[1] AS open,
  max(c.high) AS high,
  min(c.low) AS low,
  (array_agg(c.close ORDER BY c.open_time DESC))[1] AS close,
  sum(c.volume) AS volume,
  count(*) AS candles,
  count(*) * s.interval_ms = 3600000 AS complete
FROM candles c
JOIN series s ON s.id = c.series_id
WHERE s.interval_ms < 3600000 AND 3600000 % s.interval_ms = 0
GROUP BY 1, 2, s.interval_ms;

CREATE VIEW candles_1d AS
SELECT
  c.series_id,
  date_bin(INTERVAL '1 day', c.open_time, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS open_time,
  (array_agg(c.open ORDER BY c.open_time))[1] AS open,
  max(c.high) AS high,
  min(c.low) AS low,
  (array_agg(c.close ORDER BY c.open_time DESC))[1] AS close,
  sum(c.volume) AS volume,
  count(*) AS candles,
  count(*) * s.interval_ms = 86400000 AS complete
FROM candles c
JOIN series s ON s.id = c.series_id
WHERE s.interval_ms < 86400000 AND 86400000 % s.interval_ms = 0
GROUP BY 1, 2, s.interval_ms;
