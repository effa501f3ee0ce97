/** Returns ` (line 5)` for an error that came through this line of a file, else nothing. */
export function lineIn(error: unknown, path: string): string {
  const stack = error instanceof Error ? String(error.stack) : ''
  const frame = stack.split('\n').find((text) => /^\s+at /.test(text) && text.includes(`${path}:`))
  const line = frame === undefined ? undefined : /^\d+/.exec(frame.split(`${path}:`)[1] ?? '')?.[0]
  return line === undefined ? '' : ` (line ${line})`
}
