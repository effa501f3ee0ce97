import { afterAll, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { codeOnly } from './code-text.ts'
import { findCycles } from './cycles.ts'
import { findBannedGlobals, findFocusedTests, findLongFiles, findUnfinishedWork } from './habits.ts'
import {
  dependencyGraph,
  findLayerViolations,
  findUndeclaredPackages,
  importGraph,
  LAYERS,
} from './layers.ts'
import { findBrokenLinks } from './links.ts'
import { explain, readTree, type SourceTree, type Violation } from './source-tree.ts'

const SELF = { 'crypto-platform/strategy': 'src/indicators/index.ts' }

function treeOf(files: Readonly<Record<string, string>>): SourceTree {
  return new Map(Object.entries(files))
}

function graphOf(files: Readonly<Record<string, string>>) {
  return importGraph(treeOf(files), SELF)
}

function layerViolations(path: string, text: string): readonly Violation[] {
  return findLayerViolations(graphOf({ [path]: text }))
}

describe('the reading of the sources', () => {
  const repository = mkdtempSync(join(tmpdir(), 'sources-'))
  Bun.spawnSync(['git', 'init', '--quiet'], { cwd: repository })
  afterAll(() => rmSync(repository, { recursive: true }))

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(repository, path)), { recursive: true })
    writeFileSync(join(repository, path), text)
  }

  const layers = readdirSync(join(import.meta.dir, '../../src'))

  test.each(layers.flatMap((layer) => ['', 'data/', 'results/deep/'].map((sub) => [layer, sub])))(
    'finds a violation in src/%s/%s',
    (layer, sub) => {
      const path = `src/${layer}/${sub}wrong.ts`
      const up = '../'.repeat(path.split('/').length - 1)
      write(path, `import { x } from '${up}tests/helper.ts'\nx()\n${'//\n'.repeat(400)}`)
      const tree = readTree(repository)
      expect(findLayerViolations(importGraph(tree, SELF)).map(({ where }) => where)).toContain(path)
      expect(findLongFiles(tree).map(({ where }) => where)).toContain(path)
    },
  )

  test('leaves out what git ignores and what is gone', () => {
    write('.gitignore', 'results/\n')
    write('results/run.md', 'x')
    write('docs/page.md', 'x')
    write('docs/gone.md', 'x')
    Bun.spawnSync(['git', 'add', 'docs'], { cwd: repository })
    rmSync(join(repository, 'docs/gone.md'))
    const paths = [...readTree(repository).keys()].filter((path) => path.endsWith('.md'))
    expect(paths).toEqual(['docs/page.md'])
  })

  test('stops when git cannot answer', () => {
    const folder = mkdtempSync(join(tmpdir(), 'no-repository-'))
    expect(() => readTree(folder)).toThrow('git cannot list the files')
    rmSync(folder, { recursive: true })
  })
})

