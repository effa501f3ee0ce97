import { REDACTED } from '../core/redact.ts'
import type { Config } from './config.ts'
import { FILE_KEYS } from './files.ts'
import { describeOrigin } from './provenance.ts'
import { Secret } from './secret.ts'

/** One effective value; `value` is redacted. */
export interface OriginRow {
  /** Dotted path, such as `settings.database.port`. */
  readonly path: string
  readonly value: unknown
  /** `config/settings.yaml:3:9`, `environment DB_HOST` or `default`. */
  readonly origin: string
}

/** Returns every effective value of the configuration, redacted, with where it came from; in the order of the schemas. */
export function configWithOrigins(config: Config): readonly OriginRow[] {
  return FILE_KEYS.flatMap((key) => rowsOf(config, config[key], key))
}

function rowsOf(config: Config, value: unknown, path: string): readonly OriginRow[] {
  const isBranch = typeof value === 'object' && value !== null && !(value instanceof Secret)
  if (isBranch && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, child]) => rowsOf(config, child, `${path}.${key}`))
  }
  const origin = describeOrigin(config.provenance.find(path))
  return [{ path, value: redactedValue(config, value), origin }]
}

function redactedValue(config: Config, value: unknown): unknown {
  if (value instanceof Secret) return value.isResolved ? REDACTED : '(not set)'
  if (Array.isArray(value)) return value.map((item) => redactedValue(config, item))
  const text = String(value)
  return config.provenance.redact(text) === text ? value : config.provenance.redact(text)
}

/** Returns the effective configuration as plain data, redacted: what may be printed or stored beside results. */
export function redactedConfig(config: Config): Readonly<Record<string, unknown>> {
  const redact = (value: unknown): unknown => {
    const isBranch = typeof value === 'object' && value !== null && !(value instanceof Secret)
    if (!isBranch || Array.isArray(value)) return redactedValue(config, value)
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, redact(child)]))
  }
  return Object.fromEntries(FILE_KEYS.map((key) => [key, redact(config[key])]))
}
