import type { ApiError } from './api-error.ts'

/** A whole reply before it meets the network. */
export interface HttpReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const JSON_TYPE = { 'Content-Type': 'application/json;charset=UTF-8' }

export function jsonReply(
  value: unknown,
  { status = 200, headers = {} }: Partial<Pick<HttpReply, 'status' | 'headers'>> = {},
): HttpReply {
  return { status, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(value) }
}

export function errorReply({ status, code, message, headers }: ApiError): HttpReply {
  return jsonReply({ code, msg: message }, { status, headers })
}
