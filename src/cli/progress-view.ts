import { createLogUpdate } from 'log-update'
import { harmless, type Style } from '../report/terminal/style.ts'
import type { Output } from './output.ts'

/** How far a piece of work is. */
export interface Progress {
  readonly done: number
  readonly total: number
}

/** Shows how work gets on, on stderr. */
export interface ProgressView<T> {
  readonly update: (progress: T) => void
  /** Removes the panel; the result takes its place. */
  end(): void
}

export interface ProgressShape<T> {
  /** The panel that redraws in place, for all that is under way. */
  readonly panel: (latest: readonly T[], style: Style) => readonly string[]
  /** One line for a pipe and the log. */
  readonly line: (progress: T, style: Style) => string
  /** Tells pieces of work that run side by side apart; left out, there is one. */
  readonly keyOf?: (progress: T) => string
}

const REDRAW_EVERY_MS = 100
const PLAIN_EVERY_MS = 10_000
const PLAIN_STEPS = 10

/** A panel that redraws in place on a terminal; elsewhere one line per 10 % or 10 s of each piece of work. */
export function createProgressView<T extends Progress>(
  output: Output,
  shape: ProgressShape<T>,
): ProgressView<T> {
  return output.canRedraw ? createPanel(output, shape) : createPlainLines(output, shape)
}

function createPanel<T extends Progress>(output: Output, shape: ProgressShape<T>): ProgressView<T> {
  const draw = createLogUpdate(output.messageStream)
  const isStep = createSteppers(output, shape)
  const latest = new Map<string, T>()
  let drawnAt = Number.NEGATIVE_INFINITY
  const redraw = () => {
    if (latest.size === 0) return
    const style = output.messageStyle
    const lines = shape.panel([...latest.values()], style)
    draw(lines.map((line) => harmless(line, style)).join('\n'))
  }
  output.attachPanel({ clear: () => draw.clear(), redraw })
  return {
    update(progress) {
      latest.set(shape.keyOf?.(progress) ?? '', progress)
      if (isStep(progress)) output.log('INFO', shape.line(progress, output.messageStyle))
      const isDue = output.elapsed() - drawnAt >= REDRAW_EVERY_MS
      if (!isDue && progress.done < progress.total) return
      drawnAt = output.elapsed()
      redraw()
    },
    end() {
      output.attachPanel(undefined)
      draw.clear()
      draw.done()
    },
  }
}

function createPlainLines<T extends Progress>(
  output: Output,
  shape: ProgressShape<T>,
): ProgressView<T> {
  const isStep = createSteppers(output, shape)
  return {
    update: (progress) => {
      if (isStep(progress)) void output.note(shape.line(progress, output.messageStyle))
    },
    end: () => {},
  }
}

/** Returns a function that is true once per tenth of each piece of work, or after ten seconds without one. */
function createSteppers<T extends Progress>(
  output: Output,
  { keyOf }: ProgressShape<T>,
): (progress: T) => boolean {
  const startedAt = output.elapsed()
  const said = new Map<string, { readonly step: number; readonly at: number }>()
  return (progress) => {
    const { done, total } = progress
    const key = keyOf?.(progress) ?? ''
    const last = said.get(key) ?? { step: 0, at: startedAt }
    const step = total === 0 ? PLAIN_STEPS : Math.floor((done / total) * PLAIN_STEPS)
    const now = output.elapsed()
    if (step <= last.step && now - last.at < PLAIN_EVERY_MS) return false
    said.set(key, { step, at: now })
    return true
  }
}
