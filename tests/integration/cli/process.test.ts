import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

setDefaultTimeout(60_000)

const ROOT = join(import.meta.dir, '..', '..', '..')
const FIXTURE = join(import.meta.dir, 'fixture-main.ts')
const BUN = process.execPath
const ENV = {
  ...process.env,
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  NO_COLOR: '',
  CI: '',
  TERM: 'xterm',
}

/** A project whose `crypto` script runs the fixture: the same two processes as in the repository. */
const PROJECT = mkdtempSync(join(tmpdir(), 'crypto-cli-'))
writeFileSync(
  join(PROJECT, 'package.json'),
  JSON.stringify({ scripts: { crypto: `${BUN} ${FIXTURE}` } }),
)
writeFileSync(join(PROJECT, 'bunfig.toml'), '[run]\nsilent = true\n')
afterAll(() => rmSync(PROJECT, { recursive: true }))

interface Finished {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function run(
  words: readonly string[],
  {
    cwd = PROJECT,
    env = {},
  }: { readonly cwd?: string; readonly env?: Record<string, string> } = {},
): Promise<Finished> {
  const child = Bun.spawn([BUN, 'run', 'crypto', ...words], {
    cwd,
    env: { ...ENV, ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()])
  return { code: await child.exited, out, err }
}

describe('the repository', () => {
  test('bun run crypto --help is quick and prints nothing of bun', async () => {
    const times: number[] = []
    for (let i = 0; i < 5; i++) {
      const start = performance.now()
      const { code, out, err } = await run(['--help'], { cwd: ROOT })
      times.push(performance.now() - start)
      expect(code).toBe(0)
      expect(out).toStartWith('Examples:')
      expect(err).toBe('')
    }
    const median = times.sort((a, b) => a - b)[2] as number
    console.log(`crypto --help: median ${median.toFixed(0)} ms (budget 150 ms on a quiet machine)`)
    expect(median).toBeLessThan(1_000)
  })

  test('a usage error leaves stdout empty, ends with 2 and says one thing', async () => {
    const { code, out, err } = await run(['bactest'], { cwd: ROOT })
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toBe("error: unknown command 'bactest'. Did you mean backtest?\n")
  })

  test('help loads commander and nothing heavier', () => {
    const loaded = staticPackages(join(ROOT, 'src/cli/main.ts'))
    expect([...loaded].sort()).toEqual([
      ...['@commander-js/extra-typings', 'ansis', 'fastest-levenshtein'],
      ...['node:fs', 'node:os', 'node:path'],
    ])
  })
})

test('config validate loads colours and schemas at most', () => {
  const loaded = staticPackages(join(ROOT, 'src/report/commands/config-validate.ts'))
  expect([...loaded].sort()).toEqual(['ansis', 'typebox'])
})

/** Packages reached by imports that are not deferred. */
function staticPackages(entry: string): Set<string> {
  const packages = new Set<string>()
  const seen = new Set<string>()
  const transpiler = new Bun.Transpiler({ loader: 'ts' })
  const visit = (file: string) => {
    if (seen.has(file) || file.endsWith('.json')) return
    seen.add(file)
    const source = readFileSync(file, 'utf8')
    for (const { path, kind } of transpiler.scanImports(source)) {
      if (kind !== 'import-statement') continue
      if (path.startsWith('.')) visit(join(file, '..', path))
      else packages.add(path)
    }
  }
  visit(entry)
  return packages
}

describe('pipes', () => {
  test('5 MB of JSON arrive whole', async () => {
    const { code, out } = await run(['backtest', 'run', 'a', '--json'], {
      env: { FIXTURE: 'many' },
    })
    expect(code).toBe(0)
    expect(out.length).toBeGreaterThan(5_000_000)
    expect(JSON.parse(out).result.rows).toHaveLength(6_000)
  })

  test('a reader that goes away is no error', async () => {
    const writer = `"${BUN}" run crypto backtest run "$@"; echo $? >&3`
    const reader = `"${BUN}" -e 'process.stdin.once("data", () => process.exit())'`
    const script = `exec 3>&1; { ${writer}; } | ${reader}`
    for (const option of ['--json', '--quiet']) {
      const child = Bun.spawn(['sh', '-c', script, 'sh', option], {
        cwd: PROJECT,
        env: { ...ENV, FIXTURE: 'some' },
        stdout: 'pipe',
        stderr: 'pipe',
      })
      const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()])
      expect(err).toBe('')
      expect(out).toBe('0\n')
    }
  })

  test.each([[['backtest', 'run']], [['backtest', 'sweep', 'g']], [['--help']], [['data', 'lst']]])(
    '%p writes no escape and no line over 80 columns',
    async (words) => {
      const { out, err } = await run(words)
      expect(out + err).not.toContain('\u001b')
      for (const line of (out + err).split('\n'))
        expect(Bun.stringWidth(line)).toBeLessThanOrEqual(80)
    },
  )
})

