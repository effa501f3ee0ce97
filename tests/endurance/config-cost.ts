import { testConfigCost } from '../integration/e2e/config-cost-series.ts'

testConfigCost(1)
