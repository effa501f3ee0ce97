import type { Runtime, SignalName } from './runtime.ts'

/** One Ctrl-C can arrive as two signals (terminal and parent); repeats within this time are the same keystroke. */
export const SAME_KEYSTROKE_MS = 300

const EXIT_CODES: Readonly<Record<SignalName, number>> = { SIGINT: 130, SIGTERM: 143 }

/** Asks running work to stop at the first signal and ends the process at the second. */
export interface Interrupts {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal
  /** 130 or 143 once a signal came. */
  exitCode(): number | undefined
  /** Stops listening. */
  dispose(): void
}

/** @param onFirst called once, for the message to the user */
export function createInterrupts(
  runtime: Pick<Runtime, 'elapsed' | 'onSignal' | 'quit'>,
  onFirst: (name: SignalName) => void,
): Interrupts {
  const controller = new AbortController()
  let first: { readonly name: SignalName; readonly atMs: number } | undefined

  const receive = (name: SignalName) => () => {
    if (first === undefined) {
      first = { name, atMs: runtime.elapsed() }
      onFirst(name)
      controller.abort(new DOMException(`Stopped by ${name}.`, 'AbortError'))
      return
    }
    if (runtime.elapsed() - first.atMs >= SAME_KEYSTROKE_MS) runtime.quit(EXIT_CODES[name])
  }

  const stop = (['SIGINT', 'SIGTERM'] as const).map((name) => runtime.onSignal(name, receive(name)))
  return {
    signal: controller.signal,
    exitCode: () => (first === undefined ? undefined : EXIT_CODES[first.name]),
    dispose: () => {
      for (const off of stop) off()
    },
  }
}
