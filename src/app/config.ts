import {
  type Config,
  configWithOrigins,
  FILE_KEYS,
  redactedConfig,
  writeSchemas,
} from '../config/index.ts'
import type { ExchangeDefinition } from '../exchanges/exchange.ts'
import type { ConfigReport, EffectiveConfig, ExchangeView } from '../report/views.ts'
import { unusedWarnings } from './backtest/unused-params.ts'
import type { Registered, Workspace } from './workspace.ts'

export type ConfigUseCases = ReturnType<typeof configUseCases>

/** Serves `config …` and `exchanges list`. */
export function configUseCases(workspace: Workspace) {
  const { configDir } = workspace.environment
  return {
    /** Reads and checks every file; problems are part of the result, not an error. */
    async validate(): Promise<ConfigReport> {
      const { config, files, problems } = await workspace.validate()
      const { registries } = await workspace.registered()
      // A test holds that the built-in ones use theirs, and building nine graphs takes longer than reading the files.
      const { strategies } = registries
      const plugged = strategies
        .list()
        .filter(({ name }) => strategies.sourceOf(name) !== 'built-in')
      const warnings = plugged.flatMap((it) => unusedWarnings(it))
      return { files, problems, counts: countsOf(config), warnings }
    },
    /**
     * Writes one JSON Schema per configuration file.
     * @param directory undefined: where the shipped files expect them
     * @returns the files written
     */
    async writeSchemas(directory: string | undefined): Promise<readonly string[]> {
      return writeSchemas(
        workspace.resolve(directory ?? `${configDir}/schemas`),
        await workspace.completions(),
      )
    },
    /** @throws ConfigError when the configuration is invalid */
    async effective(): Promise<EffectiveConfig> {
      const config = await workspace.config()
      return { document: redactedConfig(config), values: configWithOrigins(config) }
    },
    /** The configured exchanges. */
    async exchanges(): Promise<readonly ExchangeView[]> {
      return exchangeViews(await workspace.config(), await workspace.registered())
    },
  }
}

function countsOf(config: Config | undefined): Readonly<Record<string, number>> {
  if (config === undefined) return {}
  const named = FILE_KEYS.filter((key) => key !== 'settings')
  return Object.fromEntries(named.map((key) => [key, Object.keys(config[key]).length]))
}

function exchangeViews(config: Config, { registries }: Registered): readonly ExchangeView[] {
  return Object.entries(config.exchanges).map(([name, exchange]) => {
    const { adapter } = exchange
    const definition = adapter === undefined ? undefined : registries.exchanges.find(adapter)
    return {
      name,
      adapter: adapter ?? null,
      testnet: exchange.testnet,
      rateLimit: exchange.rate_limit ?? knownLimit(definition) ?? null,
      credentials: credentialsOf(exchange),
      description: definition?.description ?? 'Imported candles only.',
    }
  })
}

/** The limit that holds without one of the entry; undefined where it takes a client to know it. */
function knownLimit(definition: ExchangeDefinition | undefined): number | undefined {
  return definition?.requestsPerMinute === undefined ? definition?.rateLimitDefault : undefined
}

function credentialsOf(exchange: Config['exchanges'][string]): ExchangeView['credentials'] {
  const secrets = [exchange.api_key, exchange.api_secret]
  if (secrets.every((secret) => secret === undefined)) return 'not needed'
  return secrets.every((secret) => secret?.isResolved) ? 'set' : 'missing'
}
