import { testDamage } from './damage.ts'

// `tests/endurance/lake.ts` tries more.
testDamage(3)
