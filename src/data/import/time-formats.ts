/** How times are written in a column. */
export interface TimeFormat {
  readonly kind: 'epoch' | 'instant' | 'day'
  /** SQL of an ISO text or a number of the same time, for SQL of a text. */
  readonly sql: (text: string) => string
  /** Whether the day may stand before the month or behind it; `sql` takes the day first. */
  readonly isDayMonthOpen?: boolean
}

/** Fewer are no seconds since 1970 of any candle: a count, say. */
const EPOCH_MIN = 300_000_000

const NUMBER = /^-?\d+(\.\d*)?(e\+?\d+)?$/i
const DATES: readonly {
  readonly form: RegExp
  readonly sql: (text: string) => string
  readonly isDayMonthOpen?: boolean
}[] = [
  { form: /^\d{4}-\d{1,2}-\d{1,2}/, sql: (text) => text },
  {
    form: /^\d{4}([./])\d{1,2}\1\d{1,2}/,
    sql: replaced('^(\\d{4})[./](\\d{1,2})[./](\\d{1,2})', '\\1-\\2-\\3'),
  },
  {
    form: /^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?=\D|\d{6}$|$)/,
    sql: replaced('^(\\d{4})(\\d{2})(\\d{2})', '\\1-\\2-\\3 '),
  },
  { form: /^\d{1,2}([-./])\d{1,2}\1\d{4}/, sql: dayFirst, isDayMonthOpen: true },
  { form: /^\d{1,2}[- ][a-z]{3,9}[- ]\d{4}/i, sql: namedMonth('%d %b %Y', '%d %B %Y') },
  { form: /^[a-z]{3,9} \d{1,2},? \d{4}/i, sql: namedMonth('%b %d %Y', '%B %d %Y') },
]

const CLOCK = '\\d{1,2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?'
const ZONE = '\\s*(?:(?:GMT|UTC|Z)?[+-]\\d{2}(?::?\\d{2})?|GMT|UTC|Z)'
/** What may follow a date, and SQL that makes it a time of day as DuckDB knows it. */
const RESTS: readonly {
  readonly form: RegExp
  readonly sql: (text: string) => string
}[] = [
  { form: new RegExp(`^[ T,]+${CLOCK}(?:Z|[+-]\\d{2}(?::?\\d{2})?)?$`), sql: (text) => text },
  { form: new RegExp(`^[ T,]+${CLOCK}${ZONE}$`, 'i'), sql: plainZone },
  { form: new RegExp(`^[ T,]+${CLOCK}\\s*[AP]M$`, 'i'), sql: halfDay },
  { form: /^[ T]+\d{1,2}-[AP]M$/i, sql: halfDay },
  { form: /^[ T;,]*\d{6}$/, sql: replaced('[ T;,]*(\\d{2})(\\d{2})(\\d{2})$', ' \\1:\\2:\\3') },
  { form: /^[ T;,]+\d{4}$/, sql: replaced('[ T;,]+(\\d{2})(\\d{2})$', ' \\1:\\2') },
]

/** Tells how a text writes a time, or returns undefined when it is none that is known here. */
export function findTimeFormat(sample: string): TimeFormat | undefined {
  const text = sample.trim()
  for (const { form, sql, ...open } of DATES) {
    const [date] = form.exec(text) ?? []
    if (date === undefined) continue
    const rest = text.slice(date.length)
    const day = (raw: string) => sql(`trim(${raw})`)
    if (rest === '') return { kind: 'day', sql: day, ...open }
    const clock = RESTS.find((one) => one.form.test(rest))
    if (clock === undefined) continue
    return { kind: 'instant', sql: (raw) => clock.sql(day(raw)), ...open }
  }
  if (!NUMBER.test(text) || Number(text) < EPOCH_MIN) return undefined
  return { kind: 'epoch', sql: (raw) => raw }
}

/** Whether a text is a time of day. */
export function isClock(text: string): boolean {
  return new RegExp(
    `^(?:${CLOCK}(?:\\s*[AP]M)?|(?:[01]\\d|2[0-3])[0-5]\\d(?:[0-5]\\d)?)$`,
    'i',
  ).test(text.trim())
}

/** Whether a text says of which zone it is. */
export function hasZone(text: string): boolean {
  return new RegExp(`\\d${ZONE}$`, 'i').test(text.trim())
}

/** SQL of a date with its first two numbers swapped: of `1/3/2024` for `3/1/2024`. */
export function swapSql(text: string): string {
  return replaced('^\\s*(\\d{1,2})([-./])(\\d{1,2})', '\\3\\2\\1')(text)
}

function dayFirst(text: string): string {
  return replaced('^(\\d{1,2})[-./](\\d{1,2})[-./](\\d{4})', '\\3-\\2-\\1')(text)
}

function replaced(pattern: string, by: string): (text: string) => string {
  return (text) => `regexp_replace(${text}, '${pattern}', '${by}')`
}

function namedMonth(...formats: readonly string[]): (text: string) => string {
  const list = formats.map((format) => `'${format}'`).join(', ')
  return (text) => {
    const words = `regexp_replace(regexp_extract(${text}, '^(.*?\\d{4})', 1), '[-,]+ ?', ' ', 'g')`
    const rest = `regexp_extract(${text}, '^.*?\\d{4}(.*)$', 1)`
    return `strftime(try_strptime(${words}, [${list}]), '%Y-%m-%d') || ${rest}`
  }
}

function plainZone(text: string): string {
  const offset = replaced('\\s*(?:GMT|UTC|Z)?([+-]\\d{2}):?(\\d{2})?$', '\\1\\2')(text)
  return replaced('\\s*(?i:GMT|UTC|Z)$', '+00')(offset)
}

function halfDay(text: string): string {
  const formats = ['%I:%M:%S %p', '%I:%M %p', '%I:%M:%S%p', '%I:%M%p', '%I-%p']
  const list = formats.map((format) => `'%Y-%m-%d ${format}'`).join(', ')
  return `CAST(try_strptime(regexp_replace(${text}, '[T,]? ', ' '), [${list}]) AS VARCHAR)`
}
