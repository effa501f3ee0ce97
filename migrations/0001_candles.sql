-- Candles of all series, what is known about them, and which months changed.
-- Plain PostgreSQL from 14 on; nothing here needs TimescaleDB.

CREATE TABLE series (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  exchange text NOT NULL,
  symbol text NOT NULL,
  interval text NOT NULL CHECK (interval ~ '^[1-9][0-9]*[mhdw]$'),
  interval_ms bigint NOT NULL CHECK (
    interval_ms = left(interval, -1)::bigint * CASE right(interval, 1)
      WHEN 'm' THEN 60000 WHEN 'h' THEN 3600000 WHEN 'd' THEN 86400000 ELSE 604800000 END
  ),
  UNIQUE (exchange, symbol, interval)
);

-- No foreign key to series: it would cost more than all the rest of an insert. Triggers below stand in for it.
-- NaN is greater than every number, infinity included, and equal to itself: each column has an upper bound that NaN breaks.
CREATE TABLE candles (
  series_id int NOT NULL,
  open_time timestamptz NOT NULL CHECK (isfinite(open_time)),
  open float8 NOT NULL,
  high float8 NOT NULL,
  low float8 NOT NULL,
  close float8 NOT NULL,
  volume float8 NOT NULL CHECK (volume >= 0 AND volume < 'Infinity'),
  PRIMARY KEY (series_id, open_time),
  CONSTRAINT candles_prices_check CHECK (
    low > 0 AND low <= open AND low <= close AND open <= high AND close <= high AND high < 'Infinity'
  )
);

-- What a venue was asked for and answered: open times in [from_time, to_time), within one UTC month each, so that a month
-- whose candles somebody else changes can be taken out on its own.
CREATE TABLE coverage (
  series_id int NOT NULL REFERENCES series ON DELETE CASCADE,
  from_time timestamptz NOT NULL,
  to_time timestamptz NOT NULL,
  PRIMARY KEY (series_id, from_time),
  CHECK (from_time < to_time),
  CHECK (
    date_trunc('month', from_time AT TIME ZONE 'UTC')
      = date_trunc('month', to_time AT TIME ZONE 'UTC' - interval '1 microsecond')
  )
);

-- Candles that the venue does not have, in the covered ranges.
CREATE TABLE holes (
  series_id int NOT NULL REFERENCES series ON DELETE CASCADE,
  from_time timestamptz NOT NULL,
  to_time timestamptz NOT NULL,
  cause text NOT NULL CHECK (cause IN ('venue', 'quarantine')),
  first_seen timestamptz NOT NULL,
  last_check timestamptz NOT NULL,
  PRIMARY KEY (series_id, from_time),
  CHECK (from_time < to_time)
);

-- Candles that were refused, as the venue sent them: NaN where there was no number. Not unique: a venue may contradict itself.
CREATE TABLE quarantine (
  series_id int NOT NULL REFERENCES series ON DELETE CASCADE,
  open_time timestamptz NOT NULL,
  reason text NOT NULL,
  open float8 NOT NULL,
  high float8 NOT NULL,
  low float8 NOT NULL,
  close float8 NOT NULL,
  volume float8 NOT NULL,
  seen timestamptz NOT NULL
);
CREATE INDEX quarantine_series ON quarantine (series_id, open_time);

-- The version of a month is replaced in every transaction that changes one of its candles, so it becomes visible together
-- with them. It is drawn by lot and compared for equality only. A counter would be handed out before the commit, so that
-- a higher one may be seen before a lower one; and after a restore from a backup it would be handed out a second time, for
-- other candles. Neither can hide a change here. The row is locked until the commit: changes of one month have an order.
CREATE TABLE partitions (
  series_id int NOT NULL REFERENCES series ON DELETE CASCADE,
  month date NOT NULL CHECK (month = date_trunc('month', month)),
  version uuid NOT NULL DEFAULT gen_random_uuid(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (series_id, month)
);

-- Tells copies of this database's candles from those of another one.
CREATE TABLE database_identity (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only)
);
INSERT INTO database_identity DEFAULT VALUES;

