import { AsyncLocalStorage } from 'node:async_hooks'
import { ConnectivityError } from '../../core/errors.ts'
import type { ExchangeHost } from '../exchange.ts'
import { dateMsOf, retryAfterMsOf } from '../reply-headers.ts'
import type { GuardedReply } from '../transport.ts'

/** What is known of a call to ccxt beside its result: the library keeps little of it in the errors that it throws. */
export interface Call {
  signal: AbortSignal | undefined
  /** What the transport or this file threw. */
  failure?: unknown
  /** Status of the last reply. */
  status?: number
  retryAfterMs?: number
  /** The venue's clock at the last reply. */
  dateMs?: number
}

const LIMITED_MS = 60_000

/** Runs calls to a client whose requests go through the host, and nowhere else. */
export class Requests {
  readonly #name: string
  readonly #host: ExchangeHost
  readonly #calls = new AsyncLocalStorage<Call>()

  constructor(name: string, host: ExchangeHost) {
    this.#name = name
    this.#host = host
  }

  run<T>(call: Call, work: () => Promise<T>): Promise<T> {
    return this.#calls.run(call, work)
  }

  /** In place of the client's own fetch. */
  readonly fetch = async (
    url: string,
    request: { method?: string; headers?: Record<string, string>; body?: string },
  ): Promise<Response> => {
    const call = this.#calls.getStore() ?? { signal: undefined }
    try {
      return await this.#send(url, request, call)
    } catch (error) {
      call.failure ??= error
      throw error
    }
  }

  async #send(
    url: string,
    { method = 'GET', headers, body }: Parameters<Requests['fetch']>[1],
    call: Call,
  ): Promise<Response> {
    const permit = await this.#host.budget.take(1, call.signal)
    let reply: GuardedReply | undefined
    try {
      reply = await this.#host.fetch(url, {
        method: method as 'GET',
        signal: call.signal,
        ...(headers === undefined ? {} : { headers }),
        ...(body === undefined ? {} : { body }),
      })
    } finally {
      if (reply !== undefined) this.#note(call, reply)
      permit.settle(call.retryAfterMs === undefined ? {} : { retryAfterMs: call.retryAfterMs })
    }
    this.#checkBody(reply)
    const kept = [...reply.headers].filter(([name]) => !/^content-(encoding|length)$/i.test(name))
    return new Response(reply.body, { status: reply.status, headers: kept })
  }

  #note(call: Call, { status, headers }: GuardedReply): void {
    call.status = status
    const dateMs = dateMsOf(headers)
    if (dateMs !== undefined) call.dateMs = dateMs
    if (status !== 429 && status !== 418) return
    call.retryAfterMs = retryAfterMsOf(headers) ?? LIMITED_MS
    if (status !== 418) return
    const seconds = Math.ceil(call.retryAfterMs / 1000)
    this.#host.warn(
      `exchange '${this.#name}': the venue has banned this address for ${seconds} s (HTTP 418), because too many requests were sent from here.`,
    )
  }

  /** ccxt takes a body that is no JSON for an empty answer, which would pass for missing candles. */
  #checkBody({ status, body }: GuardedReply): void {
    if (status < 200 || status >= 300) return
    try {
      JSON.parse(body)
    } catch (cause) {
      const message = `exchange '${this.#name}': the reply is not JSON: '${body.slice(0, 60)}'.`
      throw new ConnectivityError('EXCHANGE_REPLY', message, { cause })
    }
  }
}
