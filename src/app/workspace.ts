import { basename, dirname, isAbsolute, join } from 'node:path'
import type {
  Catalog,
  Completions,
  Config,
  LoadOptions,
  Problem,
  Validation,
} from '../config/index.ts'
import { ConfigError } from '../core/errors.ts'
import type { PluginProblem } from '../core/plugins.ts'
import type { Warning } from '../report/views.ts'
import type { Environment } from './environment.ts'
import type { Registries } from './registries.ts'

/** Registries with what could not be registered. */
export interface Registered {
  readonly registries: Registries
  readonly problems: readonly Warning[]
  readonly failed: readonly PluginProblem[]
}

/** Warnings of entries that a run does not use; `config validate` shows all. */
const UNUSED_SAID_MAX = 5

/** What the use cases share: registries and configuration, each loaded once, on first use. */
export class Workspace {
  readonly environment: Environment
  #registered: Promise<Registered> | undefined
  #config: Promise<Config> | undefined
  #uses: readonly string[] | undefined

  constructor(environment: Environment) {
    this.environment = environment
  }

  /** Built-ins and plugins. Problems of plugins are also logged, for all commands that do not list them. */
  registered(): Promise<Registered> {
    this.#registered ??= this.#register()
    return this.#registered
  }

  /** Says which entries of the configuration will be used: others may be faulty. To be called before the first `config()`. */
  use(entries: readonly string[] | undefined): void {
    this.#uses = entries
  }

  /** @throws ConfigError `CONFIG_INVALID` with all problems */
  config(): Promise<Config> {
    this.#config ??= this.#loadConfig()
    return this.#config
  }

  /** Milliseconds that a plugin gets for each of its answers; undefined: what is usual for it. */
  get pluginMsMax(): number | undefined {
    return Number(this.environment.env.CRYPTO_PLUGIN_MS_MAX) || undefined
  }

  async validate(): Promise<Validation> {
    const { validateConfig } = await import('../config/index.ts')
    return validateConfig(await this.#loadOptions())
  }

  /** What is registered, and the names of the entries that are sound; without a configuration there are none. */
  async completions(): Promise<Completions> {
    const { validateConfig } = await import('../config/index.ts')
    const options = await this.#loadOptions()
    const catalog = catalogFor(await this.registered())
    const namesOf = (config: Config | undefined) => ({
      exchanges: Object.keys(config?.exchanges ?? {}),
      strategies: Object.keys(config?.strategies ?? {}),
      backtests: Object.keys(config?.backtests ?? {}),
      sweeps: Object.keys(config?.sweeps ?? {}),
    })
    try {
      return { catalog, names: namesOf(validateConfig({ ...options, uses: [] }).config) }
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      return { catalog, names: namesOf(undefined) }
    }
  }

  /** Returns a path of the configuration or the command line as an absolute one. */
  resolve(path: string): string {
    return isAbsolute(path) ? path : join(this.environment.cwd, path)
  }

  async #register(): Promise<Registered> {
    const { createRegistries } = await import('./registries.ts')
    const failed: PluginProblem[] = []
    const onProblem = (problem: PluginProblem) => failed.push(problem)
    const pluginDir = this.resolve('plugins')
    const { pluginMsMax } = this
    const registries = await createRegistries({ pluginDir, onProblem, pluginMsMax })
    const problems = failed.map(({ path, reason }) => {
      return { code: 'PLUGIN_REFUSED', message: `${path}: ${reason}` }
    })
    for (const { message } of problems) this.environment.logger.warn(message)
    return { registries, problems, failed }
  }

  async #loadConfig(): Promise<Config> {
    const { formatProblem, loadConfig } = await import('../config/index.ts')
    const unused: Problem[] = []
    const onUnused = (problem: Problem) => unused.push(problem)
    const config = loadConfig({ ...(await this.#loadOptions()), uses: this.#uses, onUnused })
    const { logger } = this.environment
    logger.setLevel(config.settings.logging.level)
    for (const problem of unused.slice(0, UNUSED_SAID_MAX)) logger.warn(formatProblem(problem))
    const rest = unused.length - UNUSED_SAID_MAX
    if (rest > 0)
      logger.warn(`${rest} more problems of entries that are not used: crypto config validate`)
    return config
  }

  async #loadOptions(): Promise<LoadOptions> {
    const catalog = catalogFor(await this.registered())
    const { configDir, env, envFile, hide } = this.environment
    return { dir: configDir, env, envFile, catalog, onSecrets: hide }
  }
}

function catalogFor({ registries: { strategies, exchanges }, failed }: Registered): Catalog {
  const failedIn = (kind: string) =>
    failed.filter(({ path }) => basename(dirname(path)) === kind || basename(path) === kind)
  return {
    strategies: {
      failed: failedIn('strategies'),
      names: () => strategies.names(),
      paramsSchema: (name) => strategies.find(name)?.params,
    },
    adapters: {
      failed: failedIn('exchanges'),
      names: () => exchanges.names(),
      optionsSchema: (name) => exchanges.find(name)?.options,
    },
  }
}
