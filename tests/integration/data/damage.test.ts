import { testDamage } from './damage.ts'

// `tests/endurance/damage.ts` tries more.
testDamage(3)
