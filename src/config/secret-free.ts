// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the notation of the configuration files
import { basename, join } from 'node:path'
import { readTextFile } from '../core/text-file.ts'
import { isSecretLike } from './secret-names.ts'
import type { Environment } from './substitute.ts'

/** Files whose schemas have secrets. */
export const SECRET_FILES = ['settings.yaml', 'exchanges.yaml']
/** Files whose schemas have no secret: there it can only be a reference, in a URL, or under a key that goes by its name. */
const OPEN_FILES = ['strategies.yaml', 'backtests.yaml', 'sweeps.yaml']

/** Short literals, like the password of a local database, are no secrets anywhere but at their own key. */
export const LITERAL_SECRET_MIN = 8

interface FilesToJudge {
  readonly dir: string
  /** The variables that may hold a secret which is not known yet. */
  readonly env: Environment
  readonly readFile?: (path: string) => string | undefined
}

/**
 * Returns whether the texts of the files tell that they hold no secret, not by a variable either. To parse them takes far longer, and
 * some commands do not need them. False for whatever is not written plainly.
 */
export function areSecretFree({ dir, env, readFile = readTextFile }: FilesToJudge): boolean {
  try {
    const texts = (names: readonly string[]) => names.map((name) => readFile(join(dir, name)) ?? '')
    return (
      texts(OPEN_FILES).every((text) => !MAY_BE_SECRET.test(text)) &&
      texts(SECRET_FILES).every((text) =>
        text.split(/\r?\n/).every((line) => isHarmless(line, env)),
      )
    )
  } catch {
    return false
  }
}

const MAY_BE_SECRET = /\$(?!schema=)|[@\\]|key|secret|pass|pwd|token|credential|private|mnemonic/i

/** Most files are told by their text to be without secrets, and are parsed only where they are used. */
export function holdsNoSecret(path: string, text: string): boolean {
  return OPEN_FILES.includes(basename(path)) && !MAY_BE_SECRET.test(text)
}

/** `key: value # comment`, each part of it if there is any. Quotes, lists, blocks and anchors are not plain. */
const LINE_CHARACTERS_MAX = 300
const LINE =
  /^ *(?:([\w-]+):(?: +([\w./:-]+|\$\{\w+(?::[\w./:-]*)?\}))?)? *(?:(?:^|(?<=\s))#(.*))?$/
const REFERENCE = /^\$\{(\w+):?(.*)\}$/

function isHarmless(line: string, env: Environment): boolean {
  if (line.length > LINE_CHARACTERS_MAX) return false
  const [isPlain, key, value, comment = ''] = LINE.exec(line) ?? []
  if (isPlain === undefined) return false
  // Who reads a file that does not parse also looks into comments.
  for (const [, name] of comment.matchAll(/\$\{?(\w+)/g)) if (env[name as string]) return false
  if (key === undefined) return true
  // Only the adapter knows what its options are.
  if (key === 'options') return false
  if (value === undefined) return !isSecretLike(key)
  const [, name = '', fallback = value] = REFERENCE.exec(value) ?? []
  const given = env[name] ?? ''
  if (isSecretLike(key)) return given === '' && fallback.length < LITERAL_SECRET_MIN
  // A URL may have a password inside.
  return !given.includes('@')
}
