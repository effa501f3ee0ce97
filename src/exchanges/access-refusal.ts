import { type ErrorContext, VenueRejection } from '../core/errors.ts'

const ACCESS: Readonly<Record<number, readonly [code: string, message: string]>> = {
  403: [
    'ACCESS_REFUSED',
    "the venue's firewall refuses requests from this address. It lifts such a block after some minutes; a VPN or a shared address is a common cause.",
  ],
  451: [
    'REGION_REFUSED',
    'the venue does not serve the country of this address. Name a venue that does in exchanges.yaml, or its mirror as base_url.',
  ],
}

/**
 * Returns what a status says of who may ask, or undefined when it says nothing of that.
 * @param where exchange and endpoint
 */
export function findAccessRefusal(
  status: number | undefined,
  where: string,
  context: ErrorContext,
): VenueRejection | undefined {
  const [code, message] = ACCESS[status ?? 0] ?? []
  return code === undefined
    ? undefined
    : new VenueRejection(code, `${where}: ${message}`, { context })
}
