import type { Clock } from '../core/clock.ts'
import { RiskRefusal } from '../core/errors.ts'
import { SimulatedClock } from './clock.ts'
import type { SocketBreak } from './control.ts'
import { FaultLog } from './faults/fault-log.ts'
import { type FaultPlan, NO_FAULTS } from './faults/plan.ts'
import { RequestFaults } from './faults/request-faults.ts'
import { SocketFaults } from './faults/socket-faults.ts'
import { venueFaults } from './faults/venue-faults.ts'
import { BINANCE_LIMITS, type Limits } from './limits.ts'
import { Market } from './market/market.ts'
import { RequestLimiter } from './rest/request-limiter.ts'
import { RestApi } from './rest/rest-api.ts'
import { type SimulatorServer, serve } from './server.ts'
import type { MarketSource } from './source.ts'
import { type LoggedRequest, Stats, type StatsReport } from './stats.ts'
import { StreamHub } from './streams/stream-hub.ts'
import { Gateway } from './transport/gateway.ts'
import { Venue } from './venue/venue.ts'

export interface SimulatorOptions {
  readonly source: MarketSource
  /** Real time. */
  readonly clock: Clock
  /** Simulated time at the start, epoch milliseconds. */
  readonly nowMs: number
  /** Simulated seconds per real second; 0: time stands still and is moved by `advance`. */
  readonly speed: number
  /** A loopback address; default 127.0.0.1. */
  readonly host?: string
  /** Default 0: the system chooses. */
  readonly port?: number
  /** What clients of the control interface must show; left out, nobody controls it over HTTP. */
  readonly controlToken?: string
  /** Where they differ from Binance's. */
  readonly limits?: Partial<Limits>
  /** What goes wrong; default nothing. */
  readonly faults?: FaultPlan
  /** Seed of all randomness, a whole number; default 0. */
  readonly seed?: number
  /** For what the user should know: candles that cannot be read. */
  readonly warn?: (message: string) => void
}

const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', 'localhost']

interface Parts {
  readonly host: string
  readonly clock: SimulatedClock
  readonly limiter: RequestLimiter
  readonly stats: Stats
  readonly hub: StreamHub
  readonly gateway: Gateway
}

/** A running simulator. */
export class Simulator {
  readonly #parts: Parts
  readonly #server: SimulatorServer
  readonly #stop = new AbortController()

  /**
   * Starts a server.
   * @throws RiskRefusal `HOST_REFUSED` for an address that other machines could reach
   * @throws PlatformError `PORT_IN_USE`, `LISTEN_FAILED`
   *
   * @example
   * const simulator = await Simulator.start({ source, clock, nowMs: Date.UTC(2024, 5, 1), speed: 60 })
   * const reply = await fetch(`${simulator.url}/api/v3/time`)
   */
  static async start(options: SimulatorOptions): Promise<Simulator> {
    const { host = LOOPBACK[0] as string, port = 0 } = options
    checkHost(host)
    let simulator: Simulator | undefined
    const upstreamPort = () => simulator?.upstreamPort ?? 0
    const gateway = await Gateway.open({ host, port, upstreamPort })
    simulator = new Simulator(options, host, gateway)
    return simulator
  }

  private constructor(options: SimulatorOptions, host: string, gateway: Gateway) {
    const { source, clock: realClock, faults = NO_FAULTS, seed = 0, warn = () => {} } = options
    const limits = { ...BINANCE_LIMITS, ...options.limits }
    const clock = new SimulatedClock(realClock, options.nowMs, options.speed)
    const stats = new Stats()
    const faultLog = new FaultLog((kind) => stats.countFault(kind))
    const venue = new Venue(new Market(source), venueFaults(faults, seed))
    const limiter = new RequestLimiter(limits, realClock)
    const requestFaults = new RequestFaults(faults, seed, faultLog)
    const rest = new RestApi({ venue, clock, limiter, limits, faults: requestFaults, stats })
    const countMessage = () => stats.countMessage()
    const socketFaults = new SocketFaults(faults, seed, faultLog)
    const around = { venue, clock, realClock, gateway, limits, countMessage, warn }
    const hub = new StreamHub({ ...around, faults: socketFaults }, limits.connectionsPerFiveMinutes)
    this.#parts = { host, clock, limiter, stats, hub, gateway }
    const { signal } = this.#stop
    const { controlToken } = options
    const control = { controlled: this, controlToken }
    this.#server = serve({ rest, hub, gateway, ...control, clock: realClock, signal, warn })
    hub.start(signal)
  }

  /** Base URL of the REST interface, without a path. */
  get url(): string {
    return `http://${this.#address}`
  }

  /** Base URL of the streams, without a path. */
  get streamUrl(): string {
    return `ws://${this.#address}`
  }

  /** Port of the server behind the gateway. */
  get upstreamPort(): number {
    return this.#server.port as number
  }

  get #address(): string {
    const { host, gateway } = this.#parts
    return `${host.includes(':') ? `[${host}]` : host}:${gateway.port}`
  }

  /** Simulated time, epoch milliseconds. */
  now(): number {
    return this.#parts.clock.now()
  }

  /** Moves simulated time forward by `ms` and resolves when the streams have told what is due. */
  async advance(ms: number): Promise<void> {
    this.#parts.clock.advance(ms)
    await this.#parts.hub.pump()
  }

  /** Closes all websockets in order, destroys them, or lets them die without a sign. @returns how many there were */
  breakSockets(how: SocketBreak): number {
    return this.#parts.hub.break(how)
  }

  stats(): StatsReport {
    const { clock, limiter, stats, hub } = this.#parts
    return {
      now: new Date(clock.now()).toISOString(),
      speed: clock.speed,
      requests: stats.requests,
      weight: { used: limiter.used, banned_until: limiter.bannedUntil },
      faults: stats.faults,
      sockets: { open: hub.open, opened: hub.opened, messages: stats.messages },
      streams: hub.streams,
    }
  }

  /** The latest requests, oldest first. */
  requests(): readonly LoggedRequest[] {
    return this.#parts.stats.log
  }

  /** Closes everything. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#parts.gateway.close()
    await this.#server.stop(true)
  }
}

/** It has no keys and no accounts that would protect it. */
function checkHost(host: string): void {
  if (LOOPBACK.includes(host)) return
  throw new RiskRefusal(
    'HOST_REFUSED',
    `the simulator answers everybody who reaches it, so it listens on this machine only: the host must be one of ${LOOPBACK.join(', ')}, was '${host}'.`,
    { context: { host } },
  )
}
