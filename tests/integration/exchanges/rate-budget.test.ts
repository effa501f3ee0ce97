import { setDefaultTimeout } from 'bun:test'
import { testSharedBudget } from './budget-series.ts'

setDefaultTimeout(60_000)

// `tests/endurance/rate-budget.ts` goes on for longer.
testSharedBudget(1)
