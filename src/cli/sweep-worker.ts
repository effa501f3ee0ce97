import { serveTiles, type WorkerScope } from '../backtesting/sweep/worker.ts'
import { Kernel } from '../kernel/kernel.ts'

declare const self: WorkerScope

/** Entry point of a sweep's worker: one kernel for one market, instantiated when the first message arrives. */
serveTiles(self, ({ kernel, market, program }) => {
  const instance = Kernel.load(kernel)
  instance.setMarket(market)
  return { runPoints: (points) => instance.runPoints(program, points) }
})
