import { testConfigCost } from './config-cost-series.ts'

// `tests/endurance/config-cost.ts` tries all.
testConfigCost(4)
