import { once } from 'node:events'
import { createServer } from 'node:net'

/** How the server answers a statement, once it has let everybody in. */
export const STRANGE_ANSWERS = {
  'without a row': ['C', 'SELECT 0\0'],
  'with a count that is none': ['T', '\xff\xff\x01\x02\x03\x04\x05\x06'],
  'with a row that ends too early': ['D', '\0\x09\0\0\0\xc8\x01'],
  'with a damaged page': ['E', 'SERROR\0CXX001\0Minvalid page in block 0\0\0'],
} as const
export type StrangeAnswer = keyof typeof STRANGE_ANSWERS

/** A server that speaks the first words of PostgreSQL's protocol: https://www.postgresql.org/docs/current/protocol-message-formats.html */
export async function startStrangePostgres(answer: StrangeAnswer) {
  const [type, body] = STRANGE_ANSWERS[answer]
  const ready = message('Z', 'I')
  const server = createServer((socket) => {
    let isIn = false
    socket.on('error', () => {})
    socket.on('data', () => {
      socket.write(Buffer.concat([message(isIn ? type : 'R', isIn ? body : '\0\0\0\0'), ready]))
      isIn = true
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { readonly port: number }
  return { port, stop: () => void server.close() }
}

function message(type: string, body: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body, 'latin1')])
}
