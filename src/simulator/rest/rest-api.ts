import type { SimulatedClock } from '../clock.ts'
import type { Incident, RequestFaults } from '../faults/request-faults.ts'
import { withRowFaults } from '../faults/row-faults.ts'
import { klineRow } from '../kline.ts'
import type { Stats } from '../stats.ts'
import type { Venue } from '../venue/venue.ts'
import { ApiError, unknownPath } from './api-error.ts'
import { type Answer, ENDPOINTS, type Endpoint } from './endpoints.ts'
import { cutReply, type Delivery, refusalReply } from './faulty-reply.ts'
import { errorReply, type HttpReply, jsonReply } from './http-reply.ts'
import { checkParameters } from './parameters.ts'
import type { RequestLimiter, RequestLimits } from './request-limiter.ts'

export interface RestApiParts {
  readonly venue: Venue
  readonly clock: SimulatedClock
  readonly limiter: RequestLimiter
  readonly limits: RequestLimits
  readonly faults: RequestFaults
  readonly stats: Stats
}

/** Answers requests as the venue would, and as the fault plan lets it. */
export class RestApi {
  readonly #parts: RestApiParts

  constructor(parts: RestApiParts) {
    this.#parts = parts
  }

  async respond(method: string, url: URL): Promise<Delivery> {
    const { clock, faults, stats } = this.#parts
    const endpoint = ENDPOINTS.find((one) => one.path === url.pathname && one.method === method)
    const query = url.searchParams
    const atMs = clock.now()
    const incident = faults.next({
      endpoint: endpoint?.name,
      symbol: query.get('symbol') ?? undefined,
      interval: query.get('interval') ?? undefined,
      nowMs: atMs,
    })
    const { reply, ...rest } =
      endpoint === undefined
        ? { reply: errorReply(unknownPath(method, url.pathname)), delayMs: 0 }
        : await this.#serve(endpoint, query, incident)
    // The second tells clients on this machine that the clock is not that of the world.
    const clocks = { Date: new Date(atMs).toUTCString(), 'X-Simulated-Time': String(atMs) }
    const delivery = { ...rest, reply: { ...reply, headers: { ...reply.headers, ...clocks } } }
    stats.countRequest({
      endpoint: endpoint?.name ?? 'unknown',
      query: url.search.slice(1),
      status: delivery.reply.status,
      faults: incident.kinds,
      atMs,
    })
    return delivery
  }

  /** Weight is counted first: a reply that gets lost has cost it all the same. */
  async #serve(endpoint: Endpoint, query: URLSearchParams, incident: Incident): Promise<Delivery> {
    const { limiter } = this.#parts
    try {
      limiter.spend(endpoint.weight(query))
    } catch (error) {
      return { reply: this.#withWeight(refused(error)), delayMs: 0 }
    }
    const delayMs = incident.delayMs()
    const refusal = incident.first('server_error', 'rate_limited')
    if (refusal !== undefined) return { reply: refusalReply(refusal), delayMs }
    const reply = this.#withWeight(await this.#answer(endpoint, query, incident).catch(refused))
    const cut = incident.first('reset', 'truncated', 'stalled')
    return cut === undefined ? { reply, delayMs } : { ...cutReply(reply, cut), delayMs }
  }

  async #answer(
    endpoint: Endpoint,
    query: URLSearchParams,
    incident: Incident,
  ): Promise<HttpReply> {
    const { venue, limits } = this.#parts
    checkParameters(query, endpoint.parameters)
    const skewMs = endpoint.name === 'time' ? incident.skewMs() : 0
    const nowMs = incident.occasion.nowMs + skewMs
    const { weightPerMinute } = limits
    const answer = await endpoint.handle({ venue, query, nowMs, weightPerMinute })
    return jsonReply(jsonOf(answer, incident))
  }

  #withWeight(reply: HttpReply): HttpReply {
    const used = String(this.#parts.limiter.used)
    const weight = { 'X-MBX-USED-WEIGHT': used, 'X-MBX-USED-WEIGHT-1M': used }
    return { ...reply, headers: { ...reply.headers, ...weight } }
  }
}

function refused(error: unknown): HttpReply {
  if (error instanceof ApiError) return errorReply(error)
  throw error
}

function jsonOf(answer: Answer, incident: Incident): unknown {
  if ('json' in answer) return answer.json
  const rows = answer.candles.map((candle) => klineRow(candle, answer.series.grid.ms))
  return withRowFaults(rows, incident)
}
