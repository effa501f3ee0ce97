import { testDamage } from '../integration/data/damage.ts'
import { testFillingKilled } from '../integration/data/filling-killed.ts'
import { testReadingBeside } from '../integration/data/reading-beside.ts'

testDamage(60)
testFillingKilled(20)
testReadingBeside(400)
