import { ConnectivityError } from '../../core/errors.ts'

/** One request, as messages may name it: a query can hold a signature and is left out. */
export interface RequestName {
  readonly exchange: string
  readonly method: string
  readonly url: URL
}

export function requestTimeout(request: RequestName, timeoutMs: number): ConnectivityError {
  const what = `no complete reply within ${timeoutMs} ms.`
  return failure('EXCHANGE_TIMEOUT', request, what, { timeoutMs })
}

export function badReply(request: RequestName, what: string): ConnectivityError {
  return failure('EXCHANGE_REPLY', request, what, {})
}

/**
 * Says what went wrong below HTTP. The runtime's own message is not passed on: it repeats the whole address.
 */
export function unreachable(request: RequestName, error: unknown): ConnectivityError {
  const cause = codeOf(error)
  if (cause.startsWith('Malformed') || cause.startsWith('InvalidHTTP')) {
    return badReply(request, `the reply is not HTTP (${cause}).`)
  }
  const what = REASONS[cause] ?? `the connection failed (${cause}).`
  return failure('EXCHANGE_UNREACHABLE', request, what, { cause })
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused. Is the address right and the server running?',
  ECONNRESET: 'the connection was closed before the reply was complete.',
  ENOTFOUND: 'the name of the host is unknown. Is this machine online?',
  EAI_AGAIN: 'the name of the host could not be looked up. Is this machine online?',
  ENETUNREACH: 'there is no way to its network. Is this machine online?',
  EHOSTUNREACH: 'there is no way to the host. Is this machine online?',
}

function codeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { readonly code?: unknown; readonly name?: unknown }
  return String(code ?? name ?? error)
}

function failure(
  code: string,
  { exchange, method, url }: RequestName,
  what: string,
  context: Readonly<Record<string, unknown>>,
): ConnectivityError {
  const where = `${url.origin}${url.pathname}`
  return new ConnectivityError(code, `exchange '${exchange}': ${method} ${where}: ${what}`, {
    context: { exchange, method, url: where, ...context },
  })
}
