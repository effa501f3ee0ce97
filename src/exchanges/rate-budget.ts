/**
 * The request weight that a venue grants this machine per minute. One budget serves all processes that speak to the same
 * venue, since the venue counts by address; it learns from reply headers what others have used.
 */
export interface RateBudget {
  /**
   * Waits until `weight` may be spent and reserves it.
   * @throws ConnectivityError `RATE_LIMITED` when the venue said that it takes nothing for more than ten minutes yet
   * @throws the signal's reason when it is aborted meanwhile
   */
  take(weight: number, signal?: AbortSignal): Promise<Permit>
  /** Takes note of the weight per minute that the venue says it grants. Where it is lower than what was known, it counts from now on. */
  lower(weightPerMinute: number): void
}

/** Reserved weight. `settle` must be called once, also after a failure: until then the request counts as under way. */
export interface Permit {
  settle(reply: RateReply): void
}

/** What a reply says of the venue's own count; nothing of it after a failure. */
export interface RateReply {
  /** Weight used in the venue's current minute, as its header says. */
  readonly usedWeight?: number | undefined
  /** The venue answered 429 or 418: nobody may send for so long. */
  readonly retryAfterMs?: number | undefined
}
