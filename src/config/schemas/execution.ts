import { type TOptional, type TUnsafe, Type } from 'typebox'
import {
  EXECUTION_COSTS,
  EXECUTION_RULES,
  EXECUTION_SETTINGS,
  type ExecutionSetting,
  type SettingValue,
} from '../../core/execution.ts'

type Declared = Readonly<Record<string, ExecutionSetting>>
type Schema<S> = TUnsafe<SettingValue<S>>

/** The execution settings as keys of a backtest or a sweep, which may leave each of them to settings.yaml. */
export const ExecutionKeys = mapped(EXECUTION_SETTINGS, (name, { default: _, ...schema }) => [
  name,
  Type.Optional(Type.Unsafe(schema)),
]) as { [K in keyof typeof EXECUTION_SETTINGS]: TOptional<Schema<(typeof EXECUTION_SETTINGS)[K]>> }

/** Keys of `backtesting` in settings.yaml. */
export const RuleDefaults = mapped(EXECUTION_RULES, (name, setting) => [
  name,
  Type.Unsafe(setting),
]) as { [K in keyof typeof EXECUTION_RULES]: Schema<(typeof EXECUTION_RULES)[K]> }

/** Keys of `trading` in settings.yaml. */
export const CostDefaults = mapped(EXECUTION_COSTS, (name, setting) => [
  `default_${name}`,
  Type.Unsafe(setting),
]) as {
  [K in keyof typeof EXECUTION_COSTS as `default_${K}`]: Schema<(typeof EXECUTION_COSTS)[K]>
}

function mapped(
  settings: Declared,
  entry: (name: string, setting: ExecutionSetting) => [name: string, schema: unknown],
): unknown {
  return Object.fromEntries(Object.entries(settings).map(([name, setting]) => entry(name, setting)))
}
