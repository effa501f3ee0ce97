import { expect, test } from 'bun:test'
import { cpSync, readFileSync } from 'node:fs'
import { Value } from 'typebox/value'
import { ErrorDocument as ErrorDocumentSchema } from '../../../src/report/envelope.ts'
import {
  crypto,
  type ErrorDocument,
  type Finished,
  type Project,
  type RunOptions,
} from './crypto.ts'
import { cryptoInside } from './crypto-inside.ts'

export interface Failing {
  readonly words: readonly string[]
  readonly exitCode: number
  /** Code of the error, or of its first problem when the configuration is invalid. */
  readonly code: string
  /** What the message has to say, in this order. */
  readonly says: readonly string[]
  readonly options?: RunOptions
  /** What has to be prepared first. */
  readonly after?: Promise<unknown>
  /** The whole command must be quicker. */
  readonly msMax?: number
}

export type Fails = (title: string, failing: Failing) => void

/**
 * Returns a function that makes a test of a command that must fail: it runs the command for people and as `--json`, in
 * the project unless its options say otherwise, and checks what it says in both.
 *
 * @param run unless given, what says something for the shell runs in a process, all else inside the test
 */
export function createFails(project: Project, run?: typeof crypto): Fails {
  return (title, failing) => {
    const both = runBoth(project, run, failing)
    test(title, async () => {
      const [human, json] = await both
      expectHuman(human, failing)
      expectJson(json, failing)
      if (failing.msMax === undefined) return
      expect(Math.min(human.ms, json.ms)).toBeLessThan(failing.msMax)
    })
  }
}

async function runBoth(
  project: Project,
  given: typeof crypto | undefined,
  { words, options, after }: Failing,
): Promise<[Finished, Finished]> {
  const run = given ?? (options?.shell === undefined ? cryptoInside : crypto)
  const runOptions = { cwd: project.dir, ...options }
  await after
  // One after the other: two imports of one series at a time refuse each other.
  const human = await run(words, runOptions)
  return [human, await run([...words, '--json'], runOptions)]
}

function expectHuman(human: Finished, { exitCode, says }: Failing): void {
  expect({ exitCode: human.code, out: human.out }).toEqual({ exitCode, out: '' })
  expectPhrases(human.err, says)
  expect(human.err).toMatch(/^error:\s/m)
  expectNoBug(human)
}

function expectJson(json: Finished, { exitCode, code, says }: Failing): void {
  expect(json.code).toBe(exitCode)
  const document: ErrorDocument = JSON.parse(json.out)
  const { error } = document
  expect([...Value.Errors(ErrorDocumentSchema, document)]).toEqual([])
  expect(document).toMatchObject({ schema: 'crypto/error@1', ok: false })
  expect(error.exit_code).toBe(exitCode)
  const problems = error.problems ?? []
  expect(problems[0]?.code ?? error.code).toBe(code)
  const texts = problems.flatMap(({ message, hint }) => [message, hint ?? ''])
  expectPhrases([error.message, ...texts].join(' '), says)
  expectNoBug(json)
}

/** Checks that a text says all phrases in this order, however its lines are broken. */
function expectPhrases(said: string, phrases: readonly string[]): void {
  const text = said.replace(/\s+/g, ' ')
  let from = 0
  for (const phrase of phrases) {
    const at = text.indexOf(phrase, from)
    expect(at === -1 ? { text, lacks: phrase } : 'said').toBe('said')
    from = at + phrase.length
  }
}

function expectNoBug({ out, err }: Finished): void {
  expect(out + err).not.toMatch(/bug of ours|\n\s+at .*\.ts:\d+/)
}

export interface SweepParts {
  readonly symbol?: string
  readonly interval?: string
  readonly start?: string
  readonly end?: string
  readonly fast?: string
  readonly slow?: string
  readonly more?: string
}

export const SWEEP = ['backtest', 'sweep', 's']

let configs = 0

/** Writes a configuration into the project whose only sweep is `s` and returns the option that selects it. */
export function configWith(
  project: Project,
  parts: SweepParts,
  settings = (text: string) => text,
): readonly string[] {
  const dir = `configs/${configs++}`
  cpSync(project.path('config'), project.path(dir), { recursive: true })
  const { symbol = 'BTCUSDT', interval = '1h', start = '2023-06-01', end = '2024-12-31' } = parts
  const { fast = '[5, 10]', slow = '[20, 30]', more = '' } = parts
  project.write(
    `${dir}/sweeps.yaml`,
    `sweeps:
  s:
    strategy: sma_crossover
    symbol: ${symbol}
    interval: ${interval}
    start: "${start}"
    end: "${end}"
    params:
      fast_period: ${fast}
      slow_period: ${slow}
${more}`,
  )
  project.write(
    `${dir}/settings.yaml`,
    settings(readFileSync(project.path('config/settings.yaml'), 'utf8')),
  )
  return ['--config-dir', project.path(dir)]
}

/** What an import of the rows below needs to know. */
export const IMPORT = ['--exchange', 'binance', '--symbol', 'XYZUSDT', '--interval', '1h']
const START_MS = Date.UTC(2024, 0, 1)

type Prices = Partial<Readonly<Record<'open' | 'high' | 'low' | 'close' | 'volume', string>>>

/** A CSV line of a candle some hours after the start of 2024. */
export function row(hour: number, prices: Prices = {}): string {
  const { open = '100', high = '110', low = '90', close = '105', volume = '1' } = prices
  return [START_MS + hour * 3_600_000, open, high, low, close, volume].join(',')
}

export function csvOf(rows: readonly string[]): string {
  return `open_time,open,high,low,close,volume\n${rows.map((line) => `${line}\n`).join('')}`
}
