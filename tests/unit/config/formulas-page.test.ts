import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { problemsOf, sweepWith } from './support.ts'

const PAGE = readFileSync(join(import.meta.dir, '../../../docs/formulas.md'), 'utf8')

const cellsOf = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

/** The rows of the table under a heading. */
function tableUnder(heading: string): readonly (readonly string[])[] {
  const section = PAGE.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const lines = section.split('\n').filter((line) => line.startsWith('|'))
  return lines.slice(2).map(cellsOf)
}

function constraint(text: string): readonly string[] {
  return problemsOf(sweepWith(`params: { fast_period: [2, 10] }\nconstraints: ["${text}"]\n`))
}

describe('docs/formulas.md', () => {
  test('names mistakes that are refused, and what is accepted instead', () => {
    const rows = tableUnder('Comparisons that no value can decide')
    expect(rows.length).toBeGreaterThan(4)
    for (const [written = '', found = '', meant = ''] of rows) {
      const [problem = ''] = constraint(written.replaceAll('`', ''))
      expect(problem).toContain(found.split(':')[0] as string)
      const form = /`([^`]+)`/.exec(meant)?.[1]
      if (form === undefined) continue
      expect(problem).toContain(form)
      expect(constraint(form)).toEqual([])
    }
  })

  test('shows a sweep that is right', () => {
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(PAGE) ?? []
    expect(problemsOf(sweepWith(`params: { fast_period: [2, 10] }\n${example}`))).toEqual([])
    const inline = [...PAGE.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] as string)
    const counted = inline.find((text) => text.startsWith('(sharpe > 1) +')) as string
    expect(constraint(counted)).toEqual([])
    for (const text of [
      'not (sharpe < 1)',
      'sharpe == sharpe',
      'max_drawdown > max_drawdown - 1',
    ]) {
      expect(inline).toContain(text)
      expect(constraint(text)).toEqual([])
    }
  })
})
