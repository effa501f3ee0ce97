import { createLogUpdate } from 'log-update'
import type { SweepProgress } from '../backtesting/results.ts'
import { panelLines, plainProgressLine } from '../report/terminal/sweep.ts'
import type { Output } from './output.ts'

/** Shows how a sweep gets on. */
export interface SweepProgressView {
  readonly update: (progress: SweepProgress) => void
  /** Removes the panel; the result takes its place. */
  end(): void
}

const REDRAW_EVERY_MS = 100
const PLAIN_EVERY_MS = 10_000
const PLAIN_STEPS = 10

/** A panel that redraws in place on a terminal; elsewhere one line per 10 % or 10 s. */
export function createSweepProgress(output: Output): SweepProgressView {
  return output.canRedraw ? createPanel(output) : createPlainLines(output)
}

function createPanel(output: Output): SweepProgressView {
  const draw = createLogUpdate(output.messageStream)
  const logSteps = createStepper(output)
  let latest: SweepProgress | undefined
  let drawnAt = Number.NEGATIVE_INFINITY
  const redraw = () => {
    if (latest !== undefined) draw(panelLines(latest, output.messageStyle).join('\n'))
  }
  output.attachPanel({ clear: () => draw.clear(), redraw })
  return {
    update(progress) {
      latest = progress
      if (logSteps(progress)) output.log('INFO', plainProgressLine(progress, output.messageStyle))
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

function createPlainLines(output: Output): SweepProgressView {
  const isDue = createStepper(output)
  return {
    update: (progress) => {
      if (isDue(progress)) void output.note(plainProgressLine(progress, output.messageStyle))
    },
    end: () => {},
  }
}

/** Returns a function that is true once per tenth of the work, or after ten seconds without one. */
function createStepper(output: Output): (progress: SweepProgress) => boolean {
  let step = 0
  let saidAt = output.elapsed()
  return ({ done, total }) => {
    const reached = total === 0 ? PLAIN_STEPS : Math.floor((done / total) * PLAIN_STEPS)
    if (reached <= step && output.elapsed() - saidAt < PLAIN_EVERY_MS) return false
    step = reached
    saidAt = output.elapsed()
    return true
  }
}
