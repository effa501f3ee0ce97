import { appendFileSync, writeFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { createApp } from '../../../src/app/app.ts'
import { runCli } from '../../../src/cli/run-cli.ts'
import type { Runtime, TextSink } from '../../../src/cli/runtime.ts'
import {
  documentOf,
  ENV,
  type Finished,
  ROOT,
  type RunOptions,
  type SweepDocument,
} from './crypto.ts'

/** What makes sense without a process. */
export type InsideOptions = Pick<RunOptions, 'cwd' | 'env'>

let last: Promise<unknown> = Promise.resolve()

/**
 * Runs the same command inside the test, which takes a tenth of the time of a process: for what a command says and makes. What
 * plugins, signals and pipes do needs a process. One at a time, because the working folder is the process's.
 */
export function cryptoInside(
  words: readonly string[],
  options: InsideOptions = {},
): Promise<Finished> {
  const finished = last.then(() => runInside(words, options))
  last = finished.catch(() => {})
  return finished
}

async function runInside(
  words: readonly string[],
  { cwd = ROOT, env = {} }: InsideOptions,
): Promise<Finished> {
  const [out, err]: [string[], string[]] = [[], []]
  const startedMs = performance.now()
  const before = process.cwd()
  process.chdir(cwd)
  try {
    const runtime = runtimeOf({ ...ENV, ...env }, { cwd, out, err })
    const code = await runCli(words, runtime, async (environment) => createApp(environment))
    return { code, out: out.join(''), err: err.join(''), ms: performance.now() - startedMs }
  } finally {
    process.chdir(before)
  }
}

interface Said {
  readonly cwd: string
  readonly out: string[]
  readonly err: string[]
}

function runtimeOf(env: Runtime['env'], { cwd, out, err }: Said): Runtime {
  return {
    env,
    cwd,
    stdout: sinkOf(out),
    stderr: sinkOf(err),
    now: () => Date.now(),
    elapsed: () => performance.now(),
    random: () => Math.random(),
    version: '0.1.0',
    platform: 'test',
    crashFolders: [cwd],
    onSignal: () => () => {},
    quit() {
      throw new Error('the command ended its process')
    },
    writeFile: (path, text) => writeFileSync(path, text),
    appendFile: (path, text) => appendFileSync(path, text),
  }
}

function sinkOf(texts: string[]): TextSink {
  const write = async (text: string) => void texts.push(text)
  return { isTTY: false, columns: undefined, write, stream: new PassThrough() }
}

/** Runs several sweeps of a project and returns what each printed. */
export async function sweepInside(
  names: readonly string[],
  words: readonly string[] = [],
  options: InsideOptions = {},
): Promise<readonly SweepDocument[]> {
  const finished = await Promise.all(
    names.map((name) => cryptoInside(['backtest', 'sweep', name, '--json', ...words], options)),
  )
  return finished.map((one) => documentOf<SweepDocument>(one).result)
}
