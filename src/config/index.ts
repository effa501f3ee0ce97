export type { Catalog, FormulaVariables } from './catalog.ts'
export type { Config, ConfigValues, Validation } from './config.ts'
export { FILE_KEYS, type FileKey } from './files.ts'
export { configSchemas, writeSchemas } from './json-schema.ts'
export { type LoadOptions, loadConfig, validateConfig } from './load.ts'
export { configWithOrigins, type OriginRow, redactedConfig, renderOrigins } from './origins.ts'
export {
  type AxisPlan,
  type BacktestPlan,
  type BacktestRun,
  type ExchangeKeys,
  type ExecutionPlan,
  named,
  planBacktest,
  planSweep,
  requireSecrets,
  type SweepPlan,
} from './plans.ts'
export { type Paint, type Problem, renderProblem, renderProblems } from './problems.ts'
export { Secret } from './secret.ts'
export type { Environment } from './substitute.ts'
