import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { LIST, projectWith, runIn, unfolded } from './hostile.ts'
import { HOSTILE } from './hostile-cases.ts'

setDefaultTimeout(60_000)

describe('a plugin that', () => {
  const projects = HOSTILE.map(([, text]) => projectWith(text))
  afterAll(() => {
    for (const project of projects) project.remove()
  })
  const runs = projects.map((project) => runIn(project, LIST))

  test.each(HOSTILE.map(([name], i) => [name, i] as const))(
    '%s neither hangs nor ends the command in silence',
    async (_, i) => {
      const { code, out, err } = await (runs[i] as (typeof runs)[number])
      const [, , said, ended = 0] = HOSTILE[i] as (typeof HOSTILE)[number]
      expect({ code, err: err.slice(0, 300) }).toMatchObject({ code: ended })
      if (ended === 0) expect(JSON.parse(out).result.strategies.length).toBeGreaterThan(7)
      if (said === undefined) return
      const told = unfolded(err)
      expect(told).toContain('hostile.ts')
      expect(told).toContain(said)
    },
  )
})
