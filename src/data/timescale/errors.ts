import { ConnectivityError, PlatformError } from '../../core/errors.ts'
import { excerpt, showControls } from '../../core/foreign-text.ts'
import { isThrownByDriver } from '../../core/thrown-by.ts'
import { type DatabaseSettings, placeOf } from './settings.ts'

/** What `pg` and the socket below it throw: a message, and mostly a code. */
interface RawError {
  readonly message: string
  /** A SQLSTATE of five characters, or a code of the system such as ECONNREFUSED. */
  readonly code?: string | undefined
  readonly cause?: unknown
  readonly isOfDriver: boolean
}

interface Meaning {
  readonly code: string
  readonly message: string
}

type Explain = (settings: DatabaseSettings, raw: RawError) => Meaning | undefined

/**
 * Turns what the driver threw into an error that says where, what and what to do. What is already a PlatformError, or has
 * nothing to do with the database, is returned as it is. No message holds the password.
 */
export function databaseError(error: unknown, settings: DatabaseSettings): unknown {
  if (error instanceof PlatformError || !(error instanceof Error)) return error
  const raw = rawOf(error)
  const meaning = explain(settings, raw)
  if (meaning === undefined) return error
  const context = {
    host: settings.host,
    port: settings.port,
    name: settings.name,
    reason: raw.code,
  }
  return new ConnectivityError(meaning.code, meaning.message, { context, cause: error })
}

/** As `databaseError`, for a connection that could not be opened: what is lost then was never there. */
export function connectError(error: unknown, settings: DatabaseSettings): unknown {
  const explained = databaseError(error, settings)
  if (!(explained instanceof PlatformError) || explained.code !== 'DATABASE_LOST') return explained
  const reason =
    'the connection was closed before it was open; is it PostgreSQL that listens there?'
  const { code, message } = unreachableBecause(settings, reason)
  return new ConnectivityError(code, message, { context: explained.context, cause: error })
}

/** Whether the connection is gone with the error, so that it must not be used again. The server closes it after a fatal one. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof PlatformError)) return false
  const { severity } = (error.cause ?? {}) as { readonly severity?: unknown }
  return CONNECTION_CODES.has(error.code) || severity === 'FATAL' || severity === 'PANIC'
}

/** Whether the user lacks a right. */
export function isDenied(error: unknown): boolean {
  return error instanceof PlatformError && error.code === 'DATABASE_DENIED'
}

/** Whether the same work may succeed a moment later. */
export function isPassingDatabaseError(error: unknown): boolean {
  return error instanceof PlatformError && PASSING_CODES.has(error.code)
}

const CONNECTION_CODES: ReadonlySet<string> = new Set(['DATABASE_LOST', 'DATABASE_UNREACHABLE'])
const PASSING_CODES: ReadonlySet<string> = new Set([
  ...CONNECTION_CODES,
  'DATABASE_STARTING',
  'DATABASE_CONFLICT',
  'DATABASE_BUSY',
])

/** The error itself, or the one that several attempts at one name (IPv6, then IPv4) were bundled around. */
function rawOf(error: Error & { readonly code?: unknown }): RawError {
  const bundled: { readonly code?: unknown; readonly message: string } | undefined =
    error instanceof AggregateError ? error.errors[0] : undefined
  const code = error.code ?? bundled?.code
  const message = error.message || bundled?.message || String(code)
  return {
    message: excerpt(showControls(message), 1000),
    code: typeof code === 'string' ? code : undefined,
    cause: error.cause,
    isOfDriver: isThrownByDriver(error),
  }
}

function explain(settings: DatabaseSettings, raw: RawError): Meaning | undefined {
  for (const explainer of [tlsProblem, unreachable, lost, bySqlState, byDriver]) {
    const meaning = explainer(settings, raw)
    if (meaning !== undefined) return meaning
  }
  return undefined
}

const CONFIGURED = 'database.host and database.port of settings.yaml (DB_HOST, DB_PORT)'

const REFUSED_CERTIFICATE =
  /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_\w+|INVALID_CA|ERR_TLS_CERT_ALTNAME_INVALID)$/

function tlsProblem(settings: DatabaseSettings, { message, code }: RawError): Meaning | undefined {
  const place = placeOf(settings)
  const problem = (text: string) => ({
    code: 'DATABASE_TLS',
    message: `PostgreSQL at ${place} ${text}`,
  })
  if (message === 'The server does not support SSL connections') {
    return problem(
      `offers no TLS, but database.tls is ${settings.tls}. Switch ssl on in the server, or write tls: off in settings.yaml if the network between is yours.`,
    )
  }
  if (REFUSED_CERTIFICATE.test(code ?? '')) {
    return problem(
      `has a certificate that is not trusted: ${message}. Give its authority as database.ca_file, and as database.host the name that the certificate is for.`,
    )
  }
  if (code?.startsWith('ERR_SSL') || code === 'EPROTO' || message.includes('establishing an SSL')) {
    return problem(`does not agree on TLS: ${message}.`)
  }
  // 28000 also says that pg_hba.conf has only entries with TLS.
  if (code === '28000' && message.includes('no encryption')) {
    return problem(`accepts encrypted connections only: write tls: require in settings.yaml.`)
  }
  return undefined
}

const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name cannot be looked up',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'no answer',
  ENOENT: 'no such socket',
  ConnectionRefused: 'nothing listens there',
}

function unreachable(settings: DatabaseSettings, { message, code }: RawError): Meaning | undefined {
  const reason = unreachableReason(settings, message, code)
  return reason === undefined ? undefined : unreachableBecause(settings, reason)
}

