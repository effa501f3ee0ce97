import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { atImport, LIST, projectWith, RUN, runIn, SWEEP, unfolded } from './hostile.ts'

export const LOOP = 'while (true) {}'
export const HELD = 'did not give the main thread back within 500 ms'

/** What a plugin starts that holds the main thread later, and the command that it holds. */
const LATE: readonly (readonly [string, string, readonly string[]])[] = [
  ['after an await at import', `await new Promise((r) => setTimeout(r, 20)); ${LOOP}`, LIST],
  ['in a microtask', `Promise.resolve().then(() => { ${LOOP} })`, LIST],
  ['in a queued microtask', `queueMicrotask(() => { ${LOOP} })`, SWEEP],
  ['in a tick', `process.nextTick(() => { ${LOOP} })`, LIST],
  ['in a timer at once', `setTimeout(() => { ${LOOP} }, 1)`, SWEEP],
  ['in a timer while the command runs', `setTimeout(() => { ${LOOP} }, 100)`, RUN],
  ['in a timer of a timer', `setTimeout(() => setTimeout(() => { ${LOOP} }, 50), 50)`, SWEEP],
  ['in an interval', `setInterval(() => { ${LOOP} }, 60)`, RUN],
  [
    'after a timer that it waits for',
    `(async () => { await new Promise((r) => setTimeout(r, 100)); ${LOOP} })()`,
    SWEEP,
  ],
  ['after a sleep', `(async () => { await Bun.sleep(60); ${LOOP} })()`, RUN],
  [
    'in a timer of the module',
    `import { setTimeout as later } from 'node:timers'\nlater(() => { ${LOOP} }, 60)`,
    RUN,
  ],
]

/** Plugins that hold the main thread after their import. @param every one case in so many is tried */
export function testLatePlugins(every: number): void {
  setDefaultTimeout(60_000)
  const cases = LATE.filter((_, i) => i % every === 0)

  describe('a plugin that loops', () => {
    const projects = cases.map(([, code]) => projectWith(atImport(code)))
    afterAll(() => {
      for (const project of projects) project.remove()
    })
    const runs = cases.map(([, , words], i) =>
      runIn(projects[i] as (typeof projects)[number], words),
    )

    test.each(cases.map(([name], i) => [name, i] as const))(
      '%s ends the command with exit code 1 and its path',
      async (_, i) => {
        const { code, out, err } = await (runs[i] as (typeof runs)[number])
        expect({ code, out }).toEqual({ code: 1, out: '' })
        expect(unfolded(err)).toContain(`plugins/strategies/hostile.ts ${HELD}`)
      },
    )
  })
}
