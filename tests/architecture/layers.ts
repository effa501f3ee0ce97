import { dirname, join } from 'node:path'
import { codeOnly } from './code-text.ts'
import { type SourceTree, scripts, type Violation } from './source-tree.ts'

/**
 * What the value imports of a layer may reach: layers, or single files. Types are erased and may come from anywhere.
 * The table of ARCHITECTURE.md, "Layers".
 */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  'src/core': [],
  'src/config': ['src/core'],
  'src/kernel': ['src/core', 'core-wasm/pkg'],
  'src/data': ['src/core'],
  'src/exchanges': ['src/core'],
  'src/simulator': ['src/core'],
  'src/indicators': ['src/core', 'src/kernel/expression.ts', 'src/kernel/strategy.ts'],
  'src/strategies': ['src/core', 'src/indicators'],
  plugins: ['src/core', 'src/indicators'],
  'src/backtesting': ['src/core', 'src/kernel', 'src/indicators'],
  'src/trading': ['src/core', 'src/kernel', 'src/indicators'],
  'src/report': ['src/core'],
  'src/app': [
    'src/core',
    'src/config',
    'src/kernel',
    'src/data',
    'src/exchanges',
    'src/simulator',
    'src/indicators',
    'src/strategies',
    'src/backtesting',
    'src/trading',
  ],
  'src/cli': ['src', 'core-wasm/pkg'],
}

/** Layers whose files describe computations: no I/O, so no host modules. */
const PURE_LAYERS: ReadonlySet<string> = new Set(['src/indicators', 'src/strategies', 'plugins'])

/** Value imports by file: repository paths, or bare names as written. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

const transpiler = new Bun.Transpiler({ loader: 'ts' })

/**
 * @param selfReferences package specifiers of our own and the files they mean, as `exports` of package.json says
 */
export function importGraph(
  tree: SourceTree,
  selfReferences: Readonly<Record<string, string>>,
): ImportGraph {
  const entries = [...scripts(tree, 'src/', 'plugins/')].map(([path, text]) => {
    const specifiers = [...transpiler.scanImports(text).map((found) => found.path), ...urls(text)]
    return [path, specifiers.map((to) => resolve(path, to, selfReferences))] as const
  })
  return new Map(entries)
}

/**
 * Everything a file imports or passes on, types included: a circle of types is as hard to read as one of values. Relative paths
 * only.
 */
export function dependencyGraph(tree: SourceTree): ImportGraph {
  const entries = [...scripts(tree, 'src/', 'plugins/')].map(([path, text]) => {
    const found = [...text.matchAll(/^(?:import|export)\s[^;]*?from\s+'(\.[^']+)'/gm)]
    return [path, found.map(([, to = '']) => join(dirname(path), to))] as const
  })
  return new Map(entries)
}

/** Scripts named by `new URL('./worker.ts', import.meta.url)` are started, which is as good as imported. */
function urls(text: string): readonly string[] {
  const code = codeOnly(text)
  return [...code.matchAll(/\bnew URL\(/g)].flatMap(({ index, 0: { length } }) => {
    const literal = /^\s*'([^']+\.ts)'/.exec(text.slice(index + length))
    return literal?.[1] === undefined ? [] : [literal[1]]
  })
}

function resolve(
  from: string,
  to: string,
  selfReferences: Readonly<Record<string, string>>,
): string {
  if (to.startsWith('.')) return join(dirname(from), to)
  return selfReferences[to] ?? to
}

/** Finds value imports against the direction of the layers, and files outside every layer. */
export function findLayerViolations(graph: ImportGraph): readonly Violation[] {
  return [...graph].flatMap(([path, targets]) => {
    const layer = layerOf(path)
    if (layer === undefined) return [homeless(path)]
    return targets.flatMap((target) => importViolations(path, layer, target))
  })
}

export function layerOf(path: string): string | undefined {
  return Object.keys(LAYERS).find((layer) => path.startsWith(`${layer}/`))
}

function homeless(path: string): Violation {
  return {
    where: path,
    what: 'lies outside every layer.',
    remedy:
      'Move it into a folder of the layer table, or add the folder to LAYERS and ARCHITECTURE.md.',
  }
}

function importViolations(path: string, layer: string, target: string): readonly Violation[] {
  if (!isOurs(target)) return hostViolations(path, layer, target)
  const allowed = [layer, ...(LAYERS[layer] ?? [])]
  if (allowed.some((reach) => target === reach || target.startsWith(`${reach}/`))) return []
  const what = `${layer} must not import values of ${target}.`
  return [{ where: path, what, remedy: remedyFor(layer, target, allowed) }]
}

function isOurs(target: string): boolean {
  return /^(src|plugins|bench|tests|core-wasm)\//.test(target)
}

function remedyFor(layer: string, target: string, allowed: readonly string[]): string {
  if (target.startsWith('src/cli/')) {
    return 'Nobody imports the command line: take what is needed as an argument and let src/cli pass it in.'
  }
  return `It may use ${allowed.join(', ')}: move the shared part to src/core, use 'import type', or let src/cli pass it in (only ${layer} itself is yours to change).`
}

function hostViolations(path: string, layer: string, target: string): readonly Violation[] {
  if (!PURE_LAYERS.has(layer) || !/^(node:|bun$|bun:)/.test(target)) return []
  const remedy = 'Describe the computation only; data arrive as columns.'
  return [{ where: path, what: `${layer} does no I/O but imports ${target}.`, remedy }]
}

/** Finds packages used at run time that package.json does not list under `dependencies`. */
export function findUndeclaredPackages(
  graph: ImportGraph,
  dependencies: readonly string[],
): readonly Violation[] {
  const isHost = (target: string) => /^(node:|bun$|bun:)/.test(target)
  return [...graph].flatMap(([path, targets]) =>
    targets
      .filter((target) => !isOurs(target) && !isHost(target) && !target.startsWith('.'))
      .filter((target) => !dependencies.some((name) => `${target}/`.startsWith(`${name}/`)))
      .map((target) => ({
        where: path,
        what: `imports the package ${target}, which is not a dependency.`,
        remedy: 'Add it to dependencies in package.json with its exact version.',
      })),
  )
}
