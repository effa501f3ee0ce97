import { ConfigError } from '../core/errors.ts'

/**
 * Returns a configured `base_url` without a slash at its end.
 * @param name key in exchanges.yaml
 * @throws ConfigError `BASE_URL` when it is no plain http or https address
 */
export function checkBaseUrl(name: string, baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  const isPlain =
    url?.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (url === undefined || !/^https?:$/.test(url.protocol) || !isPlain) {
    throw new ConfigError(
      'BASE_URL',
      `exchanges.yaml exchanges.${name}.base_url: must be an address such as http://127.0.0.1:9001, without user name, password or query.`,
      { context: { exchange: name } },
    )
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}
