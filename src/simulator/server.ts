import type { Server } from 'bun'
import type { Clock } from '../core/clock.ts'
import { refuseControl, refuseForeign } from './access.ts'
import { CONTROL_PATH, type Controlled, control } from './control.ts'
import { internalError } from './rest/faulty-reply.ts'
import type { RestApi } from './rest/rest-api.ts'
import type { SocketData } from './streams/connection.ts'
import type { StreamHub } from './streams/stream-hub.ts'
import { findStreamPath } from './streams/stream-name.ts'
import type { Gateway } from './transport/gateway.ts'

/** What the server hands requests to. */
export interface ServerParts {
  readonly rest: RestApi
  readonly hub: StreamHub
  readonly controlled: Controlled
  /** What a client of the control interface must know; undefined: there are none. */
  readonly controlToken: string | undefined
  readonly gateway: Gateway
  /** Real time. */
  readonly clock: Clock
  /** Aborted when the simulator stops. */
  readonly signal: AbortSignal
  readonly warn: (message: string) => void
}

export type SimulatorServer = Server<SocketData>

/** Starts the HTTP server behind the gateway: it hands each request to the part that answers it. */
export function serve(parts: ServerParts): SimulatorServer {
  return Bun.serve<SocketData>({
    hostname: '127.0.0.1',
    port: 0,
    // A connection that its client keeps must not vanish under the next request.
    idleTimeout: 0,
    websocket: parts.hub.handlers,
    error(error) {
      parts.warn(`a request failed: ${error.message}`)
      const { status, headers, body } = internalError()
      return new Response(body, { status, headers })
    },
    async fetch(request, server) {
      const refusal = refuseForeign(request)
      if (refusal !== undefined) return refusal
      const url = new URL(request.url)
      if (url.pathname.startsWith(`${CONTROL_PATH}/`)) {
        const denied = refuseControl(request, parts.controlToken)
        return denied ?? (await control(request, parts.controlled))
      }
      const path = findStreamPath(url)
      if (path === undefined) return await answer(parts, request, server)
      if (!parts.hub.admits()) return new Response('Too many connection attempts.', { status: 429 })
      const data = { path, fromPort: portOf(request, server) }
      if (server.upgrade(request, { data })) return undefined
      return new Response('A websocket is expected here.', { status: 400 })
    },
  })
}

async function answer(
  { rest, gateway, clock, signal }: ServerParts,
  request: Request,
  server: SimulatorServer,
): Promise<Response> {
  const { reply, delayMs, cut } = await rest.respond(request.method, new URL(request.url))
  // A stop ends the wait: the connection is closed anyway.
  if (delayMs > 0) await clock.sleep(delayMs, signal).catch(() => {})
  if (cut !== undefined) gateway.cut(portOf(request, server), cut)
  return new Response(reply.body, { status: reply.status, headers: reply.headers })
}

function portOf(request: Request, server: SimulatorServer): number {
  return server.requestIP(request)?.port ?? 0
}
