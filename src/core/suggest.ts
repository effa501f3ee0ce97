import { distance } from 'fastest-levenshtein'

/** Returns the candidate closest to `name`, or undefined when none is close enough to be a typo of it. */
export function findSuggestion(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1
  const lowered = name.toLowerCase()
  for (const candidate of candidates) {
    // Whoever refuses a name that is known has another reason, and the same name is no help.
    if (candidate === name) continue
    // Each character that one has more is an edit.
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue
    const edits = distance(lowered, candidate.toLowerCase())
    const hasCommonPart = edits < Math.max(name.length, candidate.length)
    if (hasCommonPart && edits < bestDistance) {
      best = candidate
      bestDistance = edits
    }
  }
  return best
}

/** Returns ` Did you mean 'x'?` with a leading blank, or the empty string. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const suggestion = findSuggestion(name, candidates)
  return suggestion === undefined ? '' : ` Did you mean '${suggestion}'?`
}
