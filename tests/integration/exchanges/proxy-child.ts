import { createTransport } from '../../../src/exchanges/transport/create-transport.ts'

/** Asks one address through the transport and prints what came, or the code of the failure. */
const url = new URL(process.argv[2] as string)
const { fetch, openSocket } = createTransport({ exchange: 'venue', hosts: [url.host] })

function firstFrame(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const socket = openSocket(url.href)
  socket.onmessage = ({ data }) => resolve(String(data))
  socket.onclose = ({ code }) => resolve(`closed ${code}`)
  return promise
}

async function answer(): Promise<string> {
  if (url.protocol.startsWith('ws')) return await firstFrame()
  return (await fetch(url.href)).body
}

const said = await answer().catch((error: { readonly code: string }) => error.code)
process.stdout.write(said)
process.exit(0)
