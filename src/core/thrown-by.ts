/** A frame of a stack, but for those of the runtime itself. */
const FRAME = /^\s+at (?!.*\((?:native|node:|internal:|bun:)[^)]*\)$)(?!<anonymous>$)(.*\/.*)$/m

/** Whether an error was thrown by the code of a package, and not by ours that it was given to. */
export function isThrownBy(error: unknown, packages: RegExp): boolean {
  const frame = error instanceof Error ? FRAME.exec(error.stack ?? '')?.[1] : undefined
  const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(frame ?? '')?.[1]
  return name !== undefined && packages.test(name)
}

/** The driver of PostgreSQL: it throws by itself on bytes that no sound server sends. */
export function isThrownByDriver(error: unknown): boolean {
  return isThrownBy(error, /^pg(?:-protocol|-types|-pool)?$/)
}
