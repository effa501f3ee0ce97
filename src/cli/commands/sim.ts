import type { App } from '../../app/app.ts'
import { simReport } from '../../report/commands/sim.ts'
import type { Output } from '../output.ts'

export interface SimOptions {
  readonly now?: number | undefined
  readonly speed?: number | undefined
  readonly symbols?: readonly string[] | undefined
  readonly exchange?: string | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly faults?: string | undefined
  readonly seed?: number | undefined
  readonly weightLimit?: number | undefined
}

/** Port of the entry `sim` in the shipped exchanges.yaml. */
export const SIM_PORT = 9001

/**
 * Serves an exchange made of stored candles until it is interrupted. That is how it ends, so it ends with 0: only an
 * interruption before it was ready is one.
 */
export async function sim(options: SimOptions, app: App, output: Output): Promise<number> {
  const service = await app.simulator()
  const running = await service.start({
    nowMs: options.now,
    speed: options.speed ?? 1,
    symbols: options.symbols,
    exchange: options.exchange ?? 'binance',
    host: options.host ?? '127.0.0.1',
    port: options.port ?? SIM_PORT,
    faultsFile: options.faults,
    seed: options.seed ?? 0,
    weightLimit: options.weightLimit,
  })
  try {
    const exitCode = await output.finish(simReport, running.view)
    await running.interrupted
    return exitCode
  } finally {
    await running.stop()
  }
}
