import { createTimescaleRepository } from '../../../../src/data/timescale/repository.ts'
import { openDatabase } from '../../../../src/data/timescale/index.ts'
import { testCandleRepository } from '../../../contracts/candle-repository.ts'
import { settingsOf, testContext } from '../../../support/database-settings.ts'
import { describeDatabases } from '../../../support/databases.ts'

describeDatabases('the repository', (suite) => {
  testCandleRepository(suite.kind, () => ({
    open: async () =>
      createTimescaleRepository(
        await openDatabase(settingsOf(await suite.database()), testContext()),
      ),
    dispose: () => {},
  }))
})
