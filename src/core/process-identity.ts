import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** What tells one process from every other one, also from a later one with its number. */
export interface ProcessIdentity {
  readonly pid: number
  readonly host: string
  /** The machine's start: another one means that no process of then is left. */
  readonly boot?: string | undefined
  /** When the process started, in whatever form the system says it. */
  readonly start?: string | undefined
  /** The PID namespace: its numbers mean nothing in another one, such as that of another container. */
  readonly namespace?: string | undefined
}

/** Whether a process still runs; `unknown` where its number means nothing here. */
export type Liveness = 'running' | 'ended' | 'unknown'

let own: ProcessIdentity | undefined

/** Returns the identity of this process. */
export function ownIdentity(): ProcessIdentity {
  own ??= {
    pid: process.pid,
    host: hostname(),
    boot: bootOf(),
    start: startOf(process.pid),
    namespace: namespaceOf(),
  }
  return own
}

/** Whether an identity is that of this process. */
export function isOwn({ pid, host, boot, start, namespace }: ProcessIdentity): boolean {
  const self = ownIdentity()
  return (
    pid === self.pid &&
    host === self.host &&
    boot === self.boot &&
    start === self.start &&
    namespace === self.namespace
  )
}

/** Finds out about a process from its identity, as far as this machine knows. */
export function livenessOf(other: ProcessIdentity): Liveness {
  const self = ownIdentity()
  const isSameBoot = other.boot !== undefined && other.boot === self.boot
  if (!isSameBoot && other.host !== self.host) return 'unknown'
  // Of this machine, before it was started the last time.
  if (other.boot !== undefined && self.boot !== undefined && !isSameBoot) return 'ended'
  const isSameSpace =
    other.namespace === self.namespace ||
    (other.namespace === undefined && other.host === self.host)
  if (!isSameSpace) return 'unknown'
  if (!isRunning(other.pid)) return 'ended'
  const start = other.start === undefined ? undefined : startOf(other.pid)
  return start !== undefined && start !== other.start ? 'ended' : 'running'
}

/** Whether there is a process of a number. A zombie is none. */
export function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    return process.kill(pid, 0) && statFields(pid)?.[0] !== 'Z'
  } catch (error) {
    // EPERM: it runs, but belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When a process started, in milliseconds of the wall clock; undefined where the system does not say. Exact to a few seconds. */
export function startMsOf(pid: number): number | undefined {
  const ticks = Number(statFields(pid)?.[START_FIELD])
  const bootS = Number(/^btime (\d+)$/m.exec(readQuietly('/proc/stat') ?? '')?.[1])
  if (Number.isFinite(ticks) && Number.isFinite(bootS)) return bootS * 1000 + ticks * TICK_MS
  const text = psStart(pid)
  const ms = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}

/** Linux counts in hundredths of a second, whatever the kernel's own clock. */
const TICK_MS = 10
/** The fields behind the name begin with the third, the state; the start is the 22nd. `man 5 proc_pid_stat` */
const START_FIELD = 22 - 3

/** The fields of `/proc/PID/stat` behind the program's name, which stands in brackets and may hold any character. */
function statFields(pid: number): readonly string[] | undefined {
  const text = readQuietly(`/proc/${pid}/stat`)
  return text === undefined ? undefined : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function startOf(pid: number): string | undefined {
  return statFields(pid)?.[START_FIELD] ?? psStart(pid)
}

/** Where there is no /proc, as on macOS. */
function psStart(pid: number): string | undefined {
  if (process.platform === 'linux') return undefined
  return output(['ps', '-o', 'lstart=', '-p', String(pid)])
}

/** Linux gives each start of the machine a name; macOS says when it was. Elsewhere processes are told apart by their start alone. */
function bootOf(): string | undefined {
  const id = readQuietly('/proc/sys/kernel/random/boot_id')?.trim()
  if (id !== undefined && id !== '') return id
  return process.platform === 'darwin'
    ? output(['sysctl', '-n', 'kern.bootsessionuuid'])
    : undefined
}

function namespaceOf(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return undefined
  }
}

function readQuietly(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function output(command: string[]): string | undefined {
  try {
    const { stdout, success } = Bun.spawnSync(command, { stderr: 'ignore', env: { LC_ALL: 'C' } })
    const text = stdout.toString().trim()
    return success && text !== '' ? text : undefined
  } catch {
    return undefined
  }
}
