import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DiscoveredPlugins, discoverPlugins } from '../../../src/core/plugins.ts'
import { Registry } from '../../../src/core/registry.ts'

setDefaultTimeout(60_000)

interface Definition {
  readonly name: string
  readonly description: string
  readonly run: () => number
}

let root: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'plugins-'))
})

afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

function folderOf(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(root, 'strategies-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  return dir
}

function acceptsDefinition(value: unknown): string | undefined {
  return typeof (value as Definition).run === 'function' ? undefined : 'it has no run function'
}

interface Discovery extends DiscoveredPlugins {
  readonly registry: Registry<Definition>
}

async function discover(dir: string, importMsMax = 5_000): Promise<Discovery> {
  const registry = new Registry<Definition>('strategy')
  registry.register({ name: 'built_in', description: 'Taken.', run: () => 0 })
  const register = registry.register.bind(registry)
  const accepts = acceptsDefinition
  const found = await discoverPlugins({ dir, kind: 'strategy', register, accepts, importMsMax })
  return { registry, ...found }
}

/** The reason for the only problem of a folder whose only file has this text. */
async function reasonFor(text: string, file = 'plugin.ts'): Promise<string> {
  const dir = folderOf({ [file]: text })
  const { problems, loaded } = await discover(dir, 300)
  expect(loaded).toEqual([])
  expect(problems.map((problem) => problem.path)).toEqual([join(dir, file)])
  return problems[0]?.reason ?? ''
}

const definition = (name: string, more = '') =>
  `{ name: '${name}', description: 'One.', run: () => 7, ${more} }`

describe('discoverPlugins', () => {
  test('registers a definition of a .ts and of a .js file under the path it came from', async () => {
    const dir = folderOf({
      'typed.ts': `const n: number = 7\nexport default ${definition('typed')} satisfies object`,
      'plain.js': `export default ${definition('plain')}`,
    })
    const { registry, loaded, problems } = await discover(dir)
    expect(problems).toEqual([])
    expect(loaded).toEqual([
      { path: join(dir, 'plain.js'), name: 'plain' },
      { path: join(dir, 'typed.ts'), name: 'typed' },
    ])
    expect(registry.create('typed', (plugin) => plugin.run())).toBe(7)
    expect(registry.sourceOf('plain')).toBe(join(dir, 'plain.js'))
  })

  test('registers every definition of an array and reports the bad ones among them', async () => {
    const dir = folderOf({
      'several.ts': `export default [${definition('first')}, 5, ${definition('second')}]`,
    })
    const { registry, problems } = await discover(dir)
    expect(registry.names()).toEqual(['built_in', 'first', 'second'])
    expect(problems).toHaveLength(1)
  })

  test('reports each broken plugin and keeps the rest', async () => {
    const dir = folderOf({
      '1-throws.ts': "throw new Error('no such luck')",
      '2-good.ts': `export default ${definition('good')}`,
      '3-nothing.ts': 'export const other = 1',
      '4-better.ts': `export default ${definition('better')}`,
    })
    const { registry, problems } = await discover(dir)
    expect(registry.names()).toEqual(['better', 'built_in', 'good'])
    expect(problems).toEqual([
      { path: join(dir, '1-throws.ts'), reason: 'cannot be imported: no such luck (line 1)' },
      {
        path: join(dir, '3-nothing.ts'),
        reason:
          'has no default export; it must export one strategy definition, or an array of them, as its default',
      },
    ])
  })

  test.each([
    ['an error', "throw new Error('no luck')", 'cannot be imported: no luck (line 1)'],
    ['a string', "throw 'no luck'", "cannot be imported: 'no luck'"],
    ['nothing', 'throw undefined', 'cannot be imported: undefined'],
    ['an object without a prototype', 'throw Object.create(null)', 'an object'],
    ['a rejection', "await Promise.reject(new Error('late'))", 'cannot be imported: late'],
  ])('reports a plugin that throws %s', async (_, text, reason) => {
    expect(await reasonFor(text)).toContain(reason)
  })

  test('reports line, column and text of what does not compile, and the line of what is thrown', async () => {
    const comma = "export default {\n  name: 'comma'\n  description: 'x',\n}\n"
    const what = `plugin.ts:3:3: Expected "}" but found "description", in 'description: 'x','`
    expect(await reasonFor(comma)).toEndWith(what)
    expect(await reasonFor(`await 1\n${comma}`)).toContain('plugin.ts:4:3: ')
    const thrown = 'const fail = () => {\n  throw new Error("deep")\n}\nfail()\n'
    expect(await reasonFor(thrown)).toBe('cannot be imported: deep (line 2)')
    const refused = 'export default {\n get name() {\n  return null.x\n }\n}'
    expect(await reasonFor(refused)).toEndWith('(line 3)')
  })

  test('names the file that a plugin imports and that does not compile', async () => {
    const dir = folderOf({ 'a.ts': "export * from './_helper.ts'", '_helper.ts': 'const = 1' })
    const { problems } = await discover(dir)
    expect(problems[0]?.reason).toContain('_helper.ts:1:7: ')
  })

  test('reports a file that is no program and an import that leads nowhere', async () => {
    expect(await reasonFor('export default {{{')).toStartWith('cannot be imported: ')
    expect(await reasonFor('', 'empty.js')).toStartWith('has no default export')
    expect(await reasonFor("import './gone.ts'\nexport default {}")).toContain('gone.ts')
  })

  test('reports an import that never finishes instead of waiting for it', async () => {
    const reason = await reasonFor('await new Promise(() => {})\nexport default {}')
    expect(reason).toBe('cannot be imported: its import did not finish within 300 ms')
  })

  test.each([
    ['null', 'its default export is null, not a definition'],
    ['42', 'its default export is a number, not a definition'],
    ['() => 1', 'its default export is a function, not a definition'],
    ['[]', 'its default export is an empty array'],
    ['{}', "its name must be lower-case words joined by '_'"],
    ["{ name: 'Bad Name', description: 'x' }", "was 'Bad Name'"],
    ["{ name: { a: 1 }, description: 'x' }", 'was an object'],
    ["{ name: 'quiet' }", "'quiet' has no description"],
    ["{ name: 'idle', description: 'x' }", 'is not a usable strategy: it has no run function'],
    ["{ get name() { throw new Error('trap') } }", 'trap'],
  ])('reports the default export %s', async (text, reason) => {
    expect(await reasonFor(`export default ${text}`)).toContain(reason)
  })

  test('accepts the current apiVersion and reports any other', async () => {
    const dir = folderOf({ 'now.ts': `export default ${definition('now', 'apiVersion: 1')}` })
    expect((await discover(dir)).registry.has('now')).toBe(true)
    for (const version of ['2', "'1'", '0', 'null']) {
      const text = `export default ${definition('later', `apiVersion: ${version}`)}`
      expect(await reasonFor(text)).toContain(
        `'later' was written for apiVersion ${version}, this program has 1`,
      )
    }
  })

  test('reports a name that a built-in or an earlier plugin has', async () => {
    const taken = await reasonFor(`export default ${definition('built_in')}`)
    expect(taken).toContain("'built_in' of ")
    expect(taken).toContain('already registered by built-in')

    const text = `export default ${definition('twin')}`
    const dir = folderOf({ 'a.ts': text, 'b.ts': text })
    const { loaded, problems } = await discover(dir)
    expect(loaded).toEqual([{ path: join(dir, 'a.ts'), name: 'twin' }])
    expect(problems[0]?.path).toBe(join(dir, 'b.ts'))
    expect(problems[0]?.reason).toContain(join(dir, 'a.ts'))
  })

  test('leaves out helpers, declarations, tests, subfolders and other files', async () => {
    const text = "throw new Error('imported')"
    const names = ['_helper.ts', '.hidden.ts', 'types.d.ts', 'my.test.ts', 'README.md', 'data.json']
    const dir = folderOf(Object.fromEntries(names.map((name) => [name, text])))
    mkdirSync(join(dir, 'nested'))
    mkdirSync(join(dir, 'folder.ts'))
    writeFileSync(join(dir, 'nested', 'inner.ts'), text)
    const { loaded, problems } = await discover(dir)
    expect({ loaded, problems }).toEqual({ loaded: [], problems: [] })
  })

  test('follows links and reports one that dangles', async () => {
    const target = join(folderOf({ 'linked.ts': `export default ${definition('linked')}` }))
    const dir = folderOf({})
    symlinkSync(join(target, 'linked.ts'), join(dir, 'link.ts'))
    symlinkSync(join(target, 'gone.ts'), join(dir, 'dangling.ts'))
    const { registry, problems } = await discover(dir)
    expect(registry.has('linked')).toBe(true)
    expect(problems.map((problem) => problem.path)).toEqual([join(dir, 'dangling.ts')])
  })

  test('finds nothing in a folder that does not exist and reports one that is a file', async () => {
    const missing = await discover(join(root, 'absent'))
    expect(missing.problems).toEqual([])
    const file = join(folderOf({ strategies: '' }), 'strategies')
    expect((await discover(file)).problems[0]?.path).toBe(file)
  })

  test('reads names with blanks and signs that mean something in a URL', async () => {
    const dir = folderOf({ 'my #1 50%.ts': `export default ${definition('odd')}` })
    expect((await discover(dir)).registry.has('odd')).toBe(true)
  })

  test('neither holds a finished program open nor lets a waiting plugin end it', async () => {
    const good = folderOf({ 'good.ts': `export default ${definition('good')}` })
    const waiting = folderOf({ 'waiting.ts': 'await new Promise(() => {})' })
    expect(await printedBy(good, 60_000)).toBe('1 loaded, 0 problems')
    expect(await printedBy(waiting, 50)).toBe('0 loaded, 1 problems')
  })
})

/** What a program of its own prints after discovering the plugins of a folder. */
async function printedBy(dir: string, importMsMax: number): Promise<string> {
  const source = join(import.meta.dir, '../../../src/core/plugins.ts')
  const program = `
    import { discoverPlugins } from '${source}'
    const { loaded, problems } = await discoverPlugins({
      dir: '${dir}', kind: 'strategy', register() {}, accepts() {}, importMsMax: ${importMsMax},
    })
    console.log(loaded.length + ' loaded, ' + problems.length + ' problems')`
  const file = join(folderOf({ 'program.ts': program }), 'program.ts')
  const child = Bun.spawn([process.execPath, file], { stdout: 'pipe', timeout: 4_000 })
  const text = await new Response(child.stdout).text()
  expect(await child.exited).toBe(0)
  return text.trim()
}
