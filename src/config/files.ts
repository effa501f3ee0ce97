import type { TObject } from 'typebox'
import { BacktestsSchema } from './schemas/backtests.ts'
import { ExchangesSchema } from './schemas/exchanges.ts'
import { SettingsSchema } from './schemas/settings.ts'
import { StrategiesSchema } from './schemas/strategies.ts'
import { SweepsSchema } from './schemas/sweeps.ts'

/** The configuration files without `.yaml`, in the order of reading. */
export const FILE_KEYS = ['settings', 'exchanges', 'strategies', 'backtests', 'sweeps'] as const
export type FileKey = (typeof FILE_KEYS)[number]

/** Schema of each file: the only source of its types, defaults, checks and docs. */
export const CONFIG_SCHEMAS: Readonly<Record<FileKey, TObject>> = {
  settings: SettingsSchema,
  exchanges: ExchangesSchema,
  strategies: StrategiesSchema,
  backtests: BacktestsSchema,
  sweeps: SweepsSchema,
}
