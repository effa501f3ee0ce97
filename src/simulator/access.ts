import { createHash, timingSafeEqual } from 'node:crypto'

const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i

/**
 * Returns the refusal of a request that a web page made, or undefined. A page may reach this machine through a name of
 * its own that points here (DNS rebinding, seen by `Host`), or from its own origin without reading the answer (`Origin`).
 */
export function refuseForeign({ headers }: Request): Response | undefined {
  const host = headers.get('host') ?? ''
  if (!LOOPBACK.test(host)) return refusal('the Host header must be a loopback name')
  const origin = headers.get('origin')
  if (origin === null || LOOPBACK.test(origin.replace(/^https?:\/\//i, ''))) return undefined
  return refusal('requests of pages from elsewhere are refused')
}

/**
 * Returns the refusal of a request that may not control the simulator, or undefined.
 * @param token what a client must prove to know; undefined: nobody controls it over HTTP
 */
export function refuseControl(
  { method, headers }: Request,
  token: string | undefined,
): Response | undefined {
  if (token === undefined) return refusal('this simulator is controlled in its own process only')
  const given = /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  if (given === undefined || !isSame(given, token)) {
    const error = "write 'Authorization: Bearer TOKEN', with the token of the line it started with"
    return refusal(error, 401)
  }
  const type = headers.get('content-type') ?? ''
  if (method !== 'POST' || /^application\/json *(?:;|$)/i.test(type)) return undefined
  return refusal("write 'Content-Type: application/json'", 415)
}

/** Takes the same time wherever they differ. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(token))
}

function refusal(error: string, status = 403): Response {
  return Response.json({ error }, { status })
}
