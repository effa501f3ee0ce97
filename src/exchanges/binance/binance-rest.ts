import { parseJson } from '../../core/reply-body.ts'
import type { EpochMs } from '../../core/units.ts'
import type { ExchangeHost } from '../exchange.ts'
import type { RateReply } from '../rate-budget.ts'
import { countOf, dateMsOf, simulatedMsOf } from '../reply-headers.ts'
import type { GuardedReply } from '../transport.ts'
import { type Asked, errorOf, waitMsOf } from './refusals.ts'

/** Request weight used in the current minute by this address. */
const USED_WEIGHT = 'x-mbx-used-weight-1m'

export interface RestRequest {
  /** Path below the base address, such as `/api/v3/time`. */
  readonly path: string
  readonly params?: Readonly<Record<string, string | number | boolean>>
  /** As the venue's documentation gives it for these parameters. */
  readonly weight: number
  readonly signal?: AbortSignal | undefined
}

/** A body with where it came from, for messages. */
export interface RestReply {
  readonly body: unknown
  readonly where: string
  /** When it was sent, by its `Date` header: epoch milliseconds, cut to the second. */
  readonly dateMs: number | undefined
  /** By which clock it runs, where it is a simulator on this machine. */
  readonly simulatedMs: EpochMs | undefined
}

/** Public requests to one Binance address, each within the rate budget. */
export class BinanceRest {
  readonly #name: string
  readonly #baseUrl: string
  readonly #host: ExchangeHost

  /** @param name key in exchanges.yaml */
  constructor(name: string, baseUrl: string, host: ExchangeHost) {
    this.#name = name
    this.#baseUrl = baseUrl
    this.#host = host
  }

  /** @throws what `Exchange` says of any request */
  async get(request: RestRequest): Promise<RestReply> {
    const { path, params = {} } = request
    const where = `exchange '${this.#name}': GET ${path}`
    const reply = await this.#send(request)
    if (reply.status >= 200 && reply.status < 300) {
      const simulatedMs = simulatedMsOf(reply.headers, this.#baseUrl)
      const body = parseJson(reply.body, where)
      return { where, body, dateMs: dateMsOf(reply.headers), simulatedMs }
    }
    const asked: Asked = {
      where,
      symbol: params.symbol?.toString(),
      interval: params.interval?.toString(),
    }
    const error = errorOf(reply, asked)
    if (reply.status === 418) this.#host.warn(error.message)
    throw error
  }

  async #send({ path, params = {}, weight, signal }: RestRequest): Promise<GuardedReply> {
    const query = new URLSearchParams(
      Object.entries(params).map(([key, value]) => [key, String(value)] as [string, string]),
    ).toString()
    const url = `${this.#baseUrl}${path}${query === '' ? '' : `?${query}`}`
    const permit = await this.#host.budget.take(weight, signal)
    let learned: RateReply = {}
    try {
      const reply = await this.#host.fetch(url, { signal })
      learned = {
        usedWeight: countOf(reply.headers, USED_WEIGHT),
        retryAfterMs: waitMsOf(reply),
      }
      return reply
    } finally {
      permit.settle(learned)
    }
  }
}
