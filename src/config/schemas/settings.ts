import { type Static, Type } from 'typebox'
import { Capital, Fill, Ratio, SecretText, Section, Text } from './leaves.ts'

const Database = Section(
  {
    host: Text('host name or address', { default: 'localhost' }),
    port: Type.Integer({ minimum: 1, maximum: 65535, default: 5432, description: 'TCP port' }),
    name: Text('name of the database', { default: 'crypto' }),
    user: Text('user to connect as', { default: 'postgres' }),
    password: Type.Optional(SecretText('password of that user')),
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

const Trading = Section(
  {
    default_commission: Ratio('commission per side where nothing else is configured', {
      default: 0.001,
    }),
    default_slippage: Ratio('slippage per fill where nothing else is configured', {
      default: 0.0005,
    }),
    default_initial_capital: Capital({ default: 10_000 }),
  },
  { default: {}, description: 'costs and capital that backtests and sweeps fall back to' },
)

const Data = Section(
  {
    lake: Text('folder of the Parquet lake that imports write to', { default: 'data/lake' }),
    sample: Text('folder of the read-only sample that ships with the repository', {
      default: 'data/sample',
    }),
  },
  { default: {}, description: 'where candles are; relative paths start at the working directory' },
)

const Backtesting = Section(
  {
    fill: Fill({ default: 'next_open' }),
    warmup_days: Type.Integer({
      minimum: 0,
      maximum: 36_500,
      default: 90,
      description:
        'days; candles before `start`, which warm indicators up, are read in whole multiples of this. 0 means 30',
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
    backtesting: Backtesting,
    sweep: Sweep,
  },
  { description: 'Settings of the whole platform' },
)

export type Settings = Static<typeof SettingsSchema>
