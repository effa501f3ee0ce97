import { runSweep } from '../../../src/backtesting/sweep/index.ts'
import { depsOf, specOf } from './harness.ts'

/** Runs a sweep into the folder given and prints the code of the error it ends with. Run as its own process. */
const outputDir = process.argv[2] as string
const error = await runSweep(specOf({ outputDir }), depsOf()).then(
  () => ({ code: 'no error' }),
  (reason: { code: string; message: string }) => reason,
)
console.log(error)