-- Notes that a candle of a month is changed by somebody who does not keep the books: the month gets another version and is
-- no longer covered. Once per transaction: the row's own transaction and time tell that it is done, together, because
-- transaction numbers repeat after 4 billion and clocks can be set back. What it found out is left in settings of the
-- transaction for the next candle, which is mostly of the same month.
CREATE FUNCTION mark_partition(changed_series int, changed_month timestamp) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  grid_ms bigint;
  anchor_ms bigint;
BEGIN
  -- Weeks begin on Mondays, and 1970-01-05 was one.
  SELECT interval_ms, CASE right(interval, 1) WHEN 'w' THEN 345600000 ELSE 0 END
    INTO grid_ms, anchor_ms FROM series WHERE id = changed_series;
  IF NOT FOUND THEN
    RAISE foreign_key_violation USING
      MESSAGE = format('candle of %s: there is no series %s', changed_month::date, changed_series);
  END IF;
  PERFORM FROM partitions
    WHERE series_id = changed_series AND month = changed_month::date
      AND changed_at = now() AND xmin = pg_current_xact_id()::xid;
  IF NOT FOUND THEN
    INSERT INTO partitions (series_id, month) VALUES (changed_series, changed_month::date)
      ON CONFLICT (series_id, month)
      DO UPDATE SET version = excluded.version, changed_at = excluded.changed_at;
    DELETE FROM coverage
      WHERE series_id = changed_series
        AND from_time >= changed_month AT TIME ZONE 'UTC'
        AND from_time < (changed_month + interval '1 month') AT TIME ZONE 'UTC';
  END IF;
  PERFORM set_config('crypto.marked', changed_series || ' ' || changed_month, true),
    set_config('crypto.grid_ms', grid_ms::text, true),
    set_config('crypto.anchor_ms', anchor_ms::text, true);
END
$$;

-- The door for candles written with plain SQL: series and open time must be right, and the change is noted.
CREATE FUNCTION candle_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  changed_month timestamp;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    changed_month := date_trunc('month', OLD.open_time AT TIME ZONE 'UTC');
    IF current_setting('crypto.marked', true) IS DISTINCT FROM OLD.series_id || ' ' || changed_month THEN
      PERFORM mark_partition(OLD.series_id, changed_month);
    END IF;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    changed_month := date_trunc('month', NEW.open_time AT TIME ZONE 'UTC');
    IF current_setting('crypto.marked', true) IS DISTINCT FROM NEW.series_id || ' ' || changed_month THEN
      PERFORM mark_partition(NEW.series_id, changed_month);
    END IF;
    IF mod(extract(epoch FROM NEW.open_time) * 1000 - current_setting('crypto.anchor_ms')::bigint,
        current_setting('crypto.grid_ms')::bigint) <> 0 THEN
      RAISE check_violation USING MESSAGE = format(
        'candle of series %s at %s: the open time is not on the grid of its interval',
        NEW.series_id, NEW.open_time);
    END IF;
  END IF;
  RETURN NULL;
END
$$;

-- By row, because statement triggers that see the rows do not exist for deletes in compressed hypertables, nor for chunks.
-- The platform's own writer sets crypto.writer in its transactions, keeps partitions and coverage itself, and pays only
-- for the comparison.
CREATE TRIGGER candles_changed AFTER INSERT OR UPDATE OR DELETE ON candles
  FOR EACH ROW WHEN (current_setting('crypto.writer', true) IS DISTINCT FROM 'keeps partitions')
  EXECUTE FUNCTION candle_changed();

CREATE FUNCTION candles_truncated() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE partitions SET version = gen_random_uuid(), changed_at = now();
  DELETE FROM coverage;
  RETURN NULL;
END
$$;

CREATE TRIGGER candles_truncated AFTER TRUNCATE ON candles
  FOR EACH STATEMENT EXECUTE FUNCTION candles_truncated();

-- A series takes its candles along, or others could appear under a number that is given out again.
CREATE FUNCTION series_deleted() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    TRUNCATE candles;
  ELSE
    DELETE FROM candles WHERE series_id = OLD.id;
  END IF;
  RETURN OLD;
END
$$;

CREATE TRIGGER series_deleted BEFORE DELETE ON series
  FOR EACH ROW EXECUTE FUNCTION series_deleted();
CREATE TRIGGER series_truncated BEFORE TRUNCATE ON series
  FOR EACH STATEMENT EXECUTE FUNCTION series_deleted();
