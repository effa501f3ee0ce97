import { showControls } from './foreign-text.ts'

/**
 * Returns a secret as it may be written: plain, in quotes such as JSON's, in HTML, in base64, in hexadecimal, and each of these
 * in a URL, also in one that is the parameter of another. Each once.
 */
export function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  const hex = bytes.toString('hex')
  const forms = [
    secret,
    showControls(secret),
    ...inQuotes(secret),
    // A document that quotes a document.
    ...inQuotes(secret).flatMap(inQuotes),
    ...inHtml(secret),
    hex,
    hex.toUpperCase(),
    ...inBase64(bytes),
  ]
  return [...new Set(forms.flatMap((form) => [form, ...inUrl(form)]))]
}

function inUrl(text: string): readonly string[] {
  if (/^[\w.-]*$/.test(text)) return []
  const wellFormed = text.toWellFormed()
  const component = encodeURIComponent(wellFormed)
  const form = new URLSearchParams([['', text]]).toString().slice(1)
  const once = [component, encodeURI(wellFormed), form, component.replace(/[!'()*]/g, percentOf)]
  return [...once, ...once.map(encodeURIComponent)].flatMap((encoded) => [
    encoded,
    encoded.replace(/%(?:25)*[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  ])
}

function percentOf(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

/**
 * As JSON has it, and as a program shows a text: backslashes and line ends are escaped and, of the quotes in it, those that also
 * stand around it, if any. Some write `/` as `\/`.
 */
function inQuotes(text: string): readonly string[] {
  const double = JSON.stringify(text).slice(1, -1)
  const none = double.replaceAll('\\"', '"')
  const single = none.replaceAll("'", "\\'")
  const backtick = none.replaceAll('`', '\\`')
  const quoted = [...new Set([double, none, single, backtick])]
  return quoted.flatMap((form) => [form, form.replaceAll('/', '\\/')])
}

function inHtml(text: string): readonly string[] {
  const html = Bun.escapeHTML(text)
  return [html, html.replaceAll('&#x27;', '&#39;')]
}

/**
 * By itself, and as a part of something longer, such as `user:password`: three bytes make four characters, so that what it
 * looks like depends on where it begins. Characters at its edges that hold bits of its neighbours are left out.
 */
function inBase64(bytes: Buffer): readonly string[] {
  const inside = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    const from = Math.ceil((offset * 8) / 6)
    return text.slice(from, Math.floor(((offset + bytes.length) * 8) / 6))
  })
  const whole = bytes.toString('base64')
  return [whole, whole.replace(/=+$/, ''), ...inside].flatMap((text) => [
    ...inQuotes(text),
    text.replaceAll('+', '-').replaceAll('/', '_'),
  ])
}