function unreachableBecause(settings: DatabaseSettings, reason: string): Meaning {
  return {
    code: 'DATABASE_UNREACHABLE',
    message: `PostgreSQL at ${placeOf(settings)} cannot be reached: ${reason}. Start it (docker compose up -d), or correct ${CONFIGURED}.`,
  }
}

function unreachableReason(
  { connectTimeoutMs }: DatabaseSettings,
  message: string,
  code: string | undefined,
): string | undefined {
  if (message.includes('connection timeout')) return `no answer within ${connectTimeoutMs} ms`
  if (/invalid response|unexpected.*message code|Unknown authenticationOk/i.test(message)) {
    return 'what answers there is not PostgreSQL'
  }
  return UNREACHABLE[code ?? '']
}

const LOST =
  /Connection terminated|connection error and is not queryable|Client was closed|Query read timeout|Connection ended/
const LOST_CODES = /^(?:ECONNRESET|EPIPE|ERR_STREAM_\w+|ERR_SOCKET_CLOSED|08...|57P0[124])$/

function lost(settings: DatabaseSettings, { message, code }: RawError): Meaning | undefined {
  if (!LOST.test(message) && !LOST_CODES.test(code ?? '')) return undefined
  return {
    code: 'DATABASE_LOST',
    message: `The connection to PostgreSQL at ${placeOf(settings)} was lost: ${message}. What was committed is stored; run the command again when the server is back.`,
  }
}

const BY_STATE: Readonly<Record<string, Explain>> = {
  '28P01': refused,
  '28000': refused,
  '3D000': (settings) => ({
    code: 'DATABASE_UNKNOWN',
    message: `PostgreSQL at ${placeOf(settings)} has no database '${settings.name}'. Create it: createdb -h ${settings.host} -p ${settings.port} -U ${settings.user} ${settings.name}`,
  }),
  '53300': (settings, { message }) => ({
    code: 'DATABASE_BUSY',
    message: `PostgreSQL at ${placeOf(settings)} has no connection left: ${message}. Lower database.pool_max (${settings.poolMax}), or raise max_connections of the server.`,
  }),
  '57P03': (settings, { message }) => ({
    code: 'DATABASE_STARTING',
    message: `PostgreSQL at ${placeOf(settings)} takes no connections at the moment: ${message}. Run the command again when it is up.`,
  }),
  '57014': (settings, { message }) => ({
    code: 'DATABASE_TIMEOUT',
    message: `PostgreSQL at ${placeOf(settings)} ended a statement: ${message}. If it needs longer than ${settings.statementTimeoutMs} ms, raise database.statement_timeout_ms.`,
  }),
  '42501': (settings, { message }) => ({
    code: 'DATABASE_DENIED',
    message: `User '${settings.user}' may not do this in ${placeOf(settings)}: ${message}. docs/database.md lists the rights that it needs.`,
  }),
  '25006': (settings) => ({
    code: 'DATABASE_READ_ONLY',
    message: `PostgreSQL at ${placeOf(settings)} only reads: it is a standby, or default_transaction_read_only is on. Give the primary's host.`,
  }),
  '53100': (settings, { message }) => ({
    code: 'DATABASE_FULL',
    message: `The disk of PostgreSQL at ${placeOf(settings)} is full: ${message}. Nothing of this transaction was stored; make room and run the command again.`,
  }),
  '40001': conflict,
  '40P01': conflict,
  '55P03': conflict,
}

function refused(settings: DatabaseSettings, { message }: RawError): Meaning {
  const hint = settings.credentialsFrom
  return {
    code: 'DATABASE_REFUSED',
    message: `PostgreSQL at ${placeOf(settings)} refused user '${settings.user}': ${message}. Correct database.user and database.password of settings.yaml (DB_USER, DB_PASSWORD${hint === undefined ? '' : `; now from ${hint}`}).`,
  }
}

function conflict(settings: DatabaseSettings, { message }: RawError): Meaning {
  return {
    code: 'DATABASE_CONFLICT',
    message: `Another transaction in ${placeOf(settings)} was in the way: ${message}. Run the command again.`,
  }
}

function bySqlState(settings: DatabaseSettings, raw: RawError): Meaning | undefined {
  if (/password must be a (?:non-empty )?string/.test(raw.message)) {
    return refused(settings, { ...raw, message: 'the server wants a password and none is set' })
  }
  if (raw.code === undefined || !/^[0-9A-Z]{5}$/.test(raw.code)) return undefined
  const known = BY_STATE[raw.code]
  if (known !== undefined) return known(settings, raw)
  return {
    code: 'DATABASE_FAILED',
    message: `PostgreSQL at ${placeOf(settings)} reports: ${raw.message} (SQLSTATE ${raw.code}).`,
  }
}

/** The driver itself failed, on an answer that no sound server gives. */
function byDriver(
  settings: DatabaseSettings,
  { message, isOfDriver }: RawError,
): Meaning | undefined {
  return isOfDriver ? meaningless(settings, message) : undefined
}

function meaningless(settings: DatabaseSettings, reason: string): Meaning {
  return {
    code: 'DATABASE_FAILED',
    message: `PostgreSQL at ${placeOf(settings)} answers what cannot be understood: ${reason.replace(/\.$/, '')}. Is it whole, and PostgreSQL? Look into its log.`,
  }
}

/** A server whose answers make no sense. */
export function notUnderstood(settings: DatabaseSettings, reason: string): ConnectivityError {
  const { code, message } = meaningless(settings, reason)
  return new ConnectivityError(code, message)
}

/** All connections of the pool are in use and none came free in time. */
export function poolExhausted(settings: DatabaseSettings): ConnectivityError {
  return new ConnectivityError(
    'DATABASE_BUSY',
    `All ${settings.poolMax} connections to ${placeOf(settings)} stayed in use for ${settings.connectTimeoutMs} ms. Raise database.pool_max.`,
  )
}
