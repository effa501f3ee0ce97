import { Type } from 'typebox'
import type { ConfiguredBacktest, ConfiguredSweep } from '../../app/backtest/list-configured.ts'
import { formatInstant } from '../../core/units.ts'
import { Count, closed, Instant, Nullable } from '../leaves.ts'
import type { Report } from '../report.ts'
import { count, instant } from '../terminal/format.ts'
import type { Style } from '../terminal/style.ts'
import { renderTable } from '../terminal/table.ts'

/** What `backtest run` and `backtest sweep` say without a name. */

const market = {
  exchange: Type.String(),
  symbols: Type.Array(Type.String()),
  intervals: Type.Array(Type.String()),
  start_time: Nullable(Instant),
  end_time: Nullable(Instant),
}

const Backtests = Type.Object(
  {
    backtests: Type.Array(
      Type.Object(
        {
          name: Type.String({ description: 'key in backtests.yaml' }),
          title: Type.String(),
          strategies: Type.Array(Type.String()),
          ...market,
        },
        closed,
      ),
    ),
  },
  closed,
)

interface Configured<Entry> {
  readonly entries: readonly Entry[]
  /** Where they are configured. */
  readonly file: string
}

export const backtestListReport: Report<Configured<ConfiguredBacktest>, typeof Backtests> = {
  id: 'crypto/backtest.list@1',
  schema: Backtests,
  json: ({ entries }) => ({
    backtests: entries.map((entry) => ({
      name: entry.name,
      title: entry.title,
      strategies: [...entry.strategies],
      ...marketJson(entry),
    })),
  }),
  lines: ({ entries, file }, style) =>
    entries.length === 0
      ? [`no backtest is configured in ${file}`]
      : table(
          ['Backtest', 'Strategies'],
          entries.map((entry) => [entry.name, entry.strategies.join(', '), ...marketCells(entry)]),
          style,
        ),
}

const Sweeps = Type.Object(
  {
    sweeps: Type.Array(
      Type.Object(
        {
          name: Type.String({ description: 'key in sweeps.yaml' }),
          strategy: Type.String({ description: 'key in strategies.yaml, or a type' }),
          ...market,
          grid_points: Count('combinations before `where`'),
          objective: Type.String({ description: 'metric that ranks them' }),
        },
        closed,
      ),
    ),
  },
  closed,
)

export const sweepListReport: Report<Configured<ConfiguredSweep>, typeof Sweeps> = {
  id: 'crypto/sweep.list@1',
  schema: Sweeps,
  json: ({ entries }) => ({
    sweeps: entries.map((entry) => ({
      name: entry.name,
      strategy: entry.strategy,
      ...marketJson(entry),
      grid_points: entry.gridPoints,
      objective: entry.objective,
    })),
  }),
  lines: ({ entries, file }, style) =>
    entries.length === 0
      ? [`no sweep is configured in ${file}`]
      : table(
          ['Sweep', 'Strategy'],
          entries.map((entry) => [entry.name, entry.strategy, ...marketCells(entry)]),
          style,
          entries.map((entry) => count(entry.gridPoints)),
        ),
}

type Market = Pick<ConfiguredSweep, 'exchange' | 'symbols' | 'intervals' | 'fromMs' | 'toMs'>

function marketJson({ exchange, symbols, intervals, fromMs, toMs }: Market) {
  return {
    exchange,
    symbols: [...symbols],
    intervals: [...intervals],
    start_time: fromMs === undefined ? null : formatInstant(fromMs),
    end_time: toMs === undefined ? null : formatInstant(toMs),
  }
}

function marketCells({ symbols, intervals, fromMs, toMs }: Market): string[] {
  const time = (ms: number | undefined) => (ms === undefined ? '' : instant(ms))
  return [symbols.join(', '), intervals.join(', '), time(fromMs), time(toMs)]
}

function table(
  [name, strategies]: readonly [string, string],
  rows: readonly (readonly string[])[],
  style: Style,
  points: readonly string[] = [],
): string[] {
  const columns = [
    { title: name },
    { title: strategies, shrinkTo: 20 },
    { title: 'Symbols', shrinkTo: 10 },
    { title: 'Interval', priority: 3 },
    { title: 'From', priority: 2 },
    { title: 'To', priority: 1 },
    ...(points.length === 0 ? [] : [{ title: 'Grid', align: 'right', priority: 4 } as const]),
  ]
  const cells = rows.map((row, i) => [...row, ...(points[i] === undefined ? [] : [points[i]])])
  return renderTable({ columns, rows: cells }, style)
}
