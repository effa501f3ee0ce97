/** Pads the cells of every table to the widest of their column, as the formatter of the repository does. */
export function alignTables(page: string): string {
  return page.replace(/(?:^\|.*\|\n)+/gm, (table) => {
    const rows = table.trimEnd().split('\n').map(cellsOf)
    const widths = (rows[0] ?? []).map((_, i) =>
      Math.max(...rows.map((cells) => Bun.stringWidth(cells[i] ?? ''))),
    )
    return rows
      .map((cells) => `| ${cells.map((cell, i) => padCell(cell, widths[i] ?? 0)).join(' | ')} |\n`)
      .join('')
  })
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim())
}

function padCell(cell: string, width: number): string {
  return cell === '---' ? '-'.repeat(width) : cell + ' '.repeat(width - Bun.stringWidth(cell))
}
