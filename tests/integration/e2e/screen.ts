const ESCAPE = '\u001b'
const PARTS = new RegExp(
  `${ESCAPE}\\[(\\?)?([\\d;]*)([A-Za-z])|\\r|\\n|[^\\r\\n${ESCAPE}]+|${ESCAPE}`,
  'g',
)

/**
 * What a terminal shows after a stream of text: lines, without colours. It knows the sequences that our panel may use
 * and throws for any other, so that nothing unexpected passes as text.
 */
export class Screen {
  readonly #lines: string[] = ['']
  #row = 0
  #column = 0
  /** How often text was replaced by other text at the same place. */
  redraws = 0
  isCursorShown = true

  get lines(): readonly string[] {
    return this.#lines.map((line) => line.trimEnd())
  }

  write(text: string): void {
    for (const [part, isPrivate, args = '', final] of text.matchAll(PARTS)) {
      if (part === '\r') this.#column = 0
      else if (part === '\n') this.#moveTo(this.#row + 1)
      else if (final !== undefined) this.#control(isPrivate === '?', args, final)
      else if (part === ESCAPE)
        throw new Error(`an escape that is no control sequence in ${JSON.stringify(text)}`)
      else this.#print(part)
    }
  }

  #control(isPrivate: boolean, args: string, final: string): void {
    const count = args === '' ? 1 : Number(args)
    const name = `${isPrivate ? '?' : ''}${isPrivate ? args : ''}${final}`
    if (name === '?25l') this.isCursorShown = false
    else if (name === '?25h') this.isCursorShown = true
    else if (name === '?2026h' || name === '?2026l' || final === 'm') return
    else if (name === 'A') this.#moveTo(Math.max(0, this.#row - count))
    else if (name === 'B') this.#moveTo(this.#row + count)
    else if (name === 'G') this.#column = count - 1
    else if (name === 'K') this.#eraseLine(args)
    else if (name === 'J' && (args === '' || args === '0')) this.#eraseBelow()
    else throw new Error(`an unexpected control sequence: ${name} ${args}`)
  }

  #moveTo(row: number): void {
    while (this.#lines.length <= row) this.#lines.push('')
    this.#row = row
  }

  #eraseLine(args: string): void {
    const line = this.#lines[this.#row] as string
    if (args === '2' && line !== '') this.redraws++
    if (args === '1') throw new Error('erasing to the start of a line is not expected')
    this.#lines[this.#row] = args === '2' ? '' : line.slice(0, this.#column)
  }

  #eraseBelow(): void {
    this.#eraseLine('')
    this.#lines.length = this.#row + 1
  }

  #print(text: string): void {
    const line = (this.#lines[this.#row] as string).padEnd(this.#column)
    this.#lines[this.#row] =
      line.slice(0, this.#column) + text + line.slice(this.#column + text.length)
    this.#column += text.length
  }
}
