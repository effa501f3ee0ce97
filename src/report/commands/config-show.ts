import { Type } from 'typebox'
import { stringify } from 'yaml'
import { closed } from '../leaves.ts'
import type { Report } from '../report.ts'
import { paintOf, type Style } from '../terminal/style.ts'
import type { EffectiveConfig } from '../views.ts'

const Document = Type.Object(
  {
    config: Type.Unknown({ description: 'effective configuration, secrets redacted' }),
    origins: Type.Optional(
      Type.Array(
        Type.Object({ path: Type.String(), value: Type.Unknown(), origin: Type.String() }, closed),
        { description: 'with --origin: where each value came from' },
      ),
    ),
  },
  closed,
)

interface ShownConfig {
  readonly effective: EffectiveConfig
  /** Value by value, with where each came from. */
  readonly origin: boolean
}

export const configShowReport: Report<ShownConfig, typeof Document> = {
  id: 'crypto/config.show@1',
  schema: Document,
  json: ({ effective: { document, values }, origin }) => ({
    config: document,
    ...(origin && { origins: values.map(({ ...value }) => value) }),
  }),
  lines: ({ effective, origin }, style) =>
    origin
      ? originLines(effective, style)
      : stringify(effective.document, { lineWidth: style.width }).trimEnd().split('\n'),
}

/** Every value with where it came from; an origin that does not fit moves to a line of its own. */
function originLines(config: EffectiveConfig, style: Style): string[] {
  const paint = paintOf(style)
  const settings = config.values.map(({ path, value }) => `${path}: ${valueText(value)}`)
  const longest = Math.max(0, ...config.values.map(({ origin }) => origin.length))
  const widest = Math.max(0, ...settings.map((text) => Bun.stringWidth(text)))
  const room = Math.min(widest, style.width - longest - '  # '.length)
  return config.values.flatMap(({ origin }, i) => {
    const setting = settings[i] as string
    const pad = ' '.repeat(Math.max(0, room - Bun.stringWidth(setting)))
    const line = `${setting}${pad}  # ${origin}`
    const fits = Bun.stringWidth(line) <= style.width
    return fits
      ? [`${setting}${pad}  ${paint.dim(`# ${origin}`)}`]
      : [setting, paint.dim(`    # ${origin}`)]
  })
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
