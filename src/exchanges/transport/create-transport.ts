import { PlatformError } from '../../core/errors.ts'
import type {
  GuardedFetch,
  GuardedFetchBytes,
  GuardedRequest,
  OpenSocket,
  RawReply,
} from '../transport.ts'
import { allowHosts, HTTP_SCHEMES, isLoopback, SOCKET_SCHEMES } from './allowed-hosts.ts'
import { badReply, type RequestName, requestTimeout, unreachable } from './failures.ts'
import { decodeBody, readBody } from './read-body.ts'

/** For a request that names none. Binance itself gives up at 10 s. */
const TIMEOUT_MS = 15_000
/** The largest known reply, Binance's list of all markets, has about 16 MiB. */
const BODY_BYTES_MAX = 64 * 1_048_576

export interface TransportOptions {
  /** Key in exchanges.yaml, for messages. */
  readonly exchange: string
  /** The only hosts that may be reached: `name` or `name:port`. */
  readonly hosts: readonly string[]
  readonly timeoutMs?: number
  readonly bodyBytesMax?: number
}

/** An adapter's way to the network. */
export interface Transport {
  readonly fetch: GuardedFetch
  /** For replies that are no text. */
  readonly fetchBytes: GuardedFetchBytes
  readonly openSocket: OpenSocket
}

/**
 * Creates requests and websockets that reach the given hosts and no other. Plain `http` and `ws` reach this machine only,
 * addresses with credentials are refused, redirects are not followed, and one deadline bounds the whole of a reply.
 *
 * A proxy of the environment (`HTTPS_PROXY`, `ALL_PROXY`) is used for `https` requests to other machines only: it sees the name of
 * the host and passes on bytes that it cannot read. Websockets go without one.
 *
 * @example
 * const { fetch } = createTransport({ exchange: 'binance', hosts: ['data-api.binance.vision'] })
 * const { body } = await fetch('https://data-api.binance.vision/api/v3/time')
 */
export function createTransport(options: TransportOptions): Transport {
  const allowed = allowHosts(options.exchange, options.hosts)
  const nameOf = (url: string, { method = 'GET' }: GuardedRequest): RequestName => ({
    exchange: options.exchange,
    method,
    url: allowed.check(url, HTTP_SCHEMES),
  })
  const sendNamed = (name: RequestName, request: GuardedRequest) =>
    withDeadline(name, request, options.timeoutMs ?? TIMEOUT_MS, (signal) =>
      send(name, request, signal, options.bodyBytesMax ?? BODY_BYTES_MAX),
    )
  return {
    fetch: async (url, request = {}) => {
      const name = nameOf(url, request)
      const { status, headers, bytes } = await sendNamed(name, request)
      return { status, headers, body: decodeBody(bytes, name) }
    },
    fetchBytes: async (url, request = {}) => sendNamed(nameOf(url, request), request),
    openSocket: (url) => new WebSocket(allowed.check(url, SOCKET_SCHEMES).href),
  }
}

async function send(
  name: RequestName,
  { headers, body }: GuardedRequest,
  signal: AbortSignal,
  bodyBytesMax: number,
): Promise<RawReply> {
  const reply = await fetch(name.url.href, {
    method: name.method,
    headers: { ...headers, 'accept-encoding': 'gzip' },
    ...(body === undefined ? {} : { body }),
    redirect: 'manual',
    ...(mayPassProxy(name.url) ? {} : { proxy: false }),
    // Unpacked here, where its size is bounded.
    decompress: false,
    signal,
  })
  const location = reply.headers.get('location')
  if (reply.status >= 300 && reply.status < 400 && location !== null) {
    throw badReply(name, `it redirects to ${hostOf(location, name.url)}, which is not followed.`)
  }
  const bytes = await readBody(reply, name, bodyBytesMax)
  return { status: reply.status, headers: reply.headers, bytes }
}

/** A proxy can read and answer what is not encrypted, and reaches a machine of its own when it is asked for this one. */
function mayPassProxy({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' && !isLoopback(hostname)
}

function hostOf(location: string, base: URL): string {
  return URL.canParse(location, base.href)
    ? new URL(location, base.href).host
    : 'an address that is no URL'
}

/** Runs a request until it ends, the caller aborts it or the time is over, and leaves no connection half read. */
async function withDeadline(
  name: RequestName,
  { signal, timeoutMs: own }: GuardedRequest,
  timeoutMsDefault: number,
  run: (signal: AbortSignal) => Promise<RawReply>,
): Promise<RawReply> {
  signal?.throwIfAborted()
  const timeoutMs = own ?? timeoutMsDefault
  const controller = new AbortController()
  const abort = () => controller.abort(signal?.reason)
  const timer = setTimeout(() => controller.abort(requestTimeout(name, timeoutMs)), timeoutMs)
  signal?.addEventListener('abort', abort)
  try {
    return await run(controller.signal)
  } catch (error) {
    if (controller.signal.aborted) throw controller.signal.reason
    controller.abort()
    throw error instanceof PlatformError ? error : unreachable(name, error)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}
