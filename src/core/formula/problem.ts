import { ConfigError } from '../errors.ts'

/** The part of a formula's text that a message is about. */
export interface Span {
  readonly offset: number
  readonly length: number
}

export type FormulaErrorCode = 'FORMULA_SYNTAX' | 'FORMULA_UNKNOWN_NAME'

/**
 * Builds the error for one place of a formula: the message, then the line of the text with a caret under the place.
 * `context.offset` and `context.length` let a caller that knows where the text stands point into its file.
 */
export function formulaError(
  code: FormulaErrorCode,
  message: string,
  text: string,
  { offset, length }: Span,
): ConfigError {
  return new ConfigError(code, `${message}\n${caretFrame(text, { offset, length })}`, {
    context: { formula: text, offset, length },
  })
}

function caretFrame(text: string, { offset, length }: Span): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const newline = text.indexOf('\n', offset)
  const line = text.slice(start, newline === -1 ? text.length : newline).replaceAll('\t', ' ')
  const carets = Math.max(1, Math.min(length, line.length - (offset - start)))
  return `  ${line}\n  ${' '.repeat(offset - start)}${'^'.repeat(carets)}`
}
