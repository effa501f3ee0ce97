export type { Catalog } from './catalog.ts'
export type { Config, ConfigValues, Validation } from './config.ts'
export { FILE_KEYS, type FileKey } from './files.ts'
export { type Completions, configSchemas, writeSchemas } from './json-schema.ts'
export { findSecrets, type LoadOptions, loadConfig, validateConfig } from './load.ts'
export { configWithOrigins, type OriginRow, redactedConfig } from './origins.ts'
export {
  formatProblem,
  type Paint,
  type Problem,
  renderProblem,
  renderProblems,
} from './problems.ts'
export {
  type AxisValues,
  type BacktestChoice,
  type BacktestRun,
  type MarketChoice,
  named,
  type ResolvedBacktest,
  type ResolvedSweep,
  resolveBacktest,
  resolveSweep,
} from './resolve.ts'
export { Secret } from './secret.ts'
export type { Environment } from './substitute.ts'
