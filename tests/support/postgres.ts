import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chmodSync, mkdtempSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import {
  copyForServer,
  findBinaries,
  ownByServer,
  PASSWORD,
  preparedTemplate,
  SERVER_IDS,
  temporaryFolder,
} from './postgres-template.ts'

/** Where a database is, in the words of `pg` and of settings.yaml. */
export interface DatabaseAddress {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
}

export interface PostgresServer extends DatabaseAddress {
  /** The cluster's folder, for certificates and the like. */
  readonly dataFolder: string
  /** Ends the server as a power failure would; open connections break. */
  crash(): Promise<void>
  /** Starts it again after `crash`, on the same port. */
  restart(): Promise<void>
  /** Ends it and removes its folder. A test run that is killed does the same. */
  stop(): Promise<void>
}

/** Without a binary for the platform there is nothing to test with. */
export const noPostgresReason =
  findBinaries() === undefined
    ? `npm has no PostgreSQL for ${process.platform}-${process.arch}`
    : undefined

/** What a test run may lose in a power failure does not matter; a crash of the server alone loses nothing. */
const CONFIGURATION = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
full_page_writes = off
shared_buffers = 64MB
max_wal_size = 1GB
`
const PORT_TRIES = 5

const running = new Set<PostgresServer>()
let shared: Promise<PostgresServer> | undefined

/** The server of this test process, started by the first test that asks for it. */
export function sharedPostgres(): Promise<PostgresServer> {
  shared ??= startPostgres().catch((error: unknown) => {
    shared = undefined
    throw error
  })
  return shared
}

/** Ends every server of this process: the last thing a test run does. */
export async function stopServers(): Promise<void> {
  shared = undefined
  await Promise.all([...running].map((server) => server.stop()))
}

/** Starts a server of its own. @param configuration lines of postgresql.conf */
export async function startPostgres(configuration = ''): Promise<PostgresServer> {
  const binaries = findBinaries()
  if (binaries === undefined) throw new Error(noPostgresReason)
  const { postgres, cluster } = preparedTemplate(binaries)
  const folder = mkdtempSync(join(temporaryFolder(), 'crypto-postgres-server-'))
  chmodSync(folder, 0o755)
  ownByServer(folder)
  // Before there is anything in the folder: it also removes it.
  const watchdog = await startWatchdog([postgres, folder, `${SERVER_IDS.uid ?? ''}`])
  const dataFolder = join(folder, 'data')
  copyForServer(cluster, dataFolder)
  appendFileSync(join(dataFolder, 'postgresql.conf'), CONFIGURATION + configuration)
  const server = serverOf(watchdog, dataFolder, await startOnFreePort(watchdog))
  running.add(server)
  return server
}

function serverOf(watchdog: Watchdog, dataFolder: string, port: number): PostgresServer {
  const server: PostgresServer = {
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: PASSWORD,
    dataFolder,
    async crash() {
      await watchdog.order('crash')
    },
    async restart() {
      const answer = await watchdog.order('start', '-p', `${port}`)
      if (!answer.startsWith('ready')) throw new Error(`PostgreSQL does not start again: ${answer}`)
    },
    async stop() {
      running.delete(server)
      await watchdog.end()
    },
  }
  return server
}

/** Another process may take a free port before the server does; then the next one is tried. */
async function startOnFreePort(watchdog: Watchdog): Promise<number> {
  let answer = ''
  for (let tries = 0; tries < PORT_TRIES; tries++) {
    const port = await freePort()
    answer = await watchdog.order('start', '-p', `${port}`)
    if (answer.startsWith('ready')) return port
  }
  await watchdog.end()
  throw new Error(`PostgreSQL does not start: ${answer}`)
}

/** A port that nothing listened on a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}

interface Watchdog {
  /** Sends a command and returns the answer. One at a time. */
  order(...command: readonly string[]): Promise<string>
  end(): Promise<void>
}

const WATCHDOG_MS_MAX = 30_000

/** Starts the watchdog and waits for its call: the connection is what ties its life to ours. */
async function startWatchdog(args: readonly string[]): Promise<Watchdog> {
  const door = createServer().listen(0, '127.0.0.1')
  await once(door, 'listening')
  const { port } = door.address() as { port: number }
  const script = join(import.meta.dir, 'postgres-watchdog.ts')
  spawn(process.execPath, [script, 'detach', `${port}`, ...args], { stdio: 'inherit' })
  const signal = AbortSignal.timeout(WATCHDOG_MS_MAX)
  const [socket] = (await once(door, 'connection', { signal })) as [Socket]
  door.close()
  const closed = once(socket, 'close')
  const answers = createInterface({ input: socket })
  return {
    async order(...command) {
      const answered = once(answers, 'line')
      socket.write(`${JSON.stringify(command)}\n`)
      const [answer] = await Promise.race([answered, closed.then(() => ['gone'])])
      return answer as string
    },
    async end() {
      socket.end()
      await closed
    },
  }
}
