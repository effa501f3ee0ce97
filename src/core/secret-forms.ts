import { showControls } from './foreign-text.ts'

/** Returns a secret as it may be written: plain, in a URL, in JSON, in HTML, in base64, in hexadecimal. Each once. */
export function formsOf(secret: string): readonly string[] {
  const json = inJson(secret)
  const bytes = Buffer.from(secret)
  const hex = bytes.toString('hex')
  return [
    ...new Set([
      secret,
      showControls(secret),
      ...inUrl(secret),
      json,
      // A document that quotes a document.
      inJson(json),
      inHtml(secret),
      hex,
      hex.toUpperCase(),
      ...inBase64(bytes),
    ]),
  ]
}

function inUrl(secret: string): readonly string[] {
  const component = encodeURIComponent(secret)
  const form = new URLSearchParams([['', secret]]).toString().slice(1)
  const forms = [component, encodeURI(secret), form, component.replace(/[!'()*]/g, percentOf)]
  return forms.flatMap((text) => [
    text,
    text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  ])
}

function percentOf(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function inHtml(text: string): string {
  return Bun.escapeHTML(text)
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
    text,
    text.replaceAll('+', '-').replaceAll('/', '_'),
  ])
}
