import type { SimulatedClock } from '../clock.ts'
import { klineRow } from '../kline.ts'
import type { Stats } from '../stats.ts'
import type { Venue } from '../venue/venue.ts'
import { ApiError, unknownPath } from './api-error.ts'
import { type Answer, ENDPOINTS, type Endpoint } from './endpoints.ts'
import { errorReply, type HttpReply, jsonReply } from './http-reply.ts'
import { checkParameters } from './parameters.ts'
import type { RequestLimiter, RequestLimits } from './request-limiter.ts'

export interface RestApiParts {
  readonly venue: Venue
  readonly clock: SimulatedClock
  readonly limiter: RequestLimiter
  readonly limits: RequestLimits
  readonly stats: Stats
}

/** Answers requests as the venue would. */
export class RestApi {
  readonly #parts: RestApiParts

  constructor(parts: RestApiParts) {
    this.#parts = parts
  }

  async respond(method: string, url: URL): Promise<HttpReply> {
    const endpoint = ENDPOINTS.find((one) => one.path === url.pathname && one.method === method)
    const reply =
      endpoint === undefined
        ? errorReply(unknownPath(method, url.pathname))
        : await this.#serve(endpoint, url.searchParams)
    this.#parts.stats.countRequest({
      endpoint: endpoint?.name ?? 'unknown',
      query: url.search.slice(1),
      status: reply.status,
      atMs: this.#parts.clock.now(),
    })
    return reply
  }

  async #serve(endpoint: Endpoint, query: URLSearchParams): Promise<HttpReply> {
    const reply = await this.#answer(endpoint, query).catch((error: unknown) => {
      if (error instanceof ApiError) return errorReply(error)
      throw error
    })
    return { ...reply, headers: { ...reply.headers, ...this.#weightHeaders() } }
  }

  async #answer(endpoint: Endpoint, query: URLSearchParams): Promise<HttpReply> {
    const { venue, clock, limiter, limits } = this.#parts
    limiter.spend(endpoint.weight(query))
    checkParameters(query, endpoint.parameters)
    const nowMs = clock.now()
    const { weightPerMinute } = limits
    return jsonReply(jsonOf(await endpoint.handle({ venue, query, nowMs, weightPerMinute })))
  }

  #weightHeaders(): Readonly<Record<string, string>> {
    const used = String(this.#parts.limiter.used)
    return { 'X-MBX-USED-WEIGHT': used, 'X-MBX-USED-WEIGHT-1M': used }
  }
}

function jsonOf(answer: Answer): unknown {
  if ('json' in answer) return answer.json
  return answer.candles.map((candle) => klineRow(candle, answer.series.grid.ms))
}
