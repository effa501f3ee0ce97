import { compileSignals, unusedParams } from '../../kernel/program.ts'
import type { StrategyDefinition } from '../../kernel/strategy.ts'
import type { Warning } from '../../report/views.ts'

/** A warning for each parameter that changes nothing. */
export function unusedWarnings(definition: StrategyDefinition): readonly Warning[] {
  return unusedParams(compileSignals(definition)).map((name) => ({
    code: 'PARAM_UNUSED',
    message: `parameter '${name}' of strategy '${definition.name}' reaches none of its signals: no value of it changes a result, and as an axis of a sweep it only repeats rows`,
  }))
}
