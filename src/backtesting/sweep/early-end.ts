import { PlatformError } from '../../core/errors.ts'
import type { SweepResult } from '../results.ts'

/** The error of a sweep that was stopped when it had no row yet. */
export function interruptedEarly(sweep: string): PlatformError {
  return new PlatformError(
    'INTERRUPTED',
    `Sweep '${sweep}' was interrupted before its first combination. Nothing was written.`,
  )
}

/** Whether a tile failed twice, which leaves the other rows valid. */
export function isWorkerFailure(error: unknown): error is PlatformError {
  return error instanceof PlatformError && error.code === 'WORKER_FAILED'
}

/** Nothing is written where there is no row to keep. */
export function withoutResult(sweep: string, failure: PlatformError | undefined): PlatformError {
  if (failure === undefined) return interruptedEarly(sweep)
  const message = `Sweep '${sweep}': ${failure.message}. No combination was completed before; nothing was written.`
  return new PlatformError(failure.code, message, { cause: failure, context: failure.context })
}

/** The rows completed before a worker failed are kept: says where. */
export function withPartialResult(failure: PlatformError, result: SweepResult): PlatformError {
  const { completed, combinations, rowsFile } = result
  return new PlatformError(
    failure.code,
    `Sweep '${result.sweep}': ${failure.message}. The ${completed} of ${combinations} rows completed before are kept in ${rowsFile}.`,
    { cause: failure, context: { ...failure.context, completed, combinations, rowsFile } },
  )
}
