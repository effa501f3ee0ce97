import { AsyncLocalStorage } from 'node:async_hooks'
import { parseJson } from '../../core/reply-body.ts'
import type { EpochMs } from '../../core/units.ts'
import type { ExchangeHost } from '../exchange.ts'
import type { Permit, RateReply } from '../rate-budget.ts'
import { countOf, dateMsOf, retryAfterMsOf, simulatedMsOf } from '../reply-headers.ts'
import type { GuardedReply } from '../transport.ts'
import type { Network } from './network.ts'
import { untilAborted } from './until-aborted.ts'

/** What is known of a call to ccxt beside its result: the library keeps little of it in the errors that it throws. */
export interface Call {
  signal: AbortSignal | undefined
  /** What the transport or this file threw. */
  failure?: unknown
  /** Status of the last reply. */
  status?: number
  retryAfterMs?: number
  /** The last reply was JSON that holds nothing at all, not even an empty list. */
  isBlank?: boolean
}

/** A call under way, with the requests whose replies ccxt is still reading. */
interface Running extends Call {
  readonly answered: { readonly permit: Permit; readonly reply: RateReply }[]
}

const LIMITED_MS = 60_000

/** Binance and the venues that copied its interface. */
const USED_WEIGHT = 'x-mbx-used-weight-1m'

/** Runs calls to a client whose requests go through the host, and nowhere else. */
export class Requests {
  readonly #name: string
  readonly #host: ExchangeHost
  readonly #isLimit: (error: unknown) => boolean
  readonly #calls = new AsyncLocalStorage<Running>()
  #latestDateMs: number | undefined
  #simulatedMs: EpochMs | undefined

  /**
   * @param name key in exchanges.yaml, for messages
   * @param isLimit whether an error of ccxt means that too much was asked for
   */
  constructor(name: string, host: ExchangeHost, isLimit: (error: unknown) => boolean) {
    this.#name = name
    this.#host = host
    this.#isLimit = isLimit
  }

  /**
   * The latest date of a reply, by the venue's clock: cut to the second, and older where a proxy had kept the reply. So the
   * venue's time is this or later.
   */
  get latestDateMs(): number | undefined {
    return this.#latestDateMs
  }

  /** By which clock the venue runs, where it is a simulator on this machine. */
  get simulatedMs(): EpochMs | undefined {
    return this.#simulatedMs
  }

  /** Runs a call and notes in it what became of its requests. */
  async run<T>(call: Call, work: () => Promise<T>): Promise<T> {
    const running: Running = Object.assign(call, { answered: [] })
    try {
      return await this.#calls.run(running, work)
    } catch (error) {
      // Some venues say so in a reply that looks like any other.
      if (this.#isLimit(error)) call.retryAfterMs ??= LIMITED_MS
      throw error
    } finally {
      const wait = waitOf(call)
      for (const { permit, reply } of running.answered) permit.settle({ ...reply, ...wait })
    }
  }

  /** For the client, in place of its own. */
  get network(): Pick<Network, 'fetch' | 'pace'> {
    return { fetch: this.#fetch, pace: this.#pace }
  }

  /** ccxt's queue knows no signal: who has left it finds nothing sent in its name. */
  readonly #pace: Network['pace'] = (turn) => untilAborted(turn, this.#calls.getStore()?.signal)

  readonly #fetch: Network['fetch'] = async (url, request) => {
    const call = this.#calls.getStore()
    if (call === undefined) return this.run({ signal: undefined }, () => this.#fetch(url, request))
    try {
      return await this.#send(url, request, call)
    } catch (error) {
      call.failure ??= error
      throw error
    }
  }

  async #send(
    url: string,
    { method = 'GET', headers, body }: Parameters<Network['fetch']>[1],
    call: Running,
  ): Promise<Response> {
    const permit = await this.#host.budget.take(1, call.signal)
    let reply: GuardedReply
    try {
      reply = await this.#host.fetch(url, {
        method: method as 'GET',
        signal: call.signal,
        ...(headers === undefined ? {} : { headers }),
        ...(body === undefined ? {} : { body }),
      })
    } catch (error) {
      permit.settle({})
      throw error
    }
    this.#note(call, reply)
    this.#simulatedMs = simulatedMsOf(reply.headers, url)
    call.answered.push({ permit, reply: { usedWeight: countOf(reply.headers, USED_WEIGHT) } })
    call.isBlank = this.#isBlank(reply)
    const kept = [...reply.headers].filter(([name]) => !/^content-(encoding|length)$/i.test(name))
    return new Response(reply.body, { status: reply.status, headers: kept })
  }

  #note(call: Call, { status, headers }: GuardedReply): void {
    call.status = status
    const dateMs = dateMsOf(headers)
    if (dateMs !== undefined) this.#latestDateMs = Math.max(dateMs, this.#latestDateMs ?? dateMs)
    if (status !== 429 && status !== 418) return
    call.retryAfterMs = retryAfterMsOf(headers) ?? LIMITED_MS
    if (status !== 418) return
    const seconds = Math.ceil(call.retryAfterMs / 1000)
    this.#host.warn(
      `exchange '${this.#name}': the venue has banned this address for ${seconds} s (HTTP 418), because too many requests were sent from here.`,
    )
  }

  /**
   * ccxt takes a body that is no JSON for an empty answer, which would pass for missing candles.
   * @throws ConnectivityError `EXCHANGE_REPLY`
   */
  #isBlank({ status, body }: GuardedReply): boolean {
    if (status < 200 || status >= 300) return false
    const said = parseJson(body, `exchange '${this.#name}'`)
    return said === null || said === '' || (isObject(said) && Object.keys(said).length === 0)
  }
}

function waitOf({ retryAfterMs }: Call): RateReply {
  return retryAfterMs === undefined ? {} : { retryAfterMs }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
