import type { RateBudget, RateReply } from '../../src/exchanges/rate-budget.ts'

/** A budget without a limit that notes what it is told. */
export function memoryBudget(): RateBudget & { readonly replies: RateReply[] } {
  const replies: RateReply[] = []
  return {
    replies,
    async take(_, signal) {
      signal?.throwIfAborted()
      return { settle: (reply) => void replies.push(reply) }
    },
  }
}
