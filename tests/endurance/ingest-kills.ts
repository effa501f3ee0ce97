import { testKillsOverDatabase, testKillsOverLake } from '../integration/ingest/kills.ts'

const msMax = 1_500_000

// A year and a quarter of minutes.
testKillsOverLake({ kills: 200, fromMs: Date.UTC(2023, 0), msMax })
testKillsOverDatabase({ kills: 60, fromMs: Date.UTC(2023, 9), msMax })
