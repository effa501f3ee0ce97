import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { LIST, projectWith, runIn, unfolded } from './hostile.ts'
import { HOSTILE } from './hostile-cases.ts'

/** What a list of the strategies says beside hostile plugins. @param every one case in so many is tried */
export function testHostilePlugins(every: number): void {
  setDefaultTimeout(60_000)
  const cases = HOSTILE.filter((_, i) => i % every === 0)

  describe('a plugin that', () => {
    const projects = cases.map(([, text]) => projectWith(text))
    afterAll(() => {
      for (const project of projects) project.remove()
    })
    const runs = projects.map((project) => runIn(project, LIST))

    test.each(cases.map(([name], i) => [name, i] as const))(
      '%s neither hangs nor ends the command in silence',
      async (_, i) => {
        const { code, out, err } = await (runs[i] as (typeof runs)[number])
        const [, , said, ended = 0] = cases[i] as (typeof HOSTILE)[number]
        expect({ code, err: err.slice(0, 300) }).toMatchObject({ code: ended })
        if (ended === 0) expect(JSON.parse(out).result.strategies.length).toBeGreaterThan(7)
        if (said === undefined) return
        const told = unfolded(err)
        expect(told).toContain('hostile.ts')
        expect(told).toContain(said)
      },
    )
  })
}
