import { join } from 'node:path'
import {
  type Catalog,
  type Config,
  configWithOrigins,
  type FormulaVariables,
  loadConfig,
  redactedConfig,
  Secret,
  validateConfig,
  writeSchemas,
} from '../../config/index.ts'
import { ConfigError } from '../../core/errors.ts'
import { parseFormula } from '../../core/formula.ts'
import type { ExchangeView } from '../../report/views.ts'
import type { Registries } from '../registries.ts'
import type { ConfigService, ServiceContext } from '../services.ts'

/** Where the shipped YAML files look for their schemas, within the configuration folder. */
const SCHEMAS_FOLDER = 'schemas'

/** Connects the configuration to the commands. */
export function createConfigService(
  context: ServiceContext,
  registries: Registries,
): ConfigService {
  const { configDir: dir, env } = context
  const options = { dir, env, catalog: catalogFor(registries) }
  return {
    validate: async () => {
      const { problems, config } = validateConfig(options)
      const files = config?.files ?? [...new Set(problems.map((problem) => problem.file))]
      return { files, problems, counts: config === undefined ? {} : countsOf(config) }
    },
    writeSchemas: async (directory = join(dir, SCHEMAS_FOLDER)) =>
      writeSchemas(directory).map((name) => join(directory, name)),
    effective: async () => {
      const config = loadConfig(options)
      return { document: redactedConfig(config), values: configWithOrigins(config) }
    },
    exchanges: async () => exchangesOf(loadConfig(options), registries),
  }
}

/** What is registered, in the form in which the configuration asks for it. */
export function catalogFor(registries: Registries): Catalog {
  return {
    strategies: {
      names: () => registries.strategies.names(),
      paramsSchema: (name) => registries.strategies.find(name)?.params,
    },
    adapters: registries.exchanges.names(),
    formulaVariables,
  }
}

function formulaVariables(text: string): FormulaVariables {
  try {
    return { variables: parseFormula(text).variables }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    // The first line says what; the caret beneath it would stand beside the file's own.
    const [message = ''] = error.message.split('\n')
    const { offset } = error.context
    return { error: message, offset: typeof offset === 'number' ? offset : 0 }
  }
}

function countsOf({ exchanges, strategies, backtests, sweeps }: Config): Record<string, number> {
  const kinds = { exchanges, strategies, backtests, sweeps }
  return Object.fromEntries(
    Object.entries(kinds).map(([kind, entries]) => [kind, Object.keys(entries).length]),
  )
}

function exchangesOf({ exchanges }: Config, registries: Registries): readonly ExchangeView[] {
  return Object.entries(exchanges).map(([name, exchange]) => {
    const { adapter, testnet, rate_limit, api_key, api_secret } = exchange
    return {
      name,
      adapter,
      testnet,
      rateLimit: rate_limit,
      credentials: credentialsOf([api_key, api_secret]),
      description: registries.exchanges.find(adapter)?.description ?? '',
    }
  })
}

function credentialsOf(secrets: readonly unknown[]): ExchangeView['credentials'] {
  const named = secrets.filter((secret) => secret instanceof Secret)
  if (named.length === 0) return 'not needed'
  return named.every((secret) => secret.isResolved) ? 'set' : 'missing'
}
