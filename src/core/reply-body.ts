import { ConnectivityError } from './errors.ts'
import { quoteForeign } from './foreign-text.ts'

/**
 * Returns the value of a JSON body.
 * @param where exchange and request, for the message
 * @throws ConnectivityError `EXCHANGE_REPLY`
 */
export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw wrongReply(where, `is not JSON: ${quoteForeign(text)}`)
  }
}

/** Returns the error for a reply that is not as documented. `what` goes on after "the reply". */
export function wrongReply(where: string, what: string): ConnectivityError {
  return new ConnectivityError('EXCHANGE_REPLY', `${where}: the reply ${what}.`, {
    context: { where },
  })
}
