import type { Execution } from '../../src/core/execution.ts'

/** Fills at the next open that cost nothing: what a test does not speak of. */
export const FREE: Execution = {
  fill: 'next_open',
  commission: 0,
  slippage: 0,
  initial_capital: 10_000,
}
