import type { Clock } from '../core/clock.ts'
import { RiskRefusal } from '../core/errors.ts'
import { SimulatedClock } from './clock.ts'
import { Market } from './market/market.ts'
import { RequestLimiter, type RequestLimits } from './rest/request-limiter.ts'
import { RestApi } from './rest/rest-api.ts'
import type { MarketSource } from './source.ts'
import { Stats } from './stats.ts'
import { Gateway } from './transport/gateway.ts'
import type { VenueRules } from './venue/rules.ts'
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
  readonly limits?: Partial<RequestLimits>
}

/** What Binance grants. The number of refusals before a ban is not published. */
const LIMITS: RequestLimits = { weightPerMinute: 6000, refusalsBeforeBan: 10 }

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost'])

const TRUTHFUL: VenueRules = { isMissing: () => false, recorded: (candle) => candle }

/** A running simulator. */
export class Simulator {
  readonly clock: SimulatedClock
  readonly stats = new Stats()
  readonly #host: string
  readonly #server: ReturnType<typeof Bun.serve>
  readonly #gateway: Gateway

  private constructor(options: SimulatorOptions, parts: Parts) {
    this.clock = parts.clock
    this.#host = hostOf(options)
    this.#server = parts.server
    this.#gateway = parts.gateway
    this.stats = parts.stats
  }

  /**
   * Starts a server.
   * @throws RiskRefusal `HOST_REFUSED` for an address that other machines could reach
   * @throws PlatformError `PORT_IN_USE`, `LISTEN_FAILED`
   */
  static async start(options: SimulatorOptions): Promise<Simulator> {
    const host = hostOf(options)
    const clock = new SimulatedClock(options.clock, options.nowMs, options.speed)
    const limits = { ...LIMITS, ...options.limits }
    const stats = new Stats()
    const rest = new RestApi({
      venue: new Venue(new Market(options.source), TRUTHFUL),
      clock,
      limiter: new RequestLimiter(limits, options.clock),
      limits,
      stats,
    })
    const server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      // A connection that its client keeps must not vanish under the next request.
      idleTimeout: 0,
      async fetch(request) {
        const { status, headers, body } = await rest.respond(request.method, new URL(request.url))
        return new Response(body, { status, headers })
      },
    })
    try {
      const upstreamPort = server.port as number
      const gateway = await Gateway.open({ host, port: options.port ?? 0, upstreamPort })
      return new Simulator(options, { clock, stats, server, gateway })
    } catch (error) {
      await server.stop(true)
      throw error
    }
  }

  /** Base URL of the REST interface, without a path. */
  get url(): string {
    return `http://${this.#address}`
  }

  /** Base URL of the streams, without a path. */
  get streamUrl(): string {
    return `ws://${this.#address}`
  }

  get #address(): string {
    const host = this.#host.includes(':') ? `[${this.#host}]` : this.#host
    return `${host}:${this.#gateway.port}`
  }

  async stop(): Promise<void> {
    await this.#gateway.close()
    await this.#server.stop(true)
  }
}

interface Parts {
  readonly clock: SimulatedClock
  readonly stats: Stats
  readonly server: ReturnType<typeof Bun.serve>
  readonly gateway: Gateway
}

function hostOf({ host = '127.0.0.1' }: SimulatorOptions): string {
  if (LOOPBACK.has(host)) return host
  throw new RiskRefusal(
    'HOST_REFUSED',
    `the simulator has no keys and no accounts to protect it, so it listens on this machine only: --host must be ${[...LOOPBACK].join(', ')}, was '${host}'.`,
    { context: { host } },
  )
}
