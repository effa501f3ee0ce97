/** A variable as `.env` gives it, with its line (from 1). */
export interface EnvFileValue {
  readonly value: string
  readonly line: number
}

export interface EnvFileFault {
  readonly line: number
  readonly message: string
}

/** What `.env` of the working folder says. */
export interface EnvFile {
  /** As messages name it: `.env`. */
  readonly file: string
  /** Those that the environment itself did not have. */
  readonly values: ReadonlyMap<string, EnvFileValue>
  readonly faults: readonly EnvFileFault[]
}

const NAME = /[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=/y
const QUOTED = /[ \t]*(?:'([^']*)'|`([^`]*)`|"([^"\\]*(?:\\[\s\S][^"\\]*)*)")/y
const NOTHING_MORE = /[ \t]*(?:[ \t]#[^\n]*)?(?=\n|$)/y
const LINE = /[^\n]*/y
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/**
 * Reads `NAME=value` line by line, as docker compose and `node --env-file` do, but that nothing is replaced and nothing is cut or
 * passed over in silence. The last of two values of one name counts.
 */
export function parseEnvFile(text: string): Pick<EnvFile, 'values' | 'faults'> {
  const values = new Map<string, EnvFileValue>()
  const faults: EnvFileFault[] = []
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  let line = 1
  let at = 0
  while (at < source.length) {
    const entry = readEntry(source, at)
    if (entry.fault !== undefined) faults.push({ line, message: entry.fault })
    else if (entry.name !== undefined) values.set(entry.name, { value: entry.value, line })
    line += source.slice(at, entry.end).split('\n').length
    at = entry.end + 1
  }
  return { values, faults }
}

interface EnvEntry {
  /** Offset of the end of its last line. */
  readonly end: number
  readonly name?: string
  readonly value: string
  readonly fault?: string
}

function readEntry(source: string, at: number): EnvEntry {
  const line = matchAt(LINE, source, at)?.[0] ?? ''
  const end = at + line.length
  if (/^\s*(?:#|$)/.test(line)) return { end, value: '' }
  const fault = (message: string) => ({ end, value: '', fault: message })
  const head = matchAt(NAME, source, at)
  if (head === null) return fault('must be NAME=value, or a comment that begins with #.')
  const [matched, name = ''] = head
  const from = at + matched.length
  const rest = source.slice(from, end)
  if (line.includes('\0')) return fault(`${name} holds a NUL character, which no variable can.`)
  if (!/^[ \t]*['"`]/.test(rest)) {
    return { end, name, value: rest.replace(/[ \t]#.*$/, '').trim() }
  }
  const quoted = matchAt(QUOTED, source, from)
  if (quoted === null) return fault(`the value of ${name} has no closing quote.`)
  const [whole, single, backtick, double] = quoted
  const close = from + whole.length
  const more = matchAt(NOTHING_MORE, source, close)
  if (more === null) {
    return fault(`behind the closing quote of ${name} stands more; a quote ends at the next one.`)
  }
  const value = single ?? backtick ?? unescaped(double ?? '')
  return { end: close + more[0].length, name, value }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

/** `\n`, `\r`, `\t`, and `\"`, `\\`, `\$` and `` \` `` for the character itself; any other backslash stays. */
function unescaped(text: string): string {
  return text.replace(/\\([nrt"\\$`])/g, (_, code: string) => ESCAPES[code] ?? code)
}
