import { Database } from 'bun:sqlite'
import type { Clock } from '../../core/clock.ts'
import type { Permit, RateBudget, RateReply } from '../rate-budget.ts'

/** What a venue grants in any minute. */
export interface RateLimits {
  readonly requestsPerMinute: number
  /** Where the venue counts by weight. */
  readonly weightPerMinute?: number | undefined
}

export interface SharedBudgetOptions {
  /** SQLite file that all processes of this user share. */
  readonly file: string
  /** Whose limit it is: the host that serves requests. */
  readonly venue: string
  readonly limits: RateLimits
  readonly clock: Clock
  /** A number in [0, 1): keeps processes that wait for the same moment from waking together. */
  readonly random: () => number
}

/** Venues count by the minute, from whatever second on. */
const WINDOW_MS = 60_000
/** Part of the venue's weight that is used: other programs may share the address. */
const SHARE = 0.9
/** A request that was not settled by then belongs to a process that died. */
const LOST_MS = 120_000
const BUSY_MS = 20_000
const PAUSE_MS_MIN = 10
const JITTER_MS = 50

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS permits (id INTEGER PRIMARY KEY AUTOINCREMENT, venue TEXT NOT NULL, weight INTEGER NOT NULL,
    taken_ms INTEGER NOT NULL, settled_ms INTEGER);
  CREATE INDEX IF NOT EXISTS permits_of_venue ON permits (venue);
  CREATE TABLE IF NOT EXISTS venues (venue TEXT PRIMARY KEY, blocked_until_ms INTEGER NOT NULL DEFAULT 0,
    used INTEGER NOT NULL DEFAULT 0, used_at_ms INTEGER NOT NULL DEFAULT 0, used_after INTEGER NOT NULL DEFAULT 0);`

/**
 * Returns a budget that all processes of this machine share through a file.
 *
 * A request counts from the moment it is reserved until a minute after it was settled: the venue has counted it at some time
 * in between. So the weight of any minute stays within the limit, wherever the venue's minutes begin and however far its
 * clock is from ours. What a reply says of the venue's own count is believed where it is higher: other programs use the
 * same address.
 */
export function createSharedBudget(options: SharedBudgetOptions): RateBudget & { close(): void } {
  return new SharedBudget(options)
}

interface Usage {
  readonly requests: number
  readonly weight: number
  /** When the first of what counts ceases to count; epoch ms. */
  readonly nextMs: number
}

class SharedBudget implements RateBudget {
  readonly #options: SharedBudgetOptions
  readonly #db: Database
  readonly #weightMax: number

  constructor(options: SharedBudgetOptions) {
    this.#options = options
    const { weightPerMinute = Infinity } = options.limits
    this.#weightMax = Math.floor(weightPerMinute * SHARE)
    this.#db = new Database(options.file, { create: true, strict: true })
    this.#db.run(`PRAGMA busy_timeout = ${BUSY_MS}`)
    this.#db.run('PRAGMA journal_mode = WAL')
    // What the end of the machine would lose is of no use after it.
    this.#db.run('PRAGMA synchronous = OFF')
    this.#db.run(SCHEMA)
    this.#db.query('INSERT OR IGNORE INTO venues (venue) VALUES (?)').run(options.venue)
  }

  async take(weight: number, signal?: AbortSignal): Promise<Permit> {
    const { clock, random } = this.#options
    for (;;) {
      signal?.throwIfAborted()
      const taken = this.#transaction(() => this.#tryTake(weight))
      if ('id' in taken) return { settle: (reply) => this.#settle(taken.id, reply) }
      const pauseMs = Math.max(PAUSE_MS_MIN, taken.untilMs - clock.now()) + random() * JITTER_MS
      await clock.sleep(Math.ceil(pauseMs), signal)
    }
  }

  close(): void {
    this.#db.close()
  }

  /** Reserves the weight, or tells when to try again. */
  #tryTake(weight: number): { readonly id: number } | { readonly untilMs: number } {
    const { venue, limits, clock } = this.#options
    const nowMs = clock.now()
    this.#forget(nowMs)
    const [{ blocked_until_ms: blockedUntilMs } = { blocked_until_ms: 0 }] = this.#all<{
      blocked_until_ms: number
    }>('SELECT blocked_until_ms FROM venues WHERE venue = ?', venue)
    if (nowMs < blockedUntilMs) return { untilMs: blockedUntilMs }
    const usage = this.#usage(nowMs)
    const isFree = usage.requests === 0 && usage.weight === 0
    const fits =
      usage.requests + 1 <= limits.requestsPerMinute && usage.weight + weight <= this.#weightMax
    if (!fits && !isFree) return { untilMs: usage.nextMs }
    const { lastInsertRowid } = this.#db
      .query('INSERT INTO permits (venue, weight, taken_ms) VALUES (?, ?, ?)')
      .run(venue, weight, nowMs)
    return { id: Number(lastInsertRowid) }
  }

  #forget(nowMs: number): void {
    this.#db
      .query('DELETE FROM permits WHERE settled_ms <= ? OR (settled_ms IS NULL AND taken_ms <= ?)')
      .run(nowMs - WINDOW_MS, nowMs - LOST_MS)
  }

  #usage(nowMs: number): Usage {
    const { venue } = this.#options
    type Row = { requests: number; weight: number; first: number | null }
    const [own] = this.#all<Row>(
      `SELECT count(*) AS requests, coalesce(sum(weight), 0) AS weight,
         min(coalesce(settled_ms, ${nowMs})) + ${WINDOW_MS} AS first FROM permits WHERE venue = ?`,
      venue,
    ) as [Row]
    const [told] = this.#all<{ used: number; used_at_ms: number; since: number }>(
      `SELECT used, used_at_ms, (SELECT coalesce(sum(weight), 0) FROM permits
         WHERE venue = venues.venue AND (id > used_after OR settled_ms IS NULL)) AS since FROM venues WHERE venue = ?`,
      venue,
    )
    const isFresh = told !== undefined && nowMs < told.used_at_ms + WINDOW_MS
    const venueWeight = isFresh ? told.used + told.since : 0
    const nextOfVenue = isFresh && venueWeight > own.weight ? told.used_at_ms + WINDOW_MS : Infinity
    return {
      requests: own.requests,
      weight: Math.max(own.weight, venueWeight),
      nextMs: Math.min(own.first ?? nowMs, nextOfVenue),
    }
  }

  #settle(id: number, { usedWeight, retryAfterMs }: RateReply): void {
    const { venue, clock } = this.#options
    const nowMs = clock.now()
    this.#transaction(() => {
      this.#db.query('UPDATE permits SET settled_ms = ? WHERE id = ?').run(nowMs, id)
      if (retryAfterMs !== undefined) {
        this.#db
          .query('UPDATE venues SET blocked_until_ms = max(blocked_until_ms, ?) WHERE venue = ?')
          .run(nowMs + retryAfterMs, venue)
      }
      if (usedWeight === undefined) return
      this.#db
        .query(
          `UPDATE venues SET used = ?, used_at_ms = ?, used_after = (SELECT coalesce(max(id), 0) FROM permits
             WHERE venue = venues.venue) WHERE venue = ?`,
        )
        .run(usedWeight, nowMs, venue)
    })
  }

  #all<T>(sql: string, venue: string): T[] {
    return this.#db.query(sql).all(venue) as T[]
  }

  #transaction<T>(work: () => T): T {
    return this.#db.transaction(work).immediate()
  }
}
