/** Number and time formats of the terminal: independent of the machine's locale; `-` where not computable. */

export const NOT_COMPUTABLE = '-'

type Maybe = number | null | undefined

function isMissing(value: Maybe): value is null | undefined {
  return value === null || value === undefined || Number.isNaN(value)
}

function infinite(value: number): string {
  return value > 0 ? 'inf' : '-inf'
}

/** Inserts `,` between groups of three digits of the whole part. */
function groupThousands(fixed: string): string {
  const [whole = '', fraction] = fixed.split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

/** Returns `value` with `digits` decimals and thousands separators; zero never carries a sign. */
export function decimal(value: Maybe, digits = 2): string {
  if (isMissing(value)) return NOT_COMPUTABLE
  if (!Number.isFinite(value)) return infinite(value)
  const fixed = value.toFixed(digits)
  return groupThousands(Number(fixed) === 0 ? fixed.replace('-', '') : fixed)
}

/** A ratio as a percentage without forced sign: 0.413 is `41.3%`. */
export function percent(ratio: Maybe, digits = 1): string {
  if (isMissing(ratio)) return NOT_COMPUTABLE
  return `${decimal(ratio * 100, digits)}%`
}

/** A return: 0.612 is `+61.2%`. */
export function signedPercent(ratio: Maybe, digits = 1): string {
  const text = percent(ratio, digits)
  return !isMissing(ratio) && /[1-9]/.test(text) && ratio > 0 ? `+${text}` : text
}

/** Quote currency with two decimals: `16,120.43`. */
export function money(value: Maybe): string {
  return decimal(value, 2)
}

/** A whole number with separators: `17,544`. */
export function count(value: Maybe): string {
  return decimal(value, 0)
}

const SUFFIXES = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const

/** Three significant digits with a suffix: `12.4k`, `217M`, `1.20G`. */
export function rate(value: Maybe): string {
  if (isMissing(value)) return NOT_COMPUTABLE
  if (!Number.isFinite(value)) return infinite(value)
  const rounded = Number(value.toPrecision(3))
  const [unit, suffix] = SUFFIXES.find(([size]) => Math.abs(rounded) >= size) ?? [1, '']
  return `${threeDigits(rounded / unit)}${suffix}`
}

function threeDigits(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size >= 100) return value.toFixed(0)
  return value.toFixed(size >= 10 ? 1 : 2)
}

/** `412 ms`, `3.5 s`, `2 m 04 s`, `1 h 02 m`, `3 d 04 h`. */
export function duration(seconds: Maybe): string {
  if (isMissing(seconds)) return NOT_COMPUTABLE
  if (!Number.isFinite(seconds)) return infinite(seconds)
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return twoUnits(whole, 60, 'm', 's')
  if (whole < 86_400) return twoUnits(Math.round(whole / 60), 60, 'h', 'm')
  return twoUnits(Math.round(whole / 3600), 24, 'd', 'h')
}

function twoUnits(value: number, size: number, big: string, small: string): string {
  return `${Math.floor(value / size)} ${big} ${String(value % size).padStart(2, '0')} ${small}`
}

/** Decimal units, three significant digits: `142 MB`. */
export function bytes(value: Maybe): string {
  if (isMissing(value)) return NOT_COMPUTABLE
  const text = rate(value)
  const suffix = text.at(-1) as string
  if (!/[kMGT]/.test(suffix)) return `${text} B`
  return `${text.slice(0, -1)} ${suffix}B`
}

/** The UTC date, with the time when it is not midnight: `2024-01-01`, `2024-01-01 13:00`. */
export function instant(ms: Maybe): string {
  if (isMissing(ms) || !Number.isFinite(ms)) return NOT_COMPUTABLE
  const iso = new Date(ms).toISOString()
  return iso.slice(11, 16) === '00:00'
    ? iso.slice(0, 10)
    : `${iso.slice(0, 10)} ${iso.slice(11, 16)}`
}

/** A parameter value as a user would type it. */
export function paramValue(value: number): string {
  return String(Number(value.toPrecision(12)))
}

/** `1 hole`, `3 holes`: the count and the noun in the right number. */
export function plural(value: number, noun: string, nouns = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : nouns}`
}
