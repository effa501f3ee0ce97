import { testCanaries } from './canaries.ts'

// `tests/endurance/plugins.ts` tries every command.
testCanaries(4)
