import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import manifest from '../package.json' with { type: 'json' }
import { findCycles } from './architecture/cycles.ts'
import {
  findBannedGlobals,
  findFocusedTests,
  findLongFiles,
  findUnfinishedWork,
} from './architecture/habits.ts'
import {
  dependencyGraph,
  findLayerViolations,
  findUndeclaredPackages,
  importGraph,
} from './architecture/layers.ts'
import { findBrokenLinks } from './architecture/links.ts'
import { explain, readTree } from './architecture/source-tree.ts'

const ROOT = join(import.meta.dir, '..')
const tree = readTree(ROOT)
const selfReferences = Object.fromEntries(
  Object.entries(manifest.exports).map(([name, file]) => [
    join(manifest.name, name),
    join('.', file),
  ]),
)
const graph = importGraph(tree, selfReferences)

describe('architecture', () => {
  test('reads the sources it judges', () => {
    const scripts = new Bun.Glob('{src,plugins}/**/*.ts').scanSync(ROOT)
    expect([...graph.keys()].sort()).toEqual([...scripts].sort())
    expect(graph.get('src/core/registry.ts')).toEqual(['src/core/errors.ts', 'src/core/suggest.ts'])
  })

  test('value imports follow the layers', () => {
    expect(explain(findLayerViolations(graph))).toBe('')
  })

  test('no file imports itself through others', () => {
    expect(explain(findCycles(graph))).toBe('')
    expect(explain(findCycles(dependencyGraph(tree)))).toBe('')
  })

  test('packages used at run time are dependencies', () => {
    expect(explain(findUndeclaredPackages(graph, Object.keys(manifest.dependencies)))).toBe('')
  })

  test('the lockfile belongs to package.json, or a fresh clone does not install', () => {
    const text = readFileSync(join(ROOT, 'bun.lock'), 'utf8')
    const { workspaces } = JSON.parse(text.replace(/,(\s*[}\]])/g, '$1'))
    const { dependencies, devDependencies } = manifest
    expect(workspaces['']).toMatchObject({ dependencies, devDependencies })
    expect(Object.keys(workspaces[''].devDependencies)).toEqual(Object.keys(devDependencies))
    expect(Object.keys(workspaces[''].dependencies)).toEqual(Object.keys(dependencies))
  })

  test('environment, clock, chance, terminal and inexact arithmetic stay out of the layers below the command line', () => {
    expect(explain(findBannedGlobals(tree))).toBe('')
  })

  test('every file is about one thing', () => {
    expect(explain(findLongFiles(tree))).toBe('')
  })

  test('every test runs', () => {
    expect(explain(findFocusedTests(tree))).toBe('')
  })

  test('nothing says that it is unfinished', () => {
    expect(explain(findUnfinishedWork(tree))).toBe('')
  })

  test('links between pages lead somewhere', () => {
    expect(explain(findBrokenLinks(tree, (path) => existsSync(join(ROOT, path))))).toBe('')
  })
})
