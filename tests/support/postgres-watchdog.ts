import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/**
 * Owns one server for a test run. Calls the run, takes commands as lines, answers each with a line, and ends the server and
 * removes its folder when the connection closes: that happens also when the test run is killed.
 *
 * Started as `bun postgres-watchdog.ts detach PORT POSTGRES FOLDER UID`; FOLDER holds the cluster in `data`. With `detach` it
 * starts itself again and ends: bun test kills the children of a test that takes too long, but knows no grandchildren.
 */
const [mode = '', port = '', postgres = '', folder = '', uid = ''] = process.argv.slice(2)
const data = join(folder, 'data')
const ids = uid === '' ? {} : { uid: Number(uid), gid: Number(uid) }
const START_MS_MAX = 30_000
const STOP_MS_MAX = 5_000

let server: ChildProcess | undefined

/** @returns `ready PID`, or `failed` and the log */
async function start(options: readonly string[]): Promise<string> {
  const log = openSync(join(folder, 'log'), 'a')
  server = spawn(postgres, ['-D', data, ...options], {
    ...ids,
    cwd: folder,
    stdio: ['ignore', log, log],
  })
  const began = Date.now()
  while (Date.now() - began < START_MS_MAX) {
    if (isReady(server.pid)) return `ready ${server.pid}`
    if (isOver(server)) break
    await Bun.sleep(5)
  }
  await stop('SIGQUIT')
  const text = readFileSync(join(folder, 'log'), 'utf8').slice(-2_000)
  return `failed ${JSON.stringify(text)}`
}

/** The eighth line of postmaster.pid says it, once the server takes connections. */
function isReady(pid: number | undefined): boolean {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
    return lines[0] === `${pid}` && lines[7]?.trim() === 'ready'
  } catch {
    return false
  }
}

function isOver(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  if (server === undefined || isOver(server)) return
  const over = once(server, 'exit')
  server.kill(signal)
  const late = setTimeout(() => server?.kill('SIGQUIT'), STOP_MS_MAX)
  await over
  clearTimeout(late)
}

async function obey(line: string): Promise<string> {
  const [command, ...options] = JSON.parse(line) as [string, ...string[]]
  if (command === 'start') return start(options)
  // Immediate shutdown: no checkpoint, the next start recovers as after a power failure.
  await stop(command === 'crash' ? 'SIGQUIT' : 'SIGINT')
  return 'stopped'
}

async function watch(): Promise<void> {
  // Our half stays open until everything is cleaned up: its end is what the test run waits for.
  const run = connect({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true })
  const lines = createInterface({ input: run })
  const ended = new Promise<void>((resolve) => lines.on('close', resolve))
  // A run that is killed resets the connection, or is gone before there is one. The lines repeat the error.
  run.on('error', () => lines.close())
  lines.on('error', () => lines.close())
  let queue = Promise.resolve()
  lines.on('line', (line) => {
    queue = queue.then(async () => void run.write(`${await obey(line)}\n`))
  })
  await ended
  await queue
  await stop('SIGINT')
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  run.end()
}

if (mode === 'detach') {
  const args = [import.meta.path, 'watch', port, postgres, folder, uid]
  // A session of its own: a Ctrl-C of the terminal must not reach it before the tests have cleaned up.
  spawn(process.execPath, args, { detached: true, stdio: 'ignore' }).unref()
} else {
  await watch()
  process.exit()
}