describe('exit codes', () => {
  test.each([
    ['', 0],
    ['failed', 1],
    ['data', 3],
    ['network', 5],
    ['refused', 6],
  ])('FIXTURE=%s ends with %p', async (fixture, code) => {
    expect((await run(['data', 'list'], { env: { FIXTURE: fixture } })).code).toBe(code)
  })

  test('a bug ends with 1 and leaves a crash file in the working directory', async () => {
    const { code, err } = await run(['data', 'list'], { env: { FIXTURE: 'bug' } })
    expect(code).toBe(1)
    expect(err).toContain('This is a bug of ours')
    expect(readdirSync(PROJECT).some((file) => /^crypto-crash-.*\.log$/.test(file))).toBe(true)
  })
})

describe('what no command waits for', () => {
  test('an error in the background is told like any bug', async () => {
    const { code, out, err } = await run(['data', 'list', '--json'], { env: { FIXTURE: 'late' } })
    expect(code).toBe(1)
    expect(err).toContain('This is a bug of ours: late.')
    expect(JSON.parse(out).error.code).toBe('INTERNAL')
  })

  test.skipIf(process.platform !== 'linux')('a full disk under stdout ends with 1', async () => {
    const script = `"${BUN}" run crypto data list >/dev/full`
    const child = Bun.spawn(['sh', '-c', script], { cwd: PROJECT, env: ENV, stderr: 'pipe' })
    expect(await child.stderr.text()).toContain('error: The output cannot be written: ENOSPC')
    expect(await child.exited).toBe(1)
  })
})

describe('signals', () => {
  test('SIGTERM keeps the partial result and ends with 143', async () => {
    const child = Bun.spawn([BUN, FIXTURE, 'backtest', 'sweep', 'g', '--json'], {
      cwd: PROJECT,
      env: { ...ENV, FIXTURE: 'slow' },
      stdout: 'pipe',
      stderr: 'pipe',
    })
    await Bun.sleep(500)
    child.kill('SIGTERM')
    const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()])
    expect(await child.exited).toBe(143)
    expect(err).toContain('stopping, what is done is kept')
    expect(JSON.parse(out)).toMatchObject({ ok: false, result: { interrupted: true } })
  })
})

const SCRIPT = Bun.which('script')

/** Pseudo-terminals come from `script` of util-linux; without it these tests are skipped. */
describe.skipIf(SCRIPT === null)('a terminal (needs `script`)', () => {
  /** Runs a command in a pseudo-terminal; `type` gets a function that types keys. */
  async function inTerminal(
    words: string,
    columns: number,
    options: {
      env?: Record<string, string>
      type?: (keys: (text: string) => void) => Promise<void>
    } = {},
  ): Promise<{ readonly code: number; readonly text: string }> {
    const command = `stty cols ${columns} rows 40; exec "${BUN}" run crypto ${words}`
    const child = Bun.spawn([SCRIPT as string, '-qec', command, '/dev/null'], {
      cwd: PROJECT,
      env: { ...ENV, ...options.env },
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
    })
    await options.type?.((text) => {
      child.stdin.write(text)
      child.stdin.flush()
    })
    const text = await child.stdout.text()
    const code = await child.exited
    await child.stdin.end()
    return { code, text: text.replaceAll('\r\n', '\n') }
  }

  test.each([80, 100, 140])('shows tables of at most %p columns, in colour', async (columns) => {
    const { code, text } = await inTerminal('backtest run a', columns)
    expect(code).toBe(0)
    expect(text).toContain('\u001b[')
    expect(text).toContain('Buy & hold')
    const widths = text.split('\n').map((line) => Bun.stringWidth(line))
    expect(Math.max(...widths)).toBeLessThanOrEqual(columns)
    if (columns === 140) expect(Math.max(...widths)).toBeGreaterThan(100)
  })

  test('NO_COLOR leaves no escape', async () => {
    const { text } = await inTerminal('backtest run a', 100, { env: { NO_COLOR: '1' } })
    expect(text).toContain('Buy & hold')
    expect(text).not.toContain('\u001b')
  })

  test('redraws the panel and then shows the result', async () => {
    const { code, text } = await inTerminal('backtest sweep g', 100)
    expect(code).toBe(0)
    const plain = Bun.stripANSI(text)
    expect(plain).toContain('Ctrl-C stops')
    expect(plain.slice(plain.lastIndexOf('Ctrl-C stops'))).toContain('bar·combinations/s')
  })

  test('one Ctrl-C stops, keeps what is done, says so once and ends with 130', async () => {
    const { code, text } = await inTerminal('backtest sweep g', 100, {
      env: { FIXTURE: 'slow' },
      type: async (keys) => {
        await Bun.sleep(700)
        keys('\u0003')
      },
    })
    expect(code).toBe(130)
    const plain = Bun.stripANSI(text)
    expect(plain.match(/stopping, what is done is kept/g)).toHaveLength(1)
    expect(plain).toContain('interrupted: 5,000 of 10,214 combinations done')
  })
})
