import { expect, test } from 'bun:test'
import { createServer, connect as dial } from 'node:net'
import { openDatabase } from '../../src/data/timescale/index.ts'
import { createTimescaleRepository } from '../../src/data/timescale/repository.ts'
import { settingsOf, testContext } from '../support/database-settings.ts'
import { describeDatabases } from '../support/databases.ts'
import { pageOf } from '../support/timescale-fixture.ts'
import { walkCandles } from '../support/walk.ts'

const MINUTE = 60_000
const FROM = Date.UTC(2024, 0, 1)
const RANGE = { fromMs: FROM, toMs: FROM + 1_000 * MINUTE }

/** What the server is asked in the order of a page's commit. */
const MOMENTS = ["SELECT set_config('crypto.writer'", 'COPY (SELECT', 'COPY candles']

describeDatabases('a network that drops everything without a word', (suite) => {
  test('ends a write with a lost connection, at whatever moment', async () => {
    const { host, port, ...rest } = await suite.fresh()
    // The tables are made, so that every moment is one of the write.
    await (await openDatabase(settingsOf({ host, port, ...rest }), testContext())).database.close()
    const outcomes = MOMENTS.map(async (moment) => {
      using network = await networkThatDropsFrom(moment, { host, port })
      const through = { ...rest, host: '127.0.0.1', port: network.port }
      const settings = settingsOf(through, { statementTimeoutMs: 1_000, connectTimeoutMs: 1_000 })
      const repository = createTimescaleRepository(await openDatabase(settings, testContext()))
      const symbol = `AT${MOMENTS.indexOf(moment)}`
      const key = { exchange: 'venue', symbol, interval: '1m' }
      const writer = await repository.openSeries(key)
      const page = pageOf(key, walkCandles({ ...RANGE, stepMs: MINUTE, seed: 1 }))
      const outcome = await writer.commit(page).then(
        () => 'stored',
        (error: { readonly code?: string }) => error.code,
      )
      await writer.close()
      return outcome
    })
    expect(await Promise.all(outcomes)).toEqual(MOMENTS.map(() => 'DATABASE_LOST'))
  })
})

/** A way to a server that lets nothing through any more once a text was sent. */
async function networkThatDropsFrom(
  text: string,
  server: { readonly host: string; readonly port: number },
) {
  let isSilent = false
  const proxy = createServer((client) => {
    const upstream = dial(server.port, server.host)
    client.on('error', () => {}).on('close', () => upstream.destroy())
    upstream.on('error', () => {})
    client.on('data', (data) => {
      isSilent ||= data.includes(text)
      if (!isSilent) upstream.write(data)
    })
    upstream.on('data', (data) => {
      if (!isSilent) client.write(data)
    })
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  proxy.listen(0, '127.0.0.1', resolve)
  await promise
  const { port } = proxy.address() as { readonly port: number }
  return { port, [Symbol.dispose]: () => proxy.close() }
}
