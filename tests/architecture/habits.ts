import { codeOnly } from './code-text.ts'
import { filesOf, type SourceTree, scripts, type Violation } from './source-tree.ts'

interface Ban {
  readonly pattern: RegExp
  readonly remedy: string
}

const CLOCK = 'Take a clock as an argument; only src/cli reads the time.'
const EXACT =
  "Its bits depend on the JavaScript engine: multiply, or use the kernel's own compiled function."
const INEXACT_MATH =
  'exp expm1 log log1p log2 log10 pow sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh cbrt hypot'

const BANS: readonly Ban[] = [
  {
    pattern: /\b(?:process|Bun|import\.meta)\.env\b/g,
    remedy: 'Take the value as an argument; only src/cli reads the environment.',
  },
  {
    pattern: /\bprocess\.(?:exit|exitCode)\b/g,
    remedy: 'Throw a PlatformError; src/cli turns it into an exit code.',
  },
  { pattern: /\bDate\.now\b/g, remedy: CLOCK },
  { pattern: /\bnew Date(?:\(\s*\)|\b(?!\s*[(\w.]))/g, remedy: CLOCK },
  {
    pattern: /\bMath\.random\b|\bcrypto\.(?:randomUUID|getRandomValues)\b/g,
    remedy: 'Take a seeded generator as an argument: results must repeat.',
  },
  {
    pattern: new RegExp(`\\bMath\\.(?:${INEXACT_MATH.replaceAll(' ', '|')})\\b`, 'g'),
    remedy: EXACT,
  },
  // Powers of bigints are exact.
  { pattern: /(?<!\dn\s*)\*\*/g, remedy: EXACT },
  {
    pattern: /\bconsole\.\w+/g,
    remedy: 'Return the text or take a logger as an argument; only src/cli writes to the terminal.',
  },
]

/** Finds what only the command line may touch, and arithmetic that is not the same everywhere. */
export function findBannedGlobals(tree: SourceTree): readonly Violation[] {
  const bound = [...scripts(tree, 'src/', 'plugins/')].filter(
    // What stands around a plugin's code replaces the process's own functions.
    ([path]) => !path.startsWith('src/cli/') && !path.startsWith('src/app/plugins/'),
  )
  return bound.flatMap(([path, text]) => {
    const code = codeOnly(text)
    return BANS.flatMap(({ pattern, remedy }) =>
      [...code.matchAll(pattern)].map((match) => ({
        where: at(path, code, match.index),
        what: `'${match[0]}' outside src/cli.`,
        remedy,
      })),
    )
  })
}

const LINES_MAX = 400

export function findLongFiles(tree: SourceTree): readonly Violation[] {
  return [...scripts(tree, '')].flatMap(([path, text]) => {
    const lines = text.trimEnd().split('\n').length
    if (lines <= LINES_MAX) return []
    const what = `has ${lines} lines, more than ${LINES_MAX}.`
    return [{ where: path, what, remedy: 'Split it by concept.' }]
  })
}

/** Finds tests that keep all others from running. */
export function findFocusedTests(tree: SourceTree): readonly Violation[] {
  return [...scripts(tree, 'tests/')].flatMap(([path, text]) => {
    const code = codeOnly(text)
    return [...code.matchAll(/\b(?:test|it|describe)(?:\.\w+)*\.only\b/g)].map((match) => ({
      where: at(path, code, match.index),
      what: `'${match[0]}' keeps every other test from running.`,
      remedy: "Remove '.only'.",
    }))
  })
}

/** Put together here, so that this file does not contain what it looks for. */
const UNFINISHED = new RegExp(
  `\\b(?:${[
    'TO' + 'DO',
    'FIX' + 'ME',
    'X' + 'XX',
    'st' + 'ub(?:s|bed)?',
    'not (?:yet )?imple' + 'mented',
    'unimple' + 'mented',
    'for n' + 'ow',
  ].join('|')})\\b`,
  'gi',
)

/** Finds words, in code and comments, that say the work is not finished. */
export function findUnfinishedWork(tree: SourceTree): readonly Violation[] {
  const folders = ['src/', 'plugins/', 'bench/', 'tests/', 'core-wasm/', 'migrations/']
  const texts = ['.ts', '.rs', '.sql'].flatMap((extension) => [
    ...filesOf(tree, extension, folders),
  ])
  return texts.flatMap(([path, text]) =>
    [...text.matchAll(UNFINISHED)].map((match) => ({
      where: at(path, text, match.index),
      what: `'${match[0]}' says that something is not finished.`,
      remedy: 'Finish it, or describe the limit as a fact.',
    })),
  )
}

function at(path: string, text: string, index: number): string {
  return `${path}:${text.slice(0, index).split('\n').length}`
}
