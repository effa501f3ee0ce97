import { describe, expect, test } from 'bun:test'
import { sparkline } from '../../../../src/report/terminal/sparkline.ts'
import { clip, PLAIN, wrap, wrapCommand } from '../../../../src/report/terminal/style.ts'
import { renderTable, wrapLastColumn } from '../../../../src/report/terminal/table.ts'

const at = (width: number) => ({ ...PLAIN, width })

const TABLE = {
  columns: [
    { title: 'Name', lastResort: 6 },
    { title: 'Less', priority: 1 },
    { title: 'More', align: 'right', priority: 2 },
  ],
  rows: [
    ['a-long-name', 'x'.repeat(10), '1.25'],
    ['b', 'y', '-10.00'],
  ],
} as const

describe('renderTable', () => {
  test('aligns columns and rules off the titles', () => {
    expect(renderTable(TABLE, at(80))).toEqual([
      ' Name         Less          More',
      ' ───────────  ──────────  ──────',
      ' a-long-name  xxxxxxxxxx    1.25',
      ' b            y           -10.00',
    ])
  })

  test('drops the least important column first', () => {
    expect(renderTable(TABLE, at(31))[0]).toBe(' Name           More')
    expect(renderTable(TABLE, at(19))[0]).toBe(' Name')
  })

  test('cuts a name only when nothing is left to drop', () => {
    expect(renderTable(TABLE, at(8))).toEqual([' Name', ' ───────', ' a-long…', ' b'])
  })

  test('draws with ASCII alone where the locale is not UTF-8', () => {
    const lines = renderTable(TABLE, { ...at(8), unicode: false }).join('\n')
    expect(lines).toMatch(/^[\x20-\x7e\n]+$/)
    expect(lines).toContain('a-long~')
  })

  test('measures colour as nothing', () => {
    const rows = [['\u001b[31mred\u001b[39m', '', '']]
    expect(renderTable({ ...TABLE, rows }, at(80))[2]).toBe(' \u001b[31mred\u001b[39m')
  })

  test('wraps texts of the last column instead of cutting them', () => {
    const columns = [{ title: 'Key' }, { title: 'Meaning' }]
    const table = wrapLastColumn({ columns, rows: [['k', 'one two three four five']] }, at(20))
    expect(renderTable(table, at(20))).toEqual([
      ' Key  Meaning',
      ' ───  ─────────────',
      ' k    one two three',
      '      four five',
    ])
  })
})

describe('text', () => {
  test('wraps at blanks and keeps the indent of the first line', () => {
    expect(wrap('  aa bb cc', 7, '    ')).toEqual(['  aa bb', '    cc'])
  })

  test('leaves a word that is too long alone', () => {
    expect(wrap('x '.repeat(2) + 'y'.repeat(20), 5)).toEqual(['x x', 'y'.repeat(20)])
  })

  test('clips to the width and says so', () => {
    expect(clip('abcdef', 4, PLAIN)).toBe('abc…')
    expect(clip('abcd', 4, PLAIN)).toBe('abcd')
  })

  test('breaks a command so that it can still be copied', () => {
    const lines = wrapCommand('next: ', ['crypto run', '--sweep s', '--set a=1 b=2'], 30)
    expect(lines).toEqual(['next: crypto run --sweep s \\', '        --set a=1 b=2'])
    const joined = lines
      .join('\n')
      .replace('next: ', '')
      .replace(/ \\\n\s+/g, ' ')
    expect(joined).toBe('crypto run --sweep s --set a=1 b=2')
  })

  test('breaks up a group of words that is too long for a line', () => {
    const lines = wrapCommand('', ['x', `--set ${'name=1 '.repeat(8).trim()}`], 30)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(30)
    expect(lines.join('\n').replace(/ \\\n\s+/g, ' ')).toBe(`x --set ${'name=1 '.repeat(8).trim()}`)
  })
})

describe('sparkline', () => {
  test('spans from the lowest to the highest block', () => {
    expect(sparkline([1, 2, 3], 10, PLAIN)).toBe('▁▅█')
  })

  test('draws a flat curve low, and nothing of nothing', () => {
    expect(sparkline([5, 5], 10, PLAIN)).toBe('▁▁')
    expect(sparkline([], 10, PLAIN)).toBe('')
  })

  test('thins long curves and keeps both ends', () => {
    const line = sparkline([9, ...Array(100).fill(5), 1], 10, PLAIN)
    expect(line).toHaveLength(10)
    expect(line.startsWith('█')).toBe(true)
    expect(line.endsWith('▁')).toBe(true)
  })

  test('uses ASCII where the locale asks for it', () => {
    expect(sparkline([1, 2, 3], 10, { ...PLAIN, unicode: false })).toMatch(/^[\x20-\x7e]{3}$/)
  })
})
