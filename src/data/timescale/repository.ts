import type { CandleRepository } from '../repository.ts'
import { readBooks } from './books.ts'
import { isPassingDatabaseError } from './errors.ts'
import type { OpenedDatabase } from './open.ts'
import { TimescaleSeriesWriter } from './series-writer.ts'

/**
 * Returns the repository that keeps candles in PostgreSQL or TimescaleDB. Every open series has a connection of its own.
 * @param opened closed with the repository
 */
export function createTimescaleRepository(opened: OpenedDatabase): CandleRepository {
  return {
    driver: 'timescale',
    isAway: isPassingDatabaseError,
    readBooks: (key, range) =>
      opened.database.transaction(
        (session) => readBooks(session, key, range, opened.features.tier),
        { readOnly: true },
      ),
    openSeries: (key) => TimescaleSeriesWriter.open(opened, key),
    close: () => opened.database.close(),
  }
}
