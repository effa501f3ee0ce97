import { testCanaries } from '../integration/e2e/canaries.ts'
import { testHostilePlugins } from '../integration/e2e/hostile-plugins.ts'
import { testHostileResults } from '../integration/e2e/hostile-series.ts'
import { testLatePlugins } from '../integration/e2e/late-series.ts'

testHostilePlugins(1)
// Each case takes a second or two.
testHostileResults(3)
testLatePlugins(1)
testCanaries(1)
