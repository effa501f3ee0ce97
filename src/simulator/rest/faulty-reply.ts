import type { Strike } from '../faults/request-faults.ts'
import type { Cut } from '../transport/gateway.ts'
import { ApiError } from './api-error.ts'
import { errorReply, type HttpReply } from './http-reply.ts'

/** A reply on its way: when it leaves, and where the network breaks it. */
export interface Delivery {
  readonly reply: HttpReply
  /** Real milliseconds. */
  readonly delayMs: number
  readonly cut?: Cut
}

/** What Binance and the proxies before it say with a status. */
const SERVER_ERRORS: Readonly<Record<number, readonly [code: number, message: string]>> = {
  500: [-1000, 'An unknown error occurred while processing the request.'],
  503: [
    -1008,
    'Server is currently overloaded with other requests. Please try again in a few minutes.',
  ],
  504: [
    -1007,
    'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
  ],
}
const DISCONNECTED = [
  -1001,
  'Internal error; unable to process your request. Please try again.',
] as const

/** The reply in place of the answer. */
export function refusalReply({ fault }: Strike<'server_error' | 'rate_limited'>): HttpReply {
  if (fault.kind === 'rate_limited') {
    return errorReply(
      new ApiError(429, -1003, 'Too many requests queued.', {
        'Retry-After': String(fault.retry_after_seconds),
      }),
    )
  }
  const { status } = fault
  if (fault.body === 'html') {
    const body = `<html>\r\n<head><title>${status}</title></head>\r\n<body>\r\n<center><h1>${status}</h1></center>\r\n</body>\r\n</html>\r\n`
    return { status, headers: { 'Content-Type': 'text/html' }, body }
  }
  const [code, message] = SERVER_ERRORS[status] ?? DISCONNECTED
  return errorReply(new ApiError(status, code, message))
}

/** The reply when the candles of the market cannot be read. */
export function internalError(): HttpReply {
  const [code, message] = DISCONNECTED
  return errorReply(new ApiError(500, code, message))
}

/** The reply as far as it arrives. Bodies are ASCII: a character is a byte. */
export function cutReply(
  reply: HttpReply,
  { fault, dice }: Strike<'reset' | 'truncated' | 'stalled'>,
): Pick<Delivery, 'reply' | 'cut'> {
  const within = () => dice.between(1, Math.max(1, reply.body.length - 1))
  if (fault.kind === 'stalled') return { reply, cut: { after: 0, how: 'silence' } }
  if (fault.kind === 'truncated') {
    return fault.content_length === 'honest'
      ? { reply: { ...reply, body: reply.body.slice(0, within()) } }
      : { reply, cut: { after: within(), how: 'end' } }
  }
  const after = fault.at === 'in_body' ? within() : 'nothing'
  return { reply, cut: { after, how: 'reset' } }
}
