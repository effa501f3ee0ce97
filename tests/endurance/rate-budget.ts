import { setDefaultTimeout } from 'bun:test'
import { testSharedBudget } from '../integration/exchanges/budget-series.ts'

setDefaultTimeout(120_000)

testSharedBudget(10)
