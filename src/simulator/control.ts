import { findEpochMs, formatInstant, INSTANT_MS_END } from '../core/units.ts'

/** What the control interface can do. */
export interface Controlled {
  /** Simulated time. */
  now(): number
  /** Moves simulated time forward and resolves when the streams have told what is due. */
  advance(ms: number): Promise<void>
  /** Breaks all websockets. @returns how many there were */
  breakSockets(how: SocketBreak): number
  stats(): object
  requests(): readonly object[]
}

export type SocketBreak = (typeof SOCKET_BREAKS)[number]

const SOCKET_BREAKS = ['close', 'reset', 'half_open'] as const

/** Path under which the simulator itself is reached: nothing of Binance's is there. */
export const CONTROL_PATH = '/sim'

/** Answers `/sim/...`: for tests, and for people who want to see what a client does when something happens. */
export async function control(request: Request, simulator: Controlled): Promise<Response> {
  const { pathname } = new URL(request.url)
  const body = request.method === 'POST' ? await bodyOf(request) : {}
  if (body === undefined) return problem('the body must be a JSON object')
  switch (`${request.method} ${pathname.slice(CONTROL_PATH.length)}`) {
    case 'GET /stats':
      return Response.json(simulator.stats())
    case 'GET /requests':
      return Response.json(simulator.requests())
    case 'POST /advance':
      return await advance(body, simulator)
    case 'POST /close-sockets':
      return closeSockets(body, simulator)
    default:
      return problem(
        'known: GET /sim/stats, GET /sim/requests, POST /sim/advance, POST /sim/close-sockets',
        404,
      )
  }
}

async function advance(body: Body, simulator: Controlled): Promise<Response> {
  const ms = stepOf(body, simulator.now())
  if (ms === undefined) {
    return problem(
      'write {"seconds": 60}, {"ms": 500} or {"to": "2024-06-02"}; time never goes back',
    )
  }
  if (simulator.now() + ms >= INSTANT_MS_END) {
    return problem(`simulated time must stay before ${formatInstant(INSTANT_MS_END)}`)
  }
  await simulator.advance(ms)
  return Response.json({ now: new Date(simulator.now()).toISOString() })
}

/** Simulated milliseconds to move on; undefined when the body does not say. */
function stepOf({ ms, seconds, to, ...others }: Body, nowMs: number): number | undefined {
  const steps = [
    ms === undefined ? [] : [Number(ms)],
    seconds === undefined ? [] : [Number(seconds) * 1000],
    to === undefined ? [] : [Number(findEpochMs(String(to))) - nowMs],
  ].flat()
  const [step] = steps
  const isClear = steps.length === 1 && Object.keys(others).length === 0
  return isClear && Number.isSafeInteger(step) && Number(step) >= 0 ? step : undefined
}

function closeSockets(body: Body, simulator: Controlled): Response {
  const { how = 'reset' } = body
  const known = SOCKET_BREAKS.find((one) => one === how)
  if (known === undefined) {
    return problem(`how must be ${SOCKET_BREAKS.join(', ')}, was ${JSON.stringify(how)}`)
  }
  return Response.json({ closed: simulator.breakSockets(known) })
}

type Body = Readonly<Record<string, unknown>>

async function bodyOf(request: Request): Promise<Body | undefined> {
  const text = await request.text()
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' ? (value as Body) : undefined
  } catch {
    return undefined
  }
}

function problem(error: string, status = 400): Response {
  return Response.json({ error }, { status })
}
