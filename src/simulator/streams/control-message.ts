/** A message of a client about its streams. */
export type ControlMessage =
  | {
      readonly method: 'SUBSCRIBE' | 'UNSUBSCRIBE'
      readonly id: MessageId
      readonly streams: readonly string[]
    }
  | { readonly method: 'LIST_SUBSCRIPTIONS' | 'GET_COMBINED'; readonly id: MessageId }
  | { readonly method: 'SET_COMBINED'; readonly id: MessageId; readonly isCombined: boolean }

export type MessageId = string | number | null

/** A message that is refused, with the text that Binance has for it. */
export interface MessageError {
  readonly error: { readonly code: number; readonly msg: string; readonly id?: MessageId }
}

const METHODS = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY']

/** Reads a message: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams (Error Messages). */
export function readControlMessage(text: string): ControlMessage | MessageError {
  const message = parsed(text)
  if (message === undefined) return refused(3, 'Invalid JSON: expected value at line 1 column 1')
  const { method, params, id } = message
  if (method === undefined) return refused(2, 'Invalid request: missing field `method`')
  if (!METHODS.includes(String(method))) {
    const known = METHODS.map((name) => `\`${name}\``).join(', ')
    return refused(2, `Invalid request: unknown variant \`${method}\`, expected one of ${known}`)
  }
  if (!isId(id)) return refused(2, 'Invalid request: request ID must be an unsigned integer')
  if (method === 'LIST_SUBSCRIPTIONS') return { method, id }
  if (method === 'SUBSCRIBE' || method === 'UNSUBSCRIBE') {
    const isList = Array.isArray(params) && params.every((name) => typeof name === 'string')
    return isList
      ? { method, id, streams: params }
      : refused(2, 'Invalid request: params must be a list of stream names')
  }
  return readProperty(String(method), params, id)
}

function readProperty(
  method: string,
  params: unknown,
  id: MessageId,
): ControlMessage | MessageError {
  const [name, value, ...more] = Array.isArray(params) ? params : []
  if (typeof name !== 'string') {
    return refused(2, 'Invalid request: property name must be a string')
  }
  if (name !== 'combined') return { error: { code: 0, msg: 'Unknown property', id } }
  if (more.length > 0) return refused(2, 'Invalid request: too many parameters')
  if (method === 'GET_PROPERTY') return { method: 'GET_COMBINED', id }
  return typeof value === 'boolean'
    ? { method: 'SET_COMBINED', id, isCombined: value }
    : refused(1, 'Invalid value type: expected Boolean')
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}

function isId(id: unknown): id is MessageId {
  const isText = typeof id === 'string' && /^[A-Za-z0-9_-]{1,36}$/.test(id)
  return id === null || isText || Number.isSafeInteger(id)
}

function refused(code: number, msg: string): MessageError {
  return { error: { code, msg } }
}
