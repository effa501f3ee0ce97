import { Database } from 'bun:sqlite'
import type { RateReply } from '../rate-budget.ts'

/** What a venue grants in any minute. */
export interface RateLimits {
  readonly requestsPerMinute: number
  /** Where the venue counts by weight. */
  readonly weightPerMinute?: number | undefined
}

export interface WeightRequest {
  /** Whose limit it is: the host that serves requests. */
  readonly venue: string
  readonly weight: number
  readonly limits: RateLimits
  /** Epoch milliseconds. */
  readonly nowMs: number
}

export interface Reservation {
  readonly id: number
  readonly venue: string
  readonly weight: number
}

/** When it is worth to ask again. */
export interface Wait {
  readonly untilMs: number
  /** The venue said so itself. */
  readonly isForbidden: boolean
}

export type Answer = Reservation | Wait

/** Venues count by the minute, from whatever second on. */
const WINDOW_MS = 60_000
/** Part of the venue's weight that is used: other programs may share the address. */
const SHARE = 0.9
/** A request that was not settled by then belongs to a process that died. */
const LOST_MS = 120_000
/** The longest ban that a venue is known for. */
const FORBIDDEN_MS_MAX = 3 * 86_400_000
const BUSY_MS = 20_000

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS permits (id INTEGER PRIMARY KEY AUTOINCREMENT, venue TEXT NOT NULL, weight INTEGER NOT NULL,
    taken_ms INTEGER NOT NULL, settled_ms INTEGER);
  CREATE INDEX IF NOT EXISTS permits_of_venue ON permits (venue, settled_ms, weight);
  CREATE TABLE IF NOT EXISTS venues (venue TEXT PRIMARY KEY, blocked_until_ms INTEGER NOT NULL DEFAULT 0,
    used INTEGER NOT NULL DEFAULT 0, used_at_ms INTEGER NOT NULL DEFAULT 0, used_after INTEGER NOT NULL DEFAULT 0);`

interface VenueRow {
  readonly blocked_until_ms: number
  /** Weight that the venue had counted, when it said so, and the last permit by then. */
  readonly used: number
  readonly used_at_ms: number
  readonly used_after: number
}

/**
 * The requests of the last minute of all processes, in a SQLite file.
 *
 * A request counts from the moment it is reserved until a minute after it was settled: the venue has counted it at some time
 * in between. So the weight of any minute stays within the limit, wherever the venue's minutes begin and however far its
 * clock is from ours. What a reply says of the venue's own count is believed where it is higher: other programs use the
 * same address.
 */
export class RequestLog {
  readonly #db: Database
  #latestMs = Number.POSITIVE_INFINITY

  /** @param file a path, or `:memory:` for one process */
  constructor(file: string) {
    this.#db = new Database(file, { create: true, strict: true })
    this.#db.run(`PRAGMA busy_timeout = ${BUSY_MS}`)
    this.#db.run('PRAGMA journal_mode = WAL')
    // What the end of the machine would lose is of no use after it.
    this.#db.run('PRAGMA synchronous = OFF')
    this.#db.run(SCHEMA)
  }

  /** Reserves the weight, or tells when to ask again. */
  take(request: WeightRequest): Answer {
    return this.#db.transaction(() => this.#take(request)).immediate()
  }

  settle({ id, venue, weight }: Reservation, reply: RateReply, nowMs: number): void {
    const { usedWeight, retryAfterMs } = reply
    this.#db
      .transaction(() => {
        // One that was taken for lost comes back.
        this.#db
          .query(
            `INSERT INTO permits (id, venue, weight, taken_ms, settled_ms) VALUES (?1, ?2, ?3, ?4, ?4)
               ON CONFLICT (id) DO UPDATE SET settled_ms = ?4`,
          )
          .run(id, venue, weight, nowMs)
        if (retryAfterMs !== undefined) {
          this.#forbid(venue, nowMs + Math.min(retryAfterMs, FORBIDDEN_MS_MAX))
        }
        if (usedWeight !== undefined) this.#note(venue, usedWeight, nowMs)
      })
      .immediate()
  }

  close(): void {
    this.#db.close()
  }

  #take({ venue, weight, limits, nowMs }: WeightRequest): Answer {
    this.#db.query('INSERT OR IGNORE INTO venues (venue) VALUES (?)').run(venue)
    this.#forget(venue, nowMs)
    const state = this.#db.query('SELECT * FROM venues WHERE venue = ?').get(venue) as VenueRow
    if (nowMs < state.blocked_until_ms) {
      return { untilMs: state.blocked_until_ms, isForbidden: true }
    }
    const weightMax = Math.floor((limits.weightPerMinute ?? Number.POSITIVE_INFINITY) * SHARE)
    // One that is heavier than the limit goes alone in its minute.
    const room = { requests: limits.requestsPerMinute - 1, weight: Math.max(0, weightMax - weight) }
    const untilMs = Math.max(
      this.#ownWait(venue, room, nowMs),
      this.#venueWait(venue, state, room, nowMs),
    )
    if (untilMs > nowMs) return { untilMs, isForbidden: false }
    const { lastInsertRowid } = this.#db
      .query('INSERT INTO permits (venue, weight, taken_ms) VALUES (?, ?, ?)')
      .run(venue, weight, nowMs)
    return { id: Number(lastInsertRowid), venue, weight }
  }

  #forget(venue: string, nowMs: number): void {
    if (nowMs < this.#latestMs) this.#turnBack(nowMs)
    this.#latestMs = nowMs
    this.#db
      .query('DELETE FROM permits WHERE venue = ? AND settled_ms <= ?')
      .run(venue, nowMs - WINDOW_MS)
    this.#db
      .query('DELETE FROM permits WHERE venue = ? AND settled_ms IS NULL AND taken_ms <= ?')
      .run(venue, nowMs - LOST_MS)
  }

  /** After the clock was set back, what seems to lie in the future was just now. */
  #turnBack(nowMs: number): void {
    for (const column of ['taken_ms', 'settled_ms']) {
      this.#db.query(`UPDATE permits SET ${column} = ?1 WHERE ${column} > ?1`).run(nowMs)
    }
    this.#db.query('UPDATE venues SET used_at_ms = ?1 WHERE used_at_ms > ?1').run(nowMs)
    this.#db
      .query('UPDATE venues SET blocked_until_ms = ?1 WHERE blocked_until_ms > ?1')
      .run(nowMs + FORBIDDEN_MS_MAX)
  }

  /** Returns when our own requests leave that much room, at the earliest. */
  #ownWait(venue: string, room: Room, nowMs: number): number {
    const sums = 'SELECT count(*) AS requests, coalesce(sum(weight), 0) AS weight FROM permits'
    let { requests, weight } = this.#db.query(`${sums} WHERE venue = ?`).get(venue) as Room
    if (requests <= room.requests && weight <= room.weight) return nowMs
    const settled = this.#db
      .query(
        'SELECT settled_ms, weight FROM permits WHERE venue = ? AND settled_ms IS NOT NULL ORDER BY settled_ms',
      )
      .iterate(venue) as Iterable<{ settled_ms: number; weight: number }>
    for (const one of settled) {
      requests--
      weight -= one.weight
      if (requests <= room.requests && weight <= room.weight) return one.settled_ms + WINDOW_MS
    }
    // What is still under way counts for a minute from its end on.
    return nowMs + WINDOW_MS
  }

  /** Returns when the venue's own count, where it is known, leaves that much room. */
  #venueWait(
    venue: string,
    { used, used_at_ms, used_after }: VenueRow,
    room: Room,
    nowMs: number,
  ): number {
    const untilMs = used_at_ms + WINDOW_MS
    if (nowMs >= untilMs) return nowMs
    const { since } = this.#db
      .query(
        // The plus signs keep the search on the ids, of which few are that young.
        `SELECT coalesce(sum(weight), 0) AS since FROM (
           SELECT weight FROM permits WHERE venue = ?1 AND settled_ms IS NULL
           UNION ALL SELECT weight FROM permits WHERE id > ?2 AND +venue = ?1 AND +settled_ms IS NOT NULL)`,
      )
      .get(venue, used_after) as { since: number }
    return used + since <= room.weight ? nowMs : untilMs
  }

  #forbid(venue: string, untilMs: number): void {
    this.#db
      .query('UPDATE venues SET blocked_until_ms = max(blocked_until_ms, ?) WHERE venue = ?')
      .run(untilMs, venue)
  }

  #note(venue: string, usedWeight: number, nowMs: number): void {
    this.#db
      .query(
        `UPDATE venues SET used = ?1, used_at_ms = ?2,
           used_after = (SELECT coalesce(max(id), 0) FROM permits) WHERE venue = ?3`,
      )
      .run(usedWeight, nowMs, venue)
  }
}

/** What may be reserved already for a request to fit. */
interface Room {
  readonly requests: number
  readonly weight: number
}
