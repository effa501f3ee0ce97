import { testHostilePlugins } from './hostile-plugins.ts'

// `tests/endurance/plugins.ts` tries all.
testHostilePlugins(6)