describe('the layer check', () => {
  const forbidden: readonly (readonly [string, string])[] = [
    ['src/core/a.ts', '../config/read.ts'],
    ['src/core/formula/a.ts', '../../kernel/kernel.ts'],
    ['src/config/a.ts', '../data/store.ts'],
    ['src/config/a.ts', '../exchanges/binance/index.ts'],
    ['src/kernel/a.ts', '../indicators/index.ts'],
    ['src/data/lake/a.ts', '../../exchanges/exchange.ts'],
    ['src/exchanges/binance/index.ts', '../../config/read.ts'],
    ['src/indicators/sma.ts', '../kernel/kernel.ts'],
    ['src/indicators/sma.ts', '../kernel/expression-tools.ts'],
    ['src/strategies/technical/a.ts', '../../kernel/expression.ts'],
    ['src/strategies/technical/a.ts', '../../data/store.ts'],
    ['src/backtesting/run.ts', '../strategies/technical/a.ts'],
    ['src/backtesting/run.ts', '../trading/loop.ts'],
    ['src/trading/loop.ts', '../backtesting/run.ts'],
    ['src/report/table.ts', '../backtesting/results.ts'],
    ['src/report/table.ts', '../kernel/kernel.ts'],
    ['src/core/a.ts', '../corelike/b.ts'],
    ['src/core/a.ts', '../../tests/helper.ts'],
    ['src/cli/main.ts', '../../tests/helper.ts'],
    ['src/data/a.ts', '../../core-wasm/pkg/kernel.js'],
    ['plugins/strategies/a.ts', '../../src/kernel/kernel.ts'],
  ]

  test.each(forbidden)('refuses %s importing %s', (path, target) => {
    expect(layerViolations(path, `import { x } from '${target}'\nx()`)).toHaveLength(1)
    expect(layerViolations(path, `export * from '${target}'`)).toHaveLength(1)
    expect(layerViolations(path, `const m = await import('${target}')\nm.x()`)).toHaveLength(1)
  })

  test.each(forbidden)('lets %s take types from %s', (path, target) => {
    expect(layerViolations(path, `import type { X } from '${target}'\nlet x: X`)).toEqual([])
    expect(layerViolations(path, `import { type X } from '${target}'\nlet x: X`)).toEqual([])
    expect(layerViolations(path, `export type { X } from '${target}'`)).toEqual([])
  })

  test.each([
    ['src/kernel/a.ts', '../core/errors.ts'],
    ['src/kernel/a.ts', './b.ts'],
    ['src/kernel/a.ts', '../../core-wasm/pkg/kernel.js'],
    ['src/indicators/sma.ts', '../kernel/expression.ts'],
    ['src/indicators/index.ts', '../kernel/strategy.ts'],
    ['src/strategies/technical/a.ts', '../../indicators/index.ts'],
    ['src/strategies/technical/a.ts', 'crypto-platform/strategy'],
    ['plugins/strategies/a.ts', 'crypto-platform/strategy'],
    ['src/backtesting/sweep/a.ts', '../../kernel/kernel.ts'],
    ['src/cli/main.ts', '../data/lake/store.ts'],
    ['src/cli/main.ts', '../../core-wasm/pkg/kernel.wasm'],
    ['src/data/a.ts', 'node:fs'],
  ])('lets %s import %s', (path, target) => {
    expect(layerViolations(path, `import { x } from '${target}'\nx()`)).toEqual([])
  })

  test('sees through the name that plugins import us by', () => {
    const text = "import { sma } from 'crypto-platform/strategy'\nsma()"
    const [violation] = layerViolations('src/core/a.ts', text)
    expect(violation?.what).toBe('src/core must not import values of src/indicators/index.ts.')
  })

  test('counts a worker that is started as imported', () => {
    const text = "new Worker(new URL('../cli/sweep-worker.ts', import.meta.url))"
    expect(layerViolations('src/backtesting/pool.ts', text)[0]?.remedy).toContain('as an argument')
    expect(layerViolations('src/cli/pool.ts', text)).toEqual([])
  })

  test('keeps files that describe computations from doing I/O', () => {
    for (const path of ['src/strategies/ml/a.ts', 'src/indicators/a.ts', 'plugins/strategies/a.ts'])
      expect(
        layerViolations(path, "import { readFileSync } from 'node:fs'\nreadFileSync"),
      ).toHaveLength(1)
  })

  test('refuses a folder that has no place in the table', () => {
    expect(layerViolations('src/helpers/a.ts', '')).toHaveLength(1)
    expect(layerViolations('src/main.ts', '')).toHaveLength(1)
  })

  test('says where, what and what to do', () => {
    const violations = layerViolations('src/config/a.ts', "import { x } from '../data/b.ts'\nx()")
    expect(explain(violations)).toStartWith(
      'src/config/a.ts: src/config must not import values of src/data/b.ts. It may use src/config, src/core:',
    )
  })

  test('lets no layer but the command line reach everything', () => {
    const wide = Object.entries(LAYERS).filter(([, reach]) => reach.includes('src'))
    expect(wide.map(([layer]) => layer)).toEqual(['src/cli'])
  })
})

