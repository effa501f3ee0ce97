/** The first frame of a stack, behind a message of any number of lines. */
const FIRST_FRAME = /^[^\n]*(?:\n(?!\s+at )[^\n]*)*\n\s+at ([^\n]*)/

/** Whether an error was thrown by the code of a package, and not by ours that it was given to. */
export function isThrownBy(error: unknown, packages: RegExp): boolean {
  const stack = error instanceof Error ? error.stack : undefined
  const frame = FIRST_FRAME.exec(stack ?? '')?.[1] ?? ''
  const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(frame)?.[1]
  return name !== undefined && packages.test(name)
}

/** The driver of PostgreSQL: it throws by itself on bytes that no sound server sends. */
export function isThrownByDriver(error: unknown): boolean {
  return isThrownBy(error, /^pg(?:-protocol|-types|-pool)?$/)
}
