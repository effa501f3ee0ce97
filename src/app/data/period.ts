import { ConfigError } from '../../core/errors.ts'
import { formatInstant } from '../../core/units.ts'

/** @throws ConfigError `PERIOD_EMPTY` */
export function checkPeriod(fromMs = -Infinity, toMs = Infinity): void {
  if (fromMs < toMs) return
  throw new ConfigError(
    'PERIOD_EMPTY',
    `--from must be before --to (which is exclusive), was ${formatInstant(fromMs)} to ${formatInstant(toMs)}.`,
  )
}
