import { delimiter } from 'node:path'
import { PROGRAM } from '../report/terminal/blocks.ts'
import type { Style } from '../report/terminal/style.ts'
import type { Runtime, TextSink } from './runtime.ts'

const WIDTH_UNKNOWN = 80
const WIDTH_MIN = 40

type Env = Runtime['env']

/** Decides what may be written to a stream: its width, block characters, colours. */
export function styleOf(sink: TextSink, env: Env, options: { readonly color: boolean }): Style {
  return {
    width: Math.max(WIDTH_MIN, sink.columns ?? WIDTH_UNKNOWN),
    unicode: isUtf8(env),
    color: options.color && canRedraw(sink, env) && !isSet(env.NO_COLOR),
    isTerminal: sink.isTTY,
    program: programOf(env),
  }
}

/** Folders that only the runner of this command put on PATH: the shell does not have them. */
const OF_RUNNER = /[/\\]node_modules[/\\]\.bin$|[/\\]bun-node-[^/\\]*$/

/** How the user's shell starts the program: where it has no `bun`, npm's runner finds the one of the project. */
export function programOf({ PATH }: Env): string {
  const path = PATH?.split(delimiter).filter((folder) => !OF_RUNNER.test(folder))
  const isThere = path === undefined || Bun.which('bun', { PATH: path.join(delimiter) }) !== null
  return isThere ? PROGRAM : `npx ${PROGRAM}`
}

/** Escape sequences are understood here: a terminal that is neither dumb nor a build server's. */
export function canRedraw(sink: TextSink, env: Env): boolean {
  return sink.isTTY && env.TERM !== 'dumb' && !isOn(env.CI)
}

/** The locale, by the rules of POSIX: the first of these that is not empty decides. */
function isUtf8(env: Env): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || ''
  return /utf-?8/i.test(locale)
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== ''
}

function isOn(value: string | undefined): boolean {
  return isSet(value) && value !== '0' && value !== 'false'
}
