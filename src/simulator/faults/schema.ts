import { type Static, type TObject, type TProperties, Type } from 'typebox'
import { ENDPOINTS } from '../rest/endpoints.ts'

const ENDPOINT_NAMES = ENDPOINTS.map(({ name }) => name)

const Instant = (description: string) =>
  Type.Optional(Type.String({ format: 'instant', description }))

const Probability = (description: string) =>
  Type.Number({ minimum: 0, maximum: 1, default: 1, description })

const symbols = Type.Optional(
  Type.Array(Type.String(), { minItems: 1, description: 'only these symbols' }),
)
const intervals = Type.Optional(
  Type.Array(Type.String(), { minItems: 1, description: 'only these candle intervals' }),
)
const max_times = Type.Optional(
  Type.Integer({ minimum: 1, description: 'the fault happens at most so many times in all' }),
)
const whileSimulated = {
  from: Instant('from this simulated time on'),
  to: Instant('before this simulated time'),
}

/** Faults of one request and its reply. */
const ofRequests = {
  probability: Probability('of each matching request'),
  endpoints: Type.Optional(
    Type.Array(Type.Union(ENDPOINT_NAMES.map((name) => Type.Literal(name))), {
      minItems: 1,
      description: 'only these endpoints',
    }),
  ),
  symbols,
  ...whileSimulated,
  max_times,
}

/** Faults of the candles in one reply of `klines` or `uiKlines`. */
const ofRows = {
  probability: Probability('of each matching reply'),
  rows: Type.Integer({
    minimum: 1,
    default: 1,
    description: 'most rows that one reply loses to it',
  }),
  symbols,
  intervals,
  ...whileSimulated,
  max_times,
}

/** Faults of the exchange's own records: whoever asks, and however often, sees the same. */
const ofRecords = {
  probability: Probability('of each candle'),
  symbols,
  intervals,
  from: Instant('only candles that open at or after this time'),
  to: Instant('only candles that end at or before this time'),
}

/** Faults of a websocket, decided before each candle's closing update is sent. */
const ofSockets = {
  probability: Probability('of each closing update'),
  symbols,
  intervals,
  ...whileSimulated,
  max_times,
}

function fault<K extends string, P extends TProperties>(kind: K, properties: P) {
  const all = { kind: Type.Literal(kind), ...properties }
  return Type.Object(all, { additionalProperties: false })
}

/** Every kind of fault by name. */
export const FAULTS = {
  latency: fault('latency', {
    min_ms: Type.Integer({ minimum: 0, default: 0, description: 'real milliseconds' }),
    max_ms: Type.Integer({ minimum: 0, description: 'real milliseconds' }),
    ...ofRequests,
  }),
  reset: fault('reset', {
    at: Type.Union([Type.Literal('before_reply'), Type.Literal('in_body')], {
      default: 'before_reply',
      description: 'before anything has arrived, or in the middle of the body',
    }),
    ...ofRequests,
  }),
  truncated: fault('truncated', {
    content_length: Type.Union([Type.Literal('original'), Type.Literal('honest')], {
      default: 'original',
      description: 'the header tells the length of the whole body, or of what is sent of it',
    }),
    ...ofRequests,
  }),
  stalled: fault('stalled', ofRequests),
  server_error: fault('server_error', {
    status: Type.Integer({ minimum: 500, maximum: 599, default: 503, description: 'HTTP status' }),
    body: Type.Union([Type.Literal('json'), Type.Literal('html')], {
      default: 'json',
      description: "the exchange's error document, or a page of the proxy before it",
    }),
    ...ofRequests,
  }),
  rate_limited: fault('rate_limited', {
    requests: Type.Integer({
      minimum: 1,
      default: 1,
      description: 'matching requests in a row that are answered 429',
    }),
    retry_after_seconds: Type.Integer({
      minimum: 0,
      default: 1,
      description: 'value of the header Retry-After',
    }),
    ...ofRequests,
  }),
  clock_skew: fault('clock_skew', {
    offset_ms: Type.Integer({ description: 'added to what `/api/v3/time` says' }),
    probability: Probability('of each request of the time'),
    ...whileSimulated,
    max_times,
  }),
  missing_rows: fault('missing_rows', ofRows),
  duplicate_rows: fault('duplicate_rows', ofRows),
  unsorted_rows: fault('unsorted_rows', ofRows),
  invalid_rows: fault('invalid_rows', ofRows),
  holes: fault('holes', ofRecords),
  corrupt_candles: fault('corrupt_candles', ofRecords),
  late_corrections: fault('late_corrections', {
    settle_seconds: Type.Integer({
      minimum: 1,
      description: 'simulated seconds after its close at which a candle gets its final values',
    }),
    ...ofRecords,
  }),
  socket_drop: fault('socket_drop', ofSockets),
  socket_half_open: fault('socket_half_open', ofSockets),
} satisfies Readonly<Record<string, TObject>>

export type FaultKind = keyof typeof FAULTS

/** An entry of the plan as it is written. */
export type FaultSettings = { [K in FaultKind]: Static<(typeof FAULTS)[K]> }[FaultKind]
