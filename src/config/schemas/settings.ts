import { type Static, Type } from 'typebox'
import { CostDefaults, RuleDefaults } from './execution.ts'
import { SecretText, Section, Text } from './leaves.ts'

const Database = Section(
  {
    host: Text('host name or address', { default: 'localhost' }),
    port: Type.Integer({ minimum: 1, maximum: 65535, default: 5432, description: 'TCP port' }),
    name: Text('name of the database', { default: 'crypto' }),
    user: Text('user to connect as', { default: 'postgres' }),
    password: Type.Optional(SecretText('password of that user')),
    tls: Type.Enum(['off', 'require', 'verify'], {
      default: 'off',
      description:
        'off: plain; require: encrypted; verify: encrypted, and the certificate must be trusted',
    }),
    ca_file: Type.Optional(Text('certificate (PEM) to trust with tls: verify')),
    pool_max: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 4,
      description: 'connections of one process',
    }),
    connect_timeout_ms: Type.Integer({
      minimum: 100,
      maximum: 600_000,
      default: 5_000,
      description: 'ms to wait for a connection',
    }),
    statement_timeout_ms: Type.Integer({
      minimum: 100,
      maximum: 86_400_000,
      default: 120_000,
      description: 'ms after which the server ends a statement',
    }),
    compress_after_days: Type.Integer({
      minimum: 1,
      maximum: 36_500,
      default: 14,
      description: 'days; TimescaleDB compresses chunks that are older: the window of corrections',
    }),
  },
  { default: {}, description: 'PostgreSQL or TimescaleDB; backtests and sweeps do not need one' },
)

const Logging = Section(
  {
    level: Type.Enum(['DEBUG', 'INFO', 'WARN', 'ERROR'], {
      default: 'INFO',
      description: 'least severe message that `--log-file` keeps',
    }),
  },
  {
    default: {},
    description: 'what the log file holds; `--verbose` and `--quiet` rule the terminal',
  },
)

const Trading = Section(CostDefaults, {
  default: {},
  description: 'costs and capital that backtests and sweeps fall back to',
})

const Data = Section(
  {
    driver: Type.Enum(['local', 'timescale'], {
      default: 'local',
      description:
        'local: the lake is the record; timescale: a PostgreSQL or TimescaleDB database is, and the lake caches it',
    }),
    lake: Text('folder of the Parquet lake that imports write to', { default: 'data/lake' }),
    sample: Text('folder of the read-only sample that ships with the repository', {
      default: 'data/sample',
    }),
  },
  { default: {}, description: 'where candles are; relative paths start at the working directory' },
)

const Ingest = Section(
  {
    symbols_parallel: Type.Integer({
      minimum: 1,
      maximum: 64,
      default: 4,
      description: 'series that are fetched at the same time, all under one rate limit',
    }),
    recheck_candles: Type.Integer({
      minimum: 0,
      maximum: 10_000,
      default: 10,
      description:
        'closed candles before the newest that every run reads again, for late corrections',
    }),
    timeout_ms: Type.Integer({
      minimum: 100,
      maximum: 600_000,
      default: 15_000,
      description: 'ms for one reply of the exchange, its body included',
    }),
    retries: Type.Integer({
      minimum: 0,
      maximum: 100,
      default: 10,
      description:
        'repetitions of a request that failed for a passing reason, further and further apart',
    }),
  },
  { default: {}, description: 'how candles are fetched from exchanges' },
)

const Backtesting = Section(
  {
    ...RuleDefaults,
    warmup_days: Type.Integer({
      minimum: 0,
      maximum: 36_500,
      default: 90,
      description:
        'days; candles before `start`, which warm indicators up, are read in whole multiples of this. 0 means 30',
    }),
    seed_weight_max: Type.Number({
      minimum: 1e-9,
      maximum: 1,
      default: 0.001,
      description:
        'warm-up of ema, wilder, rsi and what is built on them lasts until an unknown seed weighs less, as far as candles are stored; 1 adds no bars',
    }),
  },
  { default: {}, description: 'rules that backtests and sweeps fall back to' },
)

const Sweep = Section(
  {
    workers: Type.Integer({
      minimum: 0,
      maximum: 1024,
      default: 0,
      description: 'worker threads; 0 uses every core',
    }),
    combinations_max: Type.Integer({
      minimum: 1,
      maximum: 1e12,
      default: 10_000_000,
      description: 'combinations; a larger grid is refused',
    }),
    memory_max_mb: Type.Integer({
      minimum: 64,
      maximum: 1_048_576,
      default: 4096,
      description: 'MiB; a sweep that is estimated to need more is refused',
    }),
    block_points: Type.Integer({
      minimum: 0,
      maximum: 1_048_576,
      default: 0,
      description: 'combinations a worker takes at a time; 0 lets the planner choose',
    }),
  },
  { default: {}, description: 'limits and resources of sweeps' },
)

/** settings.yaml */
export const SettingsSchema = Section(
  {
    default_exchange: Text('exchange of exchanges.yaml used where none is named', {
      default: 'binance',
    }),
    results: Text('folder that results are written to', { default: 'results' }),
    database: Database,
    logging: Logging,
    trading: Trading,
    data: Data,
    ingest: Ingest,
    backtesting: Backtesting,
    sweep: Sweep,
  },
  { description: 'Settings of the whole platform' },
)

export type Settings = Static<typeof SettingsSchema>
