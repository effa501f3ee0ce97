import { openDatabase } from '../../src/data/timescale/index.ts'
import { settingsOf, testContext } from './database-settings.ts'

/** One of several processes that find the same database empty at the same moment. Prints the notes it was told. */
const context = testContext()
const settings = settingsOf(JSON.parse(process.argv[2] ?? ''))
const { database, states } = await openDatabase(settings, context)
await database.close()
const applied = states.filter(({ status }) => status === 'applied').map(({ name }) => name)
process.stdout.write(JSON.stringify({ notes: context.notes, applied }))