describe('the package check', () => {
  test('finds packages that are not dependencies, by their whole name', () => {
    const graph = graphOf({
      'src/core/a.ts':
        "import 'yaml'\nimport 'typebox/value'\nimport 'yaml-extra'\nimport 'node:fs'\nimport './b.ts'",
    })
    const found = findUndeclaredPackages(graph, ['yaml', 'typebox'])
    expect(found.map((violation) => violation.what)).toEqual([
      'imports the package yaml-extra, which is not a dependency.',
    ])
  })
})

describe('the cycle check', () => {
  test('finds a circle of any length once, and a file that imports itself', () => {
    const cycles = findCycles(
      graphOf({
        'src/core/a.ts': "import './b.ts'",
        'src/core/b.ts': "import './c.ts'",
        'src/core/c.ts': "import './a.ts'\nimport './d.ts'",
        'src/core/d.ts': "import './d.ts'",
        'src/core/e.ts': "import './a.ts'",
      }),
    )
    expect(cycles.map((cycle) => `${cycle.where} ${cycle.what}`)).toEqual([
      'src/core/a.ts imports itself through src/core/b.ts → src/core/c.ts → src/core/a.ts.',
      'src/core/d.ts imports itself through src/core/d.ts.',
    ])
  })

  test('accepts diamonds', () => {
    const graph = graphOf({
      'src/core/a.ts': "import './b.ts'\nimport './c.ts'",
      'src/core/b.ts': "import './d.ts'",
      'src/core/c.ts': "import './d.ts'",
      'src/core/d.ts': 'export let a = 1',
    })
    expect(findCycles(graph)).toEqual([])
  })

  test('finds a circle of types, also through what a file passes on', () => {
    const graph = dependencyGraph(
      treeOf({
        'src/core/a.ts': "import type { B } from './b.ts'\nexport let b: B",
        'src/core/b.ts': "export { type C as B } from './c.ts'",
        'src/core/c.ts': "import {\n  type A,\n} from './a.ts'\nexport type C = A",
      }),
    )
    expect(findCycles(graph)).toHaveLength(1)
  })
})

describe('the check of globals', () => {
  const inCore = (text: string) => findBannedGlobals(treeOf({ 'src/core/a.ts': text }))

  test.each([
    'process.env.HOME',
    'Bun.env.HOME',
    'process.exit(1)',
    'process.exitCode = 1',
    'Date.now()',
    'new Date()',
    'new Date',
    'const now = Date.now',
    'Math.random()',
    'crypto.randomUUID()',
    'Math.exp(1)',
    'Math.log10(x)',
    'Math.pow(x, 2)',
    'x ** 2',
    "console.log('x')",
    'console.error(x)',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a template literal as source text
    'const t = `a ${`b ${Math.random()}`} c`',
    "const parts = text.split(/'/)\nMath.sin(1)",
  ])('finds %s', (text) => {
    expect(inCore(text)).toHaveLength(1)
    expect(findBannedGlobals(treeOf({ 'plugins/strategies/a.ts': text }))).toHaveLength(1)
    expect(findBannedGlobals(treeOf({ 'src/cli/a.ts': text }))).toEqual([])
  })

  test.each([
    '// process.env and Math.exp',
    '/** Math.pow(x, 2), x ** 2 */',
    "throw new Error('set process.env.X, not Date.now()')",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a template literal as source text
    'const text = `console.log ${value} new Date()`',
    'const pattern = /Math.exp(1)/',
    'new Date(0)',
    'new Date(ms).toISOString()',
    'Math.sqrt(Math.abs(Math.min(a, Math.max(b, c))))',
    'Date.parse(text)',
    'const half = a / 2 / Math.floor(b)',
    'digits * 10n ** BigInt(places)',
    'clock.now()',
  ])('accepts %s', (text) => {
    expect(inCore(text)).toEqual([])
  })

  test('names the line', () => {
    expect(inCore('/* a\n b */\nconst x = 1\nMath.log(x)')[0]?.where).toBe('src/core/a.ts:4')
  })
})

