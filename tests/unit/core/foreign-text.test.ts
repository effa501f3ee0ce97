import { describe, expect, test } from 'bun:test'
import { excerpt, quoteForeign, showControls } from '../../../src/core/foreign-text.ts'

describe('showControls', () => {
  test.each([
    ['\u001b[2J\u001b]0;pwn\u0007 hello\nsecond', '␛[2J␛]0;pwn␇ hello␊second'],
    ['a\rb\u0000\u007f', 'a␍b␀␡'],
    ['\u009b2J \u202eevil\u2066 \u2028', '�2J �evil� �'],
    ['tab\tstays, as does ünï — ✓', 'tab\tstays, as does ünï — ✓'],
  ])('%j', (text, shown) => {
    expect(showControls(text)).toBe(shown)
  })
})

describe('quoteForeign', () => {
  test('quotes up to 200 characters and says the length of more', () => {
    const most = 'x'.repeat(200)
    expect(quoteForeign(`${most}\n`)).toBe(`'${most}'`)
    expect(quoteForeign(`${most}x`)).toBe('a text of 201 characters')
    expect(quoteForeign(`<!DOCTYPE html>${most}`)).toBe('an HTML page of 215 characters')
  })
})

test('a long text is cut where its whole length can still be said', () => {
  expect(excerpt('x'.repeat(500), 500)).toBe('x'.repeat(500))
  expect(excerpt('x'.repeat(1_000_000), 500)).toBe(`${'x'.repeat(500)}… (1000000 characters)`)
})
