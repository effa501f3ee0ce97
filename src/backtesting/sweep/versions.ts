/** Names and versions of what computed the result, such as `{ bun: '1.4.5', 'crypto-platform': '0.1.0' }`. */
export type Versions = Readonly<Record<string, string>>
