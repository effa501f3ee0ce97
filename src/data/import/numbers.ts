import { DataError } from '../../core/errors.ts'
import type { FileColumn } from './match-columns.ts'

const GROUPED = /^[-+]?\d{1,3}(?:([,.'’ \u00a0\u202f])\d{3})(?:\1\d{3})*(?:[.,]\d+)?$/
const COMMA = /^[-+]?\d*,\d+$/
const POINT = /\./

/** How the numbers of a file are written. */
export interface NumberFormat {
  readonly hasDecimalComma: boolean
}

/**
 * Tells by the first rows whether numbers have a comma in place of the point.
 * @param samples of the columns of prices and volume, as texts
 * @throws DataError `IMPORT_NUMBERS` for thousands that are set apart
 */
export function findNumberFormat(
  file: string,
  columns: readonly FileColumn[],
  samples: readonly (readonly (string | null)[])[],
): NumberFormat {
  const texts = columns.flatMap(({ type, name }, i) =>
    type === 'VARCHAR'
      ? (samples[i] ?? []).map((text) => ({ name, text: text?.trim() ?? '' }))
      : [],
  )
  const commas = texts.filter(({ text }) => COMMA.test(text))
  const hasDecimalComma =
    // Three digits behind every comma are thousands as well as decimals.
    commas.some(({ text }) => !GROUPED.test(text)) && !texts.some(({ text }) => POINT.test(text))
  const grouped = texts.find(
    ({ text }) => GROUPED.test(text) && !isPlain(text) && !(hasDecimalComma && COMMA.test(text)),
  )
  if (grouped === undefined) return { hasDecimalComma }
  throw new DataError(
    'IMPORT_NUMBERS',
    `${file}: nothing was imported. '${grouped.name}' has ${grouped.text}: thousands that are set apart are not read, because the same text may be a decimal. Export the numbers without them, such as 42280.5.`,
    { context: { file, column: grouped.name } },
  )
}

/** `42.280` is a number with a point. */
function isPlain(text: string): boolean {
  return /^[-+]?\d+\.\d+$/.test(text)
}

/** SQL of a double for SQL of what the file has; NULL where that is no number. */
export function numberSql({ hasDecimalComma }: NumberFormat, raw: string): string {
  if (!hasDecimalComma) return `TRY_CAST(${raw} AS DOUBLE)`
  const text = `CAST(${raw} AS VARCHAR)`
  return `CASE WHEN contains(${text}, '.') THEN NULL ELSE TRY_CAST(replace(${text}, ',', '.') AS DOUBLE) END`
}
