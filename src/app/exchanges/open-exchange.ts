import { tmpdir, userInfo } from 'node:os'
import type { Config } from '../../config/index.ts'
import { ConfigError } from '../../core/errors.ts'
import { didYouMean } from '../../core/suggest.ts'
import type { RateLimits } from '../../exchanges/budget/request-log.ts'
import { createSharedBudget } from '../../exchanges/budget/shared-budget.ts'
import type {
  Credentials,
  Exchange,
  ExchangeDefinition,
  ExchangeMode,
  ExchangeSettings,
} from '../../exchanges/exchange.ts'
import { forwardExchange } from '../../exchanges/forward-exchange.ts'
import { createTransport } from '../../exchanges/transport/create-transport.ts'
import { boundedExchange } from '../plugins/exchange.ts'
import type { Registries } from '../registries.ts'
import type { Workspace } from '../workspace.ts'
import { budgetFile } from './budget-file.ts'

type Entry = Config['exchanges'][string]

/**
 * Connects to an exchange of exchanges.yaml, with no way to any host but its own.
 * @param name undefined: the default exchange
 * @throws ConfigError `UNKNOWN_NAME` with the nearest configured name
 */
export async function openExchange(
  workspace: Workspace,
  name: string | undefined,
  mode: ExchangeMode,
): Promise<Exchange> {
  const { exchanges, settings } = await workspace.config()
  const key = name ?? settings.default_exchange
  const entry = Object.hasOwn(exchanges, key) ? exchanges[key] : undefined
  if (entry === undefined) throw unknownExchange(key, Object.keys(exchanges))
  if (entry.adapter === undefined) throw withoutAdapter(key)
  const { registries } = await workspace.registered()
  const definition = adapterOf(workspace, registries, entry.adapter)
  const complete = settingsOf(key, entry, mode)
  const hosts = await definition.hosts(complete, mode)
  const limits = await limitsOf(definition, complete, mode)
  const { timeout_ms: timeoutMs } = settings.ingest
  const { clock, random, logger } = workspace.environment
  const budget = createSharedBudget({
    file: budgetFile(tmpdir(), userInfo().uid, logger.warn),
    venue: hosts[0] ?? key,
    limits,
    clock,
    random,
    warn: logger.warn,
  })
  const transport = createTransport({ exchange: key, hosts, timeoutMs })
  const host = { ...transport, budget, clock, warn: logger.warn }
  try {
    return closingWith(await definition.connect(complete, host, mode), () => budget.close())
  } catch (error) {
    budget.close()
    throw error
  }
}

/** What a plugin answers has a limit; the built-in adapters keep their own. */
function adapterOf(
  { pluginMsMax }: Workspace,
  { exchanges }: Registries,
  name: string,
): ExchangeDefinition {
  const definition = exchanges.get(name)
  const source = exchanges.sourceOf(name)
  if (source === undefined || source === 'built-in') return definition
  return boundedExchange(definition, source, pluginMsMax)
}

/** The entry's limit, or the venue's own where that is known and lower, or else the adapter's default. */
export async function limitsOf(
  definition: ExchangeDefinition,
  settings: ExchangeSettings,
  mode: ExchangeMode,
): Promise<RateLimits> {
  const complete = settings as ExchangeSettings<Record<string, unknown>>
  const venueLimit = await definition.requestsPerMinute?.(complete, mode)
  return {
    requestsPerMinute: Math.min(
      settings.rateLimit ?? venueLimit ?? definition.rateLimitDefault,
      venueLimit ?? Number.POSITIVE_INFINITY,
    ),
    weightPerMinute: definition.weightPerMinute,
  }
}

/** The same connection, which closes what belongs to it as well. */
function closingWith(exchange: Exchange, closeRest: () => void): Exchange {
  return { ...forwardExchange(exchange), close: () => exchange.close().finally(closeRest) }
}

function unknownExchange(name: string, known: readonly string[]): ConfigError {
  return new ConfigError(
    'UNKNOWN_NAME',
    `exchange '${name}' is not in exchanges.yaml.${didYouMean(name, known)} Known: ${known.join(', ') || 'none'}.`,
    { context: { exchange: name, known } },
  )
}

function withoutAdapter(name: string): ConfigError {
  return new ConfigError(
    'EXCHANGE_WITHOUT_ADAPTER',
    `exchange '${name}' has no adapter in exchanges.yaml, so it only holds imported candles and nothing can be fetched from it. Import them with crypto data import, or add an adapter, such as adapter: ccxt.`,
    { context: { exchange: name } },
  )
}

/** Public data needs no key, and what is not handed out cannot leak. */
function settingsOf(
  name: string,
  entry: Entry,
  mode: ExchangeMode,
): ExchangeSettings<Record<string, unknown>> {
  return {
    name,
    testnet: entry.testnet,
    baseUrl: entry.base_url,
    rateLimit: entry.rate_limit,
    credentials: mode === 'trading' ? credentialsOf(entry) : undefined,
    options: entry.options,
  }
}

function credentialsOf({ api_key, api_secret, api_passphrase }: Entry): Credentials | undefined {
  if (api_key === undefined || api_secret === undefined) return undefined
  return {
    apiKey: () => api_key.reveal(),
    apiSecret: () => api_secret.reveal(),
    passphrase: api_passphrase === undefined ? undefined : () => api_passphrase.reveal(),
  }
}
