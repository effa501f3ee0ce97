import { crypto, makeProject, type Project, type RunOptions } from './crypto.ts'

export const HEAD =
  "import { above, and, below, defineStrategy, not, or, sma, Type } from 'crypto-platform/strategy'\n"

/** A strategy that is sound but for the code that its signals run first, and further members. */
export const strategy = (signals = '', members = '') => `export default defineStrategy({
  name: 'hostile', description: 'Hostile.',
  params: Type.Object({ period: Type.Integer({ minimum: 2, default: 5 }) }),
  signals: ({ close }, p) => { ${signals}; return { enterLong: above(close, sma(close, p.period)), exitLong: below(close, sma(close, p.period)) } },
  ${members}
})`
export const atImport = (code: string) => `${HEAD}${code}\n${strategy()}`
export const inSignals = (code: string) => HEAD + strategy(code)

const MARKET = `symbol: ETHUSDT
    interval: 4h
    start: "2023-10-01"
    end: "2024-10-01"`

/** Runs and sweeps of a built-in strategy, beside which a plugin lies; `own` is of the plugin's. */
const CONFIG = {
  'config/strategies.yaml': `strategies:
  averages: { type: sma_crossover, symbols: [ETHUSDT], interval: 4h }
`,
  'config/backtests.yaml': `backtests:
  beside:
    strategies: [averages]
    ${MARKET.replace('    interval: 4h\n', '')}
`,
  'config/sweeps.yaml': `sweeps:
  beside:
    strategy: sma_crossover
    ${MARKET}
    params: { fast_period: [5, 10], slow_period: [20, 30] }
`,
}

export const LIST = ['strategies', 'list', '--json']
export const RUN = ['backtest', 'run', 'beside', '--json']
export const SWEEP = ['backtest', 'sweep', 'beside', '--json']

/** A project with a plugin file, or with none. */
export function projectWith(
  plugin?: string,
  files: Readonly<Record<string, string>> = {},
  path = 'plugins/strategies/hostile.ts',
): Project {
  return makeProject({ ...CONFIG, ...(plugin === undefined ? {} : { [path]: plugin }), ...files })
}

/** Half a second for what usually has ten; the processor's time is bound for what nobody ends. */
export const BRIEF: RunOptions = { env: { CRYPTO_PLUGIN_MS_MAX: '500' }, shell: 'ulimit -t 20;' }

export const runIn = (project: Project, words: readonly string[]) =>
  crypto(words, { cwd: project.dir, ...BRIEF })

/** Text as it was before it was folded for a terminal. */
export const unfolded = (text: string) => text.replace(/\s+/g, ' ')
