import type { App } from '../../../src/app/app.ts'
import { startCli } from '../../../src/cli/start.ts'
import {
  ConnectivityError,
  DataError,
  PlatformError,
  RiskRefusal,
} from '../../../src/core/errors.ts'
import { fakeApp } from '../../unit/cli/harness.ts'
import { backtestRow, ESTIMATE, sweepProgress, sweepResult } from '../../unit/report/fixtures.ts'

/** The real command line in a real process over hand-made use cases; FIXTURE chooses what they do. */

const FAILURES: Readonly<Record<string, Error>> = {
  failed: new PlatformError('DISK_FULL', 'No space left.'),
  data: new DataError('DATA_MISSING', 'No candles.'),
  network: new ConnectivityError('DATABASE', 'Not reachable.'),
  refused: new RiskRefusal('HALTED', 'Halted.'),
  bug: new TypeError('x is not a function'),
}

/** Rows of `backtest run`: `many` are about 8 MB of JSON, `some` more text than a pipe holds. */
const ROWS: Readonly<Record<string, number>> = { many: 6_000, some: 150 }

const FOUND = { otherData: undefined, run: {} }

await startCli(async ({ signal }) => {
  const base = await fakeApp().create({} as never)
  const app: App = {
    ...base,
    data: async () => {
      const failure = FAILURES[process.env.FIXTURE ?? '']
      if (failure !== undefined) throw failure
      if (process.env.FIXTURE === 'late') {
        setTimeout(() => {
          throw new TypeError('late')
        })
        await Bun.sleep(2_000)
      }
      return base.data()
    },
    backtests: async () => ({
      ...(await base.backtests()),
      run: async () => ({
        title: undefined,
        rows: Array.from({ length: ROWS[process.env.FIXTURE ?? ''] ?? 2 }, () => backtestRow()),
        files: [],
        notes: [],
        warnings: [],
        run: {},
      }),
      sweep: async (request) => {
        request.onEstimate(ESTIMATE)
        const until = process.env.FIXTURE === 'slow' ? 1_000 : 20
        for (let step = 1; step <= until && !signal.aborted; step++) {
          request.onProgress(sweepProgress(step, { total: until, seconds: step / 50 }))
          await Bun.sleep(20)
        }
        return { result: sweepResult({ interrupted: signal.aborted, completed: 5_000 }), ...FOUND }
      },
    }),
  }
  return app
})
