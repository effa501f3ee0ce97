import { testKillsOverLake } from './kills.ts'

// `tests/endurance/ingest-kills.ts` has the long campaigns, and those over a database.
testKillsOverLake({ kills: 5, fromMs: Date.UTC(2023, 11, 30), msMax: 120_000 })
