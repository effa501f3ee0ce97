import { gunzipSync } from 'node:zlib'
import { badReply, type RequestName } from './failures.ts'

const NO_BODY: ReadonlySet<number> = new Set([204, 304])

/**
 * Reads a body whole.
 * @throws ConnectivityError `EXCHANGE_REPLY` when it is larger than `bytesMax` (packed or unpacked), says nothing of its length or
 * cannot be unpacked
 */
export async function readBody(
  reply: Response,
  request: RequestName,
  bytesMax: number,
): Promise<Uint8Array> {
  if (reply.body === null || NO_BODY.has(reply.status)) return new Uint8Array(0)
  if (!hasLength(reply.headers)) {
    // Such a body ends when the connection does, so a broken connection would pass for a complete reply.
    throw badReply(request, 'the reply does not say how long it is, so it may be cut short.')
  }
  const packed = await readBytes(reply.body, request, bytesMax)
  return unpack(packed, reply.headers, request, bytesMax)
}

function hasLength(headers: Headers): boolean {
  return headers.has('content-length') || codingOf(headers, 'transfer-encoding') === 'chunked'
}

/** Codings are named in any case (RFC 9110, 8.4.1; RFC 9112, 7). */
function codingOf(
  headers: Headers,
  name: 'content-encoding' | 'transfer-encoding',
): string | undefined {
  return headers.get(name)?.toLowerCase()
}

async function readBytes(
  body: ReadableStream<Uint8Array>,
  request: RequestName,
  bytesMax: number,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return Buffer.concat(parts, size)
    size += value.byteLength
    if (size > bytesMax) throw tooLarge(request, bytesMax)
    parts.push(value)
  }
}

function unpack(
  bytes: Uint8Array,
  headers: Headers,
  request: RequestName,
  bytesMax: number,
): Uint8Array {
  const encoding = codingOf(headers, 'content-encoding') ?? 'identity'
  if (encoding === 'identity') return bytes
  if (encoding !== 'gzip') {
    throw badReply(request, `the reply is packed as ${encoding}, which was not asked for.`)
  }
  try {
    return gunzipSync(bytes, { maxOutputLength: bytesMax })
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') {
      throw tooLarge(request, bytesMax)
    }
    throw badReply(request, 'the packed reply is damaged or cut short.')
  }
}

/** @throws ConnectivityError `EXCHANGE_REPLY` when the bytes are not UTF-8 */
export function decodeBody(bytes: Uint8Array, request: RequestName): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw badReply(request, 'the reply is not text in UTF-8.')
  }
}

function tooLarge(request: RequestName, bytesMax: number): Error {
  return badReply(request, `the reply is larger than ${bytesMax} bytes, which no known one is.`)
}
