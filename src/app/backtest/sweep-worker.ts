import { serveTiles, type WorkerScope } from '../../backtesting/sweep/worker.ts'
import { Kernel } from '../../kernel/kernel.ts'

declare const self: WorkerScope

/** Bars × metrics of a tile that takes long enough for a collection of its garbage not to matter. */
const COLLECT_ABOVE = 1e9

/** Entry point of a sweep's worker: one kernel for one market, instantiated when the first message arrives. */
serveTiles(self, ({ kernel, market, program }) => {
  const instance = Kernel.load(kernel)
  instance.setMarket(market)
  const bars = market.candles.openTime.length
  return {
    runPoints(points) {
      const rows = instance.runPoints(program, points)
      if (bars * rows.length > COLLECT_ABOVE) Bun.gc(true)
      return rows
    },
  }
})
