import { afterAll, expect, setDefaultTimeout, test } from 'bun:test'
import { crypto, documentOf, makeProject } from './crypto.ts'

setDefaultTimeout(60_000)

const project = makeProject({
  'plugins/strategies/chatty.ts': `
    import { above, below, defineStrategy, periodSchema, sma, Type } from 'crypto-platform/strategy'
    console.log('loaded')
    console.info('informed')
    export default defineStrategy({
      name: 'chatty',
      description: 'Long above the average.',
      params: Type.Object({ period: periodSchema(20) }),
      signals: ({ close }, { period }) => {
        console.debug('asked')
        return { enterLong: above(close, sma(close, period)), exitLong: below(close, sma(close, period)) }
      },
    })`,
})
afterAll(project.remove)

test('what a plugin prints is on stderr', async () => {
  const words = ['strategies', 'show', 'chatty', '--json']
  const finished = await crypto(words, { cwd: project.dir })
  expect(documentOf<{ name: string }>(finished).result.name).toBe('chatty')
  for (const text of ['loaded', 'informed', 'asked']) expect(finished.err).toContain(text)
})
