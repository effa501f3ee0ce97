/** Control characters and those that turn the direction of text: a terminal must not get them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** Replaces each control character but the tab by one that shows: ESC by `␛`, a line end by `␊`. */
export function showControls(text: string): string {
  return text.replace(CONTROL, (character) => {
    const code = character.charCodeAt(0)
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '␡' : '�'
  })
}

/** Returns a text of our own that quotes others, cut where it is long. Mask secrets before: a cut one is not recognised. */
export function excerpt(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text
  return `${text.slice(0, charsMax).toWellFormed()}… (${text.length} characters)`
}

const QUOTED_MAX = 200

/**
 * Returns a text that somebody else sent, as a message of ours quotes it: as a whole and in quotes, or, above 200 characters,
 * only how long it is. It may repeat a request with its secrets, which are masked by their value when the message is printed:
 * one that a cut went through would not be recognised.
 */
export function quoteForeign(text: string): string {
  const said = text.replace(/[\r\n]+$/, '')
  if (said.length <= QUOTED_MAX) return `'${showControls(said)}'`
  const kind = /^\s*<(?:!doctype|html)/i.test(said) ? 'an HTML page' : 'a text'
  return `${kind} of ${said.length} characters`
}
