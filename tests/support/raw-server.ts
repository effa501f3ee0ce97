import { createServer, type Socket } from 'node:net'

/** A server that answers with bytes as a broken or hostile one would. */
export interface RawServer {
  /** `127.0.0.1:PORT` */
  readonly host: string
  /** Paths that were asked for, in order. */
  readonly requests: string[]
  close(): void
}

/** @param answer gets the connection and the path of each request that arrives on it */
export async function startRawServer(
  answer: (socket: Socket, path: string, head: string) => void,
): Promise<RawServer> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (data) => {
      const head = String(data)
      const path = /^[A-Z]+ (\S+)/.exec(head)?.[1] ?? ''
      requests.push(path)
      answer(socket, path, head)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    host: `127.0.0.1:${address.port}`,
    requests,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** Returns the text of an HTTP reply; without a length of its own it gets the right one. */
export function httpReply(
  body: string,
  { status = '200 OK', headers = {} as Readonly<Record<string, string>> } = {},
): string {
  const all = { 'Content-Length': String(Buffer.byteLength(body)), ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n${body}`
}
