import { runSweep } from '../../../src/backtesting/sweep/index.ts'
import { crossProgram, depsOf, specOf } from './harness.ts'

/** Runs a sweep that takes a minute into the folder given. Run as its own process, to be killed. */
const outputDir = process.argv[2] as string
const program = crossProgram({ kind: 'slow', atFirstParam: 31, ms: 60_000 })
await runSweep(specOf({ outputDir, program, workers: 1 }), depsOf())