describe('codeOnly', () => {
  test('keeps the length and the lines', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a template literal as source text
    const text = "a('x\\'y') // z\n/* ü😀\n */ b(`1\n${c({ d: '}' })} 2`) / e / /[/\"]/.f"
    const code = codeOnly(text)
    expect(code).toHaveLength(text.length)
    expect(code.split('\n')).toHaveLength(text.split('\n').length)
    expect(code.replace(/\s+/g, ' ')).toBe('a( ) b( c({ d: }) ) / e / .f')
  })
})

describe('the checks of habits', () => {
  test('finds a file that is too long', () => {
    const lines = (count: number) => 'x\n'.repeat(count)
    const tree = treeOf({ 'src/core/a.ts': lines(401), 'src/core/b.ts': lines(400) })
    expect(findLongFiles(tree).map((violation) => violation.where)).toEqual(['src/core/a.ts'])
  })

  test('finds tests that keep others from running', () => {
    const focused = 'on' + 'ly'
    const tree = treeOf({
      'tests/a.test.ts': `test('x', y)\ntest.${focused}('y', z)`,
      'tests/b.test.ts': `describe.${focused}('y', z)`,
      'tests/c.test.ts': `// test.${focused}('y')\ntest('says test.${focused}', z)`,
    })
    expect(findFocusedTests(tree).map((violation) => violation.where)).toEqual([
      'tests/a.test.ts:2',
      'tests/b.test.ts:1',
    ])
  })

  test.each([
    'TO' + 'DO: later',
    'FIX' + 'ME',
    'a st' + 'ub',
    'not imple' + 'mented',
    'good for n' + 'ow',
  ])('finds %p in comments and code', (words) => {
    const found = (path: string) => findUnfinishedWork(treeOf({ [path]: `\n// ${words}` }))
    expect(found('src/core/a.ts')[0]?.where).toBe('src/core/a.ts:2')
    expect(found('core-wasm/src/lib.rs')).toHaveLength(1)
    expect(found('tests/unit/a.test.ts')).toHaveLength(1)
    expect(found('docs/a.md')).toEqual([])
  })

  test('does not take longer words for them', () => {
    const text = '// stubborn, todos, for nowhere'
    expect(findUnfinishedWork(treeOf({ 'src/core/a.ts': text }))).toEqual([])
  })
})

describe('the link check', () => {
  const page = [
    '# Title',
    '## Two words & more',
    '## Two words & more',
    '### The `code` of it',
    '```',
    '# Not a heading',
    '```',
  ].join('\n')

  function broken(link: string): number {
    const tree = treeOf({ 'README.md': `See [it](${link}).`, 'docs/page.md': page })
    const files = new Set(['README.md', 'docs', 'docs/page.md', 'LICENSE'])
    return findBrokenLinks(tree, (path) => files.has(path)).length
  }

  test.each([
    'docs/page.md',
    './docs/page.md#title',
    'docs/page.md#two-words--more',
    'docs/page.md#two-words--more-1',
    'docs/page.md#the-code-of-it',
    'docs',
    'LICENSE',
    'https://example.com/a#b',
    'mailto:a@example.com',
  ])('accepts %s', (link) => {
    expect(broken(link)).toBe(0)
  })

  test.each([
    'docs/gone.md',
    'docs/page.md#gone',
    'docs/page.md#not-a-heading',
    '#gone',
    '../README.md',
    'page.md',
  ])('finds %s', (link) => {
    expect(broken(link)).toBe(1)
  })

  test('leaves code alone and names the line of a broken link', () => {
    const tree = treeOf({ 'docs/a.md': '```\n[a](gone.md)\n```\n`[b](gone.md)`\n[c](gone.md)' })
    const [violation, ...rest] = findBrokenLinks(tree, () => false)
    expect(rest).toEqual([])
    expect(violation?.where).toBe('docs/a.md:5')
  })
})
