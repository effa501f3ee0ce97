import { afterAll, expect, test } from 'bun:test'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dir, '../../..')
const SECRET = 's3cr3t+canary-9Kd83mN'
const folder = mkdtempSync(join(tmpdir(), 'early-secrets-'))
afterAll(() => rmSync(folder, { recursive: true }))

function project(name: string, change: (exchanges: string) => string): string {
  const dir = join(folder, name)
  cpSync(join(ROOT, 'config'), join(dir, 'config'), { recursive: true })
  mkdirSync(join(dir, 'plugins/strategies'), { recursive: true })
  const path = join(dir, 'config/exchanges.yaml')
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is the notation of the configuration files
  const renamed = readFileSync(path, 'utf8').replace('${BINANCE_API_SECRET}', '${BINANCE_HMAC}')
  writeFileSync(path, change(renamed))
  writeFileSync(
    join(dir, 'plugins/strategies/leak.ts'),
    "console.log(process.env.BINANCE_HMAC); throw new Error('env: ' + process.env.BINANCE_HMAC)",
  )
  return dir
}

const sound = project('sound', (text) => text)
const broken = project('broken', (text) => `${text}\nbroken: [\n`)

test.each([
  ['strategies list', sound, 0],
  ['indicators list', sound, 0],
  ['config validate', sound, 0],
  [`strategies show ${SECRET}`, sound, 2],
  [`strategies list --x=${SECRET}`, sound, 2],
  [SECRET, sound, 2],
  [`--config-dir config --json backtest run ${SECRET}`, sound, 2],
  ['strategies list', broken, 0],
  ['config validate', broken, 2],
])('`%s` shows no secret, whatever its variable is called', (line, cwd, code) => {
  const run = Bun.spawnSync([process.execPath, join(ROOT, 'src/cli/main.ts'), ...line.split(' ')], {
    cwd,
    env: { PATH: process.env.PATH, BINANCE_HMAC: SECRET },
  })
  const said = `${run.stdout}${run.stderr}`
  expect(said).toContain('***')
  expect(said).not.toContain('canary')
  expect(run.exitCode).toBe(code)
})
