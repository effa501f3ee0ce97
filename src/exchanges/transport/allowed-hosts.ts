import { RiskRefusal } from '../../core/errors.ts'

/** Schemes of requests and of websockets, the encrypted one first. */
type Schemes = readonly [secure: string, plain: string]
export const HTTP_SCHEMES: Schemes = ['https:', 'http:']
export const SOCKET_SCHEMES: Schemes = ['wss:', 'ws:']

const DEFAULT_PORTS: Readonly<Record<string, string>> = {
  'https:': '443',
  'http:': '80',
  'wss:': '443',
  'ws:': '80',
}

/** Decides which addresses a connection may reach. */
export interface AllowedHosts {
  /**
   * Returns the address if it may be reached with one of the schemes.
   * @throws RiskRefusal `HOST_REFUSED`
   */
  check(url: string, schemes: Schemes): URL
}

/**
 * @param exchange key in exchanges.yaml, for messages
 * @param hosts `name` for the default port of a scheme, or `name:port`; compared exactly, subdomains do not count
 */
export function allowHosts(exchange: string, hosts: readonly string[]): AllowedHosts {
  const allowed = new Set(hosts.map((host) => host.toLowerCase()))
  const refuse = (what: string, context: Readonly<Record<string, unknown>>) =>
    new RiskRefusal('HOST_REFUSED', `exchange '${exchange}': ${what} Nothing was sent.`, {
      context: { exchange, ...context },
    })
  return {
    check(text, schemes) {
      const url = URL.canParse(text) ? new URL(text) : undefined
      if (url === undefined) throw refuse('an address that is no URL was asked for.', {})
      const { host, hostname, protocol } = url
      if (!schemes.includes(protocol)) {
        throw refuse(`${protocol}//${host} must begin with ${schemes[0]}// instead.`, { host })
      }
      if (url.username !== '' || url.password !== '') {
        throw refuse(`an address of ${host} contains a user name or password.`, { host })
      }
      const port = url.port === '' ? DEFAULT_PORTS[protocol] : url.port
      if (!allowed.has(host) && !allowed.has(`${hostname}:${port}`)) {
        throw refuse(
          `it may reach ${[...allowed].join(', ') || 'no host'}, and ${host} is none of them. If that is your proxy or simulator, name it as base_url in exchanges.yaml.`,
          { host, allowed: [...allowed] },
        )
      }
      if (protocol !== schemes[0] && !isLoopback(hostname)) {
        throw refuse(
          `${protocol}//${host} is not encrypted: use ${schemes[0]}//, or an address of this machine such as 127.0.0.1.`,
          { host },
        )
      }
      return url
    },
  }
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}
