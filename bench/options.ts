import { parseArgs } from 'node:util'

/** What to measure and how often. */
export interface BenchOptions {
  /** Tiny sizes: checks that every part still runs, the figures mean nothing. */
  readonly quick: boolean
  /** Repetitions of which the median is reported. */
  readonly runs: number
  /** Parquet file of one-minute candles for the rows on real data. */
  readonly dataFile: string | undefined
  /** Writes all rows as one JSON document. */
  readonly jsonFile: string | undefined
}

export const USAGE = `usage: bun run bench [--quick] [--runs N] [--data FILE] [--json FILE]

  --quick      tiny sizes, as under bun test
  --runs N     repetitions, of which the median is printed (3)
  --data FILE  one-minute candles for the rows on real data (../shared/data/BTCUSDT-1m.parquet)
  --json FILE  writes every row, with versions and seed`

/** @throws TypeError for an unknown option, RangeError for a bad number of runs */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      runs: { type: 'string' },
      data: { type: 'string' },
      json: { type: 'string' },
    },
  })
  const runs = Number(values.runs ?? (values.quick ? 1 : 3))
  if (!Number.isInteger(runs) || runs < 1) {
    throw new RangeError(`--runs must be a whole number of at least 1, was ${values.runs}`)
  }
  return { quick: values.quick, runs, dataFile: values.data, jsonFile: values.json }
}
