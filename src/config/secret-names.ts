import { findSuggestion } from '../core/suggest.ts'

const SECRET_WORD = /key|secret|passw|passphrase|pwd|token|credential|private|mnemonic/i

/** True for the names that secrets go by, and for slips of the pen in them. */
export function isSecretLike(key: string): boolean {
  return (
    SECRET_WORD.test(key) ||
    findSuggestion(key, ['password', 'api_key', 'api_secret', 'token']) !== undefined
  )
}
