import {
  type Config,
  configWithOrigins,
  FILE_KEYS,
  redactedConfig,
  writeSchemas,
} from '../../config/index.ts'
import type { ExchangeDefinition } from '../../exchanges/exchange.ts'
import type { ExchangeView } from '../../report/views.ts'
import type { ConfigService } from '../services.ts'
import { unusedWarnings } from './unused-params.ts'
import type { Registered, Workspace } from './workspace.ts'

/** Serves `config …` and `exchanges list`. */
export function connectConfig(workspace: Workspace): ConfigService {
  const { configDir } = workspace.context
  return {
    async validate() {
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
    async writeSchemas(directory) {
      return writeSchemas(workspace.resolve(directory ?? `${configDir}/schemas`))
    },
    async effective() {
      const config = await workspace.config()
      return { document: redactedConfig(config), values: configWithOrigins(config) }
    },
    async exchanges() {
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
    const definition = registries.exchanges.find(exchange.adapter)
    return {
      name,
      adapter: exchange.adapter,
      testnet: exchange.testnet,
      rateLimit: exchange.rate_limit ?? knownLimit(definition) ?? null,
      credentials: credentialsOf(exchange),
      description: definition?.description ?? '',
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
