import { testReadingBeside } from './reading-beside.ts'

// `tests/endurance/lake.ts` writes more.
testReadingBeside(100)
