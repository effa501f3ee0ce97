import { randomBytes } from 'node:crypto'
import { ConfigError, DataError } from '../../core/errors.ts'
import { didYouMean } from '../../core/suggest.ts'
import { readTextFile, unreadable } from '../../core/text-file.ts'
import { DAY_MS, formatInstant } from '../../core/units.ts'
import type { SimulatorView } from '../../report/views.ts'
import { type FaultPlan, parseFaultPlan, Simulator } from '../../simulator/index.ts'
import type { Store } from '../store.ts'
import type { Workspace } from '../workspace.ts'
import { openStoredMarket, type StoredMarket } from './stored-market.ts'

/** What is left to happen when no time is given. */
const LEFT_MS = 30 * DAY_MS

export interface SimulatorRequest {
  /** Simulated time at the start, epoch milliseconds; undefined: 30 days before the stored candles end. */
  readonly nowMs: number | undefined
  /** Simulated seconds per real second. */
  readonly speed: number
  /** undefined: all that are stored. */
  readonly symbols: readonly string[] | undefined
  /** Whose stored candles are served. */
  readonly exchange: string
  /** The stored interval that is served, with what it can be resampled to; undefined: all. */
  readonly interval?: string | undefined
  /** What of the stored candles is the market: [fromMs, toMs), epoch ms. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  readonly host: string
  readonly port: number
  readonly faultsFile: string | undefined
  readonly seed: number
  /** Request weight per minute; undefined: as Binance grants it. */
  readonly weightLimit: number | undefined
}

export interface RunningSimulator {
  readonly view: SimulatorView
  /** Resolves when the signal of the environment is aborted. */
  readonly interrupted: Promise<void>
  stop(): Promise<void>
}

export type SimulatorUseCases = ReturnType<typeof simulatorUseCases>

/** Serves `sim`. */
export function simulatorUseCases(workspace: Workspace, store: Store) {
  return { start: (request: SimulatorRequest) => start(workspace, store, request) }
}

/**
 * @throws ConfigError `FAULTS_INVALID`, `FAULTS_UNREADABLE`
 * @throws DataError `DATA_MISSING`, `DATA_RANGE`
 * @throws PlatformError `PORT_IN_USE`, RiskRefusal `HOST_REFUSED`
 */

async function start(
  workspace: Workspace,
  store: Store,
  request: SimulatorRequest,
): Promise<RunningSimulator> {
  const { logger, clock, signal } = workspace.environment
  const { faultsFile, speed, seed, host, port } = request
  const faults =
    faultsFile === undefined ? undefined : readFaultPlan(workspace.resolve(faultsFile), faultsFile)
  const market = await openStoredMarket(store, request)
  const nowMs = request.nowMs ?? Math.max(market.span.fromMs, market.span.toMs - LEFT_MS)
  checkTime(nowMs, market)
  const warnings = [...stillness(nowMs, market), ...strangers(faults, market)]
  for (const warning of warnings) logger.warn(warning)
  const controlToken = randomBytes(24).toString('base64url')
  const simulator = await Simulator.start({
    source: market,
    clock,
    ...{ nowMs, speed, seed, host, port, controlToken },
    ...(faults === undefined ? {} : { faults }),
    ...(request.weightLimit === undefined
      ? {}
      : { limits: { weightPerMinute: request.weightLimit } }),
    warn: logger.warn,
  })
  return {
    view: {
      restUrl: simulator.url,
      streamUrl: simulator.streamUrl,
      controlUrl: `${simulator.url}/sim`,
      controlToken,
      ...{ nowMs, speed, seed },
      symbols: market.symbols,
      ...market.span,
    },
    interrupted: aborted(signal),
    stop: () => simulator.stop(),
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** @param name as the user wrote it */
function readFaultPlan(path: string, name: string): FaultPlan {
  let text: string | undefined
  try {
    text = readTextFile(path)
  } catch (cause) {
    const { reason, remedy } = unreadable(cause)
    const message = `--faults ${name} cannot be read: ${reason}. ${remedy}`
    throw new ConfigError('FAULTS_UNREADABLE', message, { cause, context: { file: name } })
  }
  if (text === undefined) {
    const message = `--faults ${name} cannot be read: it is not there.`
    throw new ConfigError('FAULTS_UNREADABLE', message, { context: { file: name } })
  }
  return parseFaultPlan(text, name)
}

function checkTime(nowMs: number, { span }: StoredMarket): void {
  if (nowMs >= span.fromMs) return
  const [now, from, to] = [nowMs, span.fromMs, span.toMs].map(formatInstant)
  throw new DataError(
    'DATA_RANGE',
    `--now ${now}: nothing has traded by then. The stored candles begin at ${from} and end at ${to}: choose a time between.`,
    { context: { now, from, to } },
  )
}

function stillness(nowMs: number, { span }: StoredMarket): readonly string[] {
  if (nowMs < span.toMs) return []
  return [
    `the stored candles end at ${formatInstant(span.toMs)}: after that nothing trades, and streams are silent.`,
  ]
}

/** A fault for a symbol that is not there would never happen, without a word. */
function strangers(plan: FaultPlan | undefined, { symbols }: StoredMarket): readonly string[] {
  const named = (plan?.faults ?? []).flatMap((fault) => ('symbols' in fault ? fault.symbols : []))
  const unknown = [...new Set(named)].filter((name) => name && !symbols.includes(name))
  return unknown.map(
    (name) =>
      `the fault plan names ${name}, which the simulator does not serve.${didYouMean(String(name), symbols)}`,
  )
}
