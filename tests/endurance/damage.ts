import { testDamage } from '../integration/data/damage.ts'

testDamage(60)
