import { testKillsOverDatabase, testKillsOverLake } from './kills.ts'

// `tests/endurance/ingest-kills.ts` has the long campaigns.
const SHORT = { kills: 3, fromMs: Date.UTC(2023, 11, 31), msMax: 120_000 }

testKillsOverLake(SHORT)
testKillsOverDatabase(SHORT)
