import {
  EXECUTION_NAMES,
  EXECUTION_SETTINGS,
  type Execution,
  type ExecutionName,
} from '../core/execution.ts'
import { METRICS } from '../core/metrics.ts'

/**
 * What is where in the blocks that cross the boundary, as text. The kernel has its own (`layout_address` in
 * `core-wasm/src/abi.rs`), and one of another layout is not used.
 */
export const LAYOUT = [
  ['execution', ...EXECUTION_NAMES.map(describe)],
  ['row', ...METRICS],
]
  .map((words) => words.join(' '))
  .join('\n')

/** One double a setting; for one of some words its position among them. */
export function executionBlock(execution: Execution): readonly number[] {
  return EXECUTION_NAMES.map((name) => {
    const value = execution[name]
    return typeof value === 'number' ? value : (choicesOf(name) ?? []).indexOf(value)
  })
}

function describe(name: ExecutionName): string {
  const choices = choicesOf(name)
  return choices === undefined ? name : `${name}=${choices.join('|')}`
}

function choicesOf(name: ExecutionName): readonly string[] | undefined {
  const setting = EXECUTION_SETTINGS[name]
  return 'enum' in setting ? setting.enum : undefined
}
