import type { CandleRepository } from '../repository.ts'
import type { Database } from './database.ts'
import { TimescaleSeriesWriter } from './series-writer.ts'

/**
 * Returns the repository that keeps candles in PostgreSQL or TimescaleDB. Every open series has a connection of its own.
 * @param database migrated; closed with the repository
 */
export function createTimescaleRepository(database: Database): CandleRepository {
  return {
    driver: 'timescale',
    openSeries: (key) => TimescaleSeriesWriter.open(database, key),
    close: () => database.close(),
  }
}
